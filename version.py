"""The version number: the only place where it is written.  `setup.py` reads it."""

version = "1.0.0"
