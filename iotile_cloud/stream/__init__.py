"""Floor 3: time series and reports over them.  Knows nothing of sockets or terminals."""
