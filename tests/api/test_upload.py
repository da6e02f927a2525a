"""Multipart bodies, read from the file while they are sent."""

from __future__ import annotations

import email
import email.policy
import gc
import io
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iotile_cloud.api._upload import SMALL, MultipartFile, multipart

LARGE = SMALL + 1


def parts_of(*arguments: Any) -> dict[str, Any]:
    """Read the body that `multipart` makes with the standard library, which did not write it."""
    with multipart(*arguments) as (body, content_type):
        content = body if isinstance(body, bytes) else body.read()
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    message: Any = email.message_from_bytes(head + content, policy=email.policy.HTTP)
    return {
        part.get_param("name", header="content-disposition"): part for part in message.iter_parts()
    }


def only_file(*arguments: Any) -> tuple[str | None, bytes]:
    """Return name and content of the field `file` that `multipart` makes of its arguments."""
    part = parts_of(*arguments)["file"]
    return part.get_filename(), part.get_payload(decode=True)


def test_a_file_keeps_its_base_name(tmp_path: Path) -> None:
    """The server sees the name with its extension, and nothing of the folder."""
    path = tmp_path / "report.bin"
    path.write_bytes(b"\x00\xff\r\n--")
    with path.open("rb") as file:
        assert only_file(file, None) == ("report.bin", b"\x00\xff\r\n--")


def test_a_pair_names_the_file() -> None:
    """(name, open file) sends that name."""
    assert only_file(("data.mp", io.BytesIO(b"x")), None) == ("data.mp", b"x")


def test_a_triple_also_tells_the_type() -> None:
    """(name, open file, content type), as requests takes it, is sent whole."""
    part = parts_of(("a.bin", io.BytesIO(b"x"), "image/png"), None)["file"]
    assert part.get_content_type() == "image/png"


class Named(io.BytesIO):
    """A file with a name of any type."""

    name: Any

    def __init__(self, name: Any) -> None:
        super().__init__(b"x")
        self.name = name


@pytest.mark.parametrize(
    ("name", "sent"),
    [("/a/b.mp", "b.mp"), (os.fsencode("/a/b.mp"), "b.mp"), (7, "file"), ("<stdin>", "file")],
)
def test_what_a_name_can_be(name: Any, sent: str) -> None:
    """Text and bytes are paths; a number or a pseudo name is none."""
    assert only_file(Named(name), None)[0] == sent


def test_a_file_without_name_is_called_file() -> None:
    """A BytesIO has no name."""
    assert only_file(io.BytesIO(b"x"), None) == ("file", b"x")


def test_a_file_is_sent_from_where_it_stands() -> None:
    """What was read already is not sent."""
    file = io.BytesIO(b"abcdef")
    file.seek(3)
    assert only_file(file, None)[1] == b"def"


def test_an_empty_file_is_sent_empty() -> None:
    """That is for the server to judge."""
    assert only_file(io.BytesIO(b""), None)[1] == b""


def test_a_text_file_is_sent_as_on_the_disk(tmp_path: Path) -> None:
    """Line ends and encoding are not touched, and reading goes on from where the text stands."""
    path = tmp_path / "a.csv"
    path.write_bytes(b"h\r\n\xe4;1\r\n")
    with path.open(encoding="latin-1") as file:
        assert file.readline() == "h\n"
        assert only_file(file, None) == ("a.csv", b"\xe4;1\r\n")


def test_text_in_memory_is_sent_as_utf_8() -> None:
    """A StringIO has no bytes of its own."""
    assert only_file(io.StringIO("\u00e4"), None)[1] == b"\xc3\xa4"


@pytest.mark.parametrize("size", [5, LARGE])
def test_a_pipe_is_sent_whole(size: int) -> None:
    """What has no length is stored first, and the store goes away with the body."""

    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def tell(self) -> int:
            raise io.UnsupportedOperation("tell")

    assert only_file(("a.bin", Pipe(b"x" * size)), None) == ("a.bin", b"x" * size)
    gc.collect()  # an open file that is lost would be a warning, and so an error


def test_fields_stand_beside_the_file() -> None:
    """Further fields become text as in a query."""
    data = {"timestamp": datetime(2018, 1, 1), "count": 2, "nothing": None, "note": "\u00e4"}
    parts = parts_of(io.BytesIO(b"x"), data)
    texts = {name: part.get_payload(decode=True) for name, part in parts.items()}
    assert texts == {
        "timestamp": b"2018-01-01T00:00:00Z",
        "count": b"2",
        "note": b"\xc3\xa4",
        "file": b"x",
    }


