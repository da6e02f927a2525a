"""A small file that only its owner can read, changed in one piece by one process at a time.

Knows permissions, locks and where the platform keeps configurations.  Does not know what is in
the file.
"""

from __future__ import annotations

import errno
import ntpath
import os
import posixpath
import shlex
import stat
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from .exceptions import TokenStoreError

__all__ = ["PrivateFile", "configuration_folder"]

_OTHERS = 0o077
_SAFELY = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_AT_ONCE = getattr(os, "O_NONBLOCK", 0)  # a pipe in its place would be waited for


def configuration_folder(platform: str, environ: Mapping[str, str], home: str) -> str:
    """Return where this package keeps its settings.

    Args:
        platform: as `sys.platform`.
        environ: the environment.
        home: the user's home directory.

    >>> configuration_folder("linux", {}, "/home/me")
    '/home/me/.config/iotile_cloud'
    >>> configuration_folder("darwin", {}, "/Users/me")
    '/Users/me/Library/Application Support/iotile_cloud'
    """
    if platform == "win32":
        base = environ.get("APPDATA", "")
        if not ntpath.isabs(base):
            base = ntpath.join(home, "AppData", "Roaming")
        return ntpath.join(base, "iotile_cloud")
    base = environ.get("XDG_CONFIG_HOME", "")
    if not posixpath.isabs(base):  # by its specification, others are to be ignored
        parts = ("Library", "Application Support") if platform == "darwin" else (".config",)
        base = posixpath.join(home, *parts)
    return posixpath.join(base, "iotile_cloud")


class PrivateFile:
    """Reads and replaces one file that is nobody else's business.

    Every method raises `TokenStoreError` when the file is not as private as it must be, or when
    the system refuses.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> bytes | None:
        """Return the content; None when there is no such file."""
        with _told(self.path):
            try:
                handle = os.open(self.path, os.O_RDONLY | _SAFELY | _AT_ONCE)
            except FileNotFoundError:
                return None
            with os.fdopen(handle, "rb") as file:
                self._check(os.fstat(handle))
                return file.read()

    def write(self, content: bytes) -> None:
        """Replace the content in one step; call it within `locked`."""
        beside = self.path.with_name(f"{self.path.name}.new")
        with _told(beside):
            beside.unlink(missing_ok=True)  # left by a process that was killed
            # Made with the mode that it keeps: others cannot read it at any moment.
            handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _SAFELY, 0o600)
            with os.fdopen(handle, "wb") as file:
                if hasattr(os, "fchmod"):
                    os.fchmod(handle, 0o600)  # a strict umask could keep the owner out, too
                file.write(content)
                file.flush()
                os.fsync(handle)
            _replace(beside, self.path)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes and threads from changing the file meanwhile."""
        lock = self.path.with_name(f"{self.path.name}.lock")
        with _told(lock):
            _make_folder(self.path.parent)
            handle = os.open(lock, os.O_RDWR | os.O_CREAT | _SAFELY, 0o600)
        try:
            with _told(lock):
                _lock(handle)
            yield
        finally:
            # To close is not enough: a process forked meanwhile has it open, too.
            with suppress(OSError):
                _unlock(handle)
            os.close(handle)

    def _check(self, status: os.stat_result) -> None:
        if not stat.S_ISREG(status.st_mode):
            raise TokenStoreError(f"{self.path} is no ordinary file; move it away")
        if sys.platform == "win32":
            return  # its permissions are those of the user's own folder
        quoted = shlex.quote(str(self.path))
        if status.st_uid != os.geteuid():
            raise TokenStoreError(
                f"{self.path} belongs to another user (number {status.st_uid}) and is not read; "
                f"if it is yours: chown {os.geteuid()} {quoted}"
            )
        if status.st_mode & _OTHERS:
            raise TokenStoreError(
                f"{self.path} holds tokens, but others may read or change it "
                f"(mode {stat.S_IMODE(status.st_mode):04o}); mend it: chmod 600 {quoted}"
            )


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Turn what the system says into an error that names the file."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.EMLINK):
            raise TokenStoreError(f"{path} is a link; tokens are kept in a plain file") from error
        raise TokenStoreError(f"{path}: {error.strerror or error}") from error


def _make_folder(folder: Path) -> None:
    """Make a folder and those above it, all of them for the owner alone."""
    if folder.parts[:1] == ("~",):  # not even the system's list of users knows where that is
        raise TokenStoreError("no home directory is known to keep tokens in; set HOME")
    for missing in [one for one in (*reversed(folder.parents), folder) if not one.exists()]:
        try:
            os.mkdir(missing, 0o700)
        except FileExistsError:  # another process was faster
            continue


def _replace(beside: Path, path: Path) -> None:
    for _ in range(20 if sys.platform == "win32" else 0):
        try:
            os.replace(beside, path)
            return
        except PermissionError:  # there, somebody who reads it just now keeps it in place
            time.sleep(0.05)
    os.replace(beside, path)


if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_LOCK, 1)

    def _unlock(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX)

    def _unlock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_UN)
