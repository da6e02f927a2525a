"""Floor 2: HTTP and the conventions of the server.  Knows nothing of streams or scripts."""
