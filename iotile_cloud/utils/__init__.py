"""Floor 1 values (`gid`, `mdo`, `basic`) and, on floor 4, the base of scripts (`main`)."""
