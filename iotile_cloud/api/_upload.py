"""Multipart bodies that are streamed from a file, with known length and flat memory.

Knows files and the multipart format.  Does not know where the body goes.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any, Union

from urllib3.filepost import choose_boundary, encode_multipart_formdata

from ._encode import pairs

__all__ = ["FileLike", "MultipartFile", "multipart"]

SMALL = 1 << 20  # bytes up to which a body is sent in one piece
FileLike = Union[IO[bytes], IO[str], tuple[Any, ...]]
"""An open file, or a pair (file name, open file), to which a content type may be added."""


@contextmanager
def multipart(
    file: FileLike, fields: Mapping[str, Any] | None
) -> Iterator[tuple[bytes | MultipartFile, str]]:
    """Make the body that carries `file` in the field `file`, good within the block, and its type.

    Args:
        file: is sent from where it stands to its end, under its own base name: the server
            chooses its parser by the extension.  A file without a name is called `file`.
        fields: further form fields; values become text as in a query.

    Raises:
        TypeError: `file` cannot be read.
    """
    name, source, *kind = file if isinstance(file, tuple) else (_name_of(file), file)
    if isinstance(source, bytes):  # but not text, which may as well be meant for a path
        source = io.BytesIO(source)
    if len(kind) > 1 or not all(re.fullmatch(r"[\x20-\x7e]+", str(one)) for one in kind):
        raise TypeError("behind the name and the open file only a content type may stand")
    if not hasattr(source, "read"):
        raise TypeError(f"an open file or a pair (name, open file) is needed, not {source!r}")
    boundary = choose_boundary()
    parts: list[Any] = [*pairs(fields), ("file", (str(name), b"", *kind))]
    # A form with an empty file, of which all but the end stands before the file's content.
    frame, content_type = encode_multipart_formdata(parts, boundary)
    tail = f"\r\n--{boundary}--\r\n".encode("ascii")
    with _seekable(_binary(source)) as binary:
        body = MultipartFile(frame[: -len(tail)], binary, tail)
        yield (body.read() if len(body) <= SMALL else body), content_type


def _name_of(file: Any) -> str:
    name = getattr(file, "name", None)
    if isinstance(name, bytes):
        name = os.fsdecode(name)
    if isinstance(name, str) and name and not (name.startswith("<") and name.endswith(">")):
        return os.path.basename(name)
    return "file"


def _binary(file: Any) -> Any:
    """A file opened as text is sent as the bytes that it has on the disk."""
    if not isinstance(file, io.TextIOBase):
        return file
    buffer = getattr(file, "buffer", None)
    if buffer is None:
        return io.BytesIO(file.read().encode("utf-8"))
    if file.seekable():
        file.seek(file.tell())  # brings the buffer to where the text stands
    return buffer


@contextmanager
def _seekable(file: Any) -> Iterator[Any]:
    """A pipe has no length: it is written to a temporary file first."""
    if _seeks(file):
        yield file
        return
    with tempfile.SpooledTemporaryFile(max_size=SMALL) as spool:
        shutil.copyfileobj(file, spool)
        spool.seek(0)
        yield spool


def _seeks(file: Any) -> bool:
    try:
        file.seek(file.tell())
    except (AttributeError, OSError):
        return False
    return True


class MultipartFile:
    """A file between a head and a tail, readable and rewindable as one file of known length."""

    def __init__(self, head: bytes, file: IO[bytes], tail: bytes) -> None:
        self._head, self._file, self._tail = head, file, tail
        self._start = file.tell()
        self._size = file.seek(0, os.SEEK_END) - self._start
        self.seek(0)

    def __len__(self) -> int:
        return len(self._head) + self._size + len(self._tail)

    def __iter__(self) -> Iterator[bytes]:
        # requests streams what can be iterated over; what it calls is read().
        return iter(lambda: self.read(SMALL), b"")

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        if whence != os.SEEK_SET or offset != 0:
            raise io.UnsupportedOperation("an upload can only be rewound to its beginning")
        self._file.seek(self._start)
        self._at = 0
        return 0

    def read(self, size: int = -1) -> bytes:
        """Return up to `size` bytes, all that remain by default.

        Raises:
            OSError: the file has become shorter since the upload began.
        """
        wanted = len(self) - self._at if size is None or size < 0 else size
        parts = []
        while wanted and self._at < len(self):
            part = self._piece(wanted)
            parts.append(part)
            wanted -= len(part)
            self._at += len(part)
        return b"".join(parts)

    def _piece(self, wanted: int) -> bytes:
        in_file = self._at - len(self._head)
        if in_file < 0:
            return self._head[self._at : self._at + wanted]
        if in_file < self._size:
            part = self._file.read(min(wanted, self._size - in_file))
            if not part:
                missing = self._size - in_file
                raise OSError(f"the file lost its last {missing} bytes while it was uploaded")
            return part
        in_tail = in_file - self._size
        return self._tail[in_tail : in_tail + wanted]