@pytest.mark.parametrize("file", ["x", "a.bin", None, ("a.bin", "x")])
def test_what_cannot_be_read_is_refused(file: Any) -> None:
    """The error says that an open file is needed, and shows what was given."""
    with pytest.raises(TypeError, match=r"an open file or a pair \(name, open file\) is needed"):
        parts_of(file, None)


@pytest.mark.parametrize("file", [("a.bin", b"x"), ("a.bin", b"x", "text/plain")])
def test_bytes_are_a_file(file: Any) -> None:
    """What requests took for a file is taken still."""
    assert parts_of(file, None)["file"].get_payload(decode=True) == b"x"


@pytest.mark.parametrize("more", [("text/plain", {}), ("text/x\r\nX-Evil: 1",), ("",)])
def test_behind_the_file_only_a_content_type_may_stand(more: Any) -> None:
    """Nothing is dropped in silence, and no header can be slipped in."""
    with pytest.raises(TypeError, match="only a content type"):
        parts_of(("a.bin", io.BytesIO(b"x"), *more), None)


def test_small_bodies_are_bytes() -> None:
    """Up to a megabyte the body is one piece; a larger one is read while it is sent."""
    with multipart(io.BytesIO(b"x" * 1000), None) as (small, _):
        assert isinstance(small, bytes)
    with multipart(io.BytesIO(b"x" * LARGE), None) as (large, _):
        assert isinstance(large, MultipartFile)


@given(st.binary(max_size=8), st.binary(max_size=64), st.binary(max_size=8), st.data())
def test_pieces_of_any_size_make_the_same_body(
    head: bytes, content: bytes, tail: bytes, data: st.DataObject
) -> None:
    """However it is read, the body is head, file and tail, and its length is known before."""
    body = MultipartFile(head, io.BytesIO(content), tail)
    whole = head + content + tail
    assert len(body) == len(whole)
    read = b""
    while len(read) < len(whole):
        read += body.read(data.draw(st.integers(1, 100)))
        assert body.tell() == len(read)
    assert read == whole
    assert body.read() == body.read(1) == b""


@given(st.binary(max_size=64), st.integers(0, 80))
def test_a_body_can_be_rewound_from_anywhere(content: bytes, size: int) -> None:
    """After a part of it was sent it can be sent again."""
    body = MultipartFile(b"head", io.BytesIO(content), b"tail")
    body.read(size)
    body.seek(0)
    assert b"".join(body) == b"head" + content + b"tail"


def test_a_rewound_body_begins_where_the_file_stood() -> None:
    """Not at the beginning of the file."""
    file = io.BytesIO(b"abcdef")
    file.seek(3)
    body = MultipartFile(b"<", file, b">")
    assert body.read() == b"<def>"
    body.seek(0)
    assert body.read() == b"<def>"


@pytest.mark.parametrize("where", [(1, 0), (0, 1), (0, 2)])
def test_a_body_goes_back_to_its_beginning_only(where: tuple[int, int]) -> None:
    """Other places are refused rather than guessed."""
    with pytest.raises(io.UnsupportedOperation, match="only be rewound to its beginning"):
        MultipartFile(b"", io.BytesIO(), b"").seek(*where)


def test_a_file_that_shrinks_while_it_is_sent_is_an_error() -> None:
    """A body shorter than announced would be a lie."""
    file = io.BytesIO(b"abcdef")
    body = MultipartFile(b"", file, b"")
    file.truncate(4)
    with pytest.raises(OSError, match="lost its last 2 bytes"):
        body.read()


def test_a_file_that_grows_while_it_is_sent_is_sent_as_announced() -> None:
    """What is written after the beginning of the upload is not part of it."""
    file = io.BytesIO(b"abc")
    body = MultipartFile(b"", file, b"!")
    file.seek(0, os.SEEK_END)
    file.write(b"def")
    body.seek(0)
    assert body.read() == b"abc!"


UPLOAD = """
import sys, tracemalloc
from iotile_cloud.api.connection import Api
with Api(sys.argv[1]) as api:
    api.server.get()
    tracemalloc.start()
    api.event.upload.upload_file(sys.argv[2])
print(tracemalloc.get_traced_memory()[1])
"""


def test_a_large_file_needs_little_memory(scripted: Any, tmp_path: Path) -> None:
    """An upload of 64 MB raises the peak of memory by less than 8 MB."""
    pytest.importorskip("tracemalloc")
    path = tmp_path / "large.bin"
    with path.open("wb") as file:
        file.truncate(64 << 20)
    scripted.play(always=scripted.reply(200, {"count": 1}))
    command = [sys.executable, "-c", UPLOAD, scripted.url, str(path)]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert int(run.stdout) < 8 << 20
    assert int(scripted.requests[1].headers["Content-Length"]) > 64 << 20
