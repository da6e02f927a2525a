"""Ends a script at once, in one line, on a Python that is too old for this project.

The scripts import this first.  This file and they are written so that any Python can read them,
2.7 too: no annotations, no f-strings.
"""

import sys

if sys.version_info < (3, 9):  # noqa: UP036  the whole purpose
    sys.exit("This needs Python 3.9 or later; this is Python " + sys.version.split()[0])
