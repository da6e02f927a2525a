"""What the cloud remembers: records, readings and events in one SQLite database."""
