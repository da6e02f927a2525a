"""Floor 1: the report formats in which devices hand over readings.  Knows nothing of HTTP."""
