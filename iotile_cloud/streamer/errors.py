"""What can be wrong with a device report: one class each, below one base.

Messages say what is wrong, where, and what would be right; never a key.  Knows no format.
"""

from __future__ import annotations

__all__ = [
    "CountError",
    "FieldError",
    "FlagsError",
    "FormatError",
    "HashError",
    "IdsError",
    "KeyMissingError",
    "LengthError",
    "ReportError",
    "SignatureError",
    "TrailingBytesError",
    "Verdict",
]


class ReportError(ValueError):
    """The bytes are not a report that can be read; the message says what is wrong and where."""


class FormatError(ReportError):
    """It is no report, or one of another format."""


class LengthError(ReportError):
    """The report is cut short."""


class TrailingBytesError(ReportError):
    """There are bytes after the end of the report."""


class CountError(ReportError):
    """The length leaves a part of a reading, or is not what the format has room for."""


class FlagsError(ReportError):
    """The report is signed in a way that is not known."""


class HashError(ReportError):
    """The hash does not fit the content: the report was damaged on its way."""


class KeyMissingError(ReportError):
    """The report is signed with a key that was not given, or that has not 32 bytes."""


class SignatureError(ReportError):
    """The signature does not fit: the report is damaged, or the key is not that of the device."""


class IdsError(ReportError):
    """The lowest and the highest id of the report are not those of its readings."""


class FieldError(ReportError):
    """A field is missing, of the wrong kind or out of its range."""


class Verdict:
    """What the checks of one report found: the first flaw is raised, or remembered as `flaw`."""

    def __init__(self, verify: bool) -> None:
        self._verify, self.flaw = verify, ""

    def add(self, error: ReportError | None) -> None:
        """Take what a check found; None is nothing."""
        if error is None or self.flaw:
            return
        if self._verify:
            raise error
        self.flaw = str(error)
