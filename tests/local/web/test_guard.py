"""Tricks with paths and headers are refused unread."""

from __future__ import annotations

import socket

import pytest


def status(cloud, head, body=b""):
    """Send a raw request and return the status of the first answer."""
    host, port = cloud.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as plain:
        plain.sendall(head.replace("\n", "\r\n").encode("latin-1") + b"\r\n\r\n" + body)
        plain.shutdown(socket.SHUT_WR)
        answer = b""
        while part := plain.recv(65536):
            answer += part
    return int(answer.split(b" ", 2)[1])


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/../v1/server/",
        "/api/v1/./server/",
        "/api/v1/%2e%2e/server/",
        "/api/v1%2fserver/",
        "/api/v1/%2Fserver/",
        "/api/v1/%5cserver/",
        "/api/v1/\\server/",
        "/api/v1/server/%00",
        "/api/v1/server%0a/",
        "/api/v1/%ff/",
    ],
)
def test_trick_in_a_path_is_400(cloud, path):
    """Dot segments, hidden separators, control characters and broken UTF-8 are refused."""
    assert status(cloud, f"GET {path} HTTP/1.1\nHost: x\nConnection: close") == 400


@pytest.mark.parametrize(
    "headers",
    [
        "Host: a\nHost: b",
        "Host: a b",
        "Host: a@b",
        "Host: a/b",
        "Host:",
        "Accept: */*",
        "Host: x\nContent-Length: 0\nContent-Length: 0",
        "Host: x\nContent-Length: 0\nTransfer-Encoding: chunked",
        "Host: x\nTransfer-Encoding: gzip, chunked",
        "Host: x\nTransfer-Encoding: chunked\nTransfer-Encoding: chunked",
        "Host: x\nContent-Length: +1",
        "Host: x\nContent-Length: 1, 1",
        "Host: x\nOrigin: a\n folded: b",
        "Host: x\nno colon here",
        "Host: x\nX-Odd: a\x00b",
    ],
)
def test_trick_in_headers_is_400(cloud, headers):
    """Two lengths, an odd coding, a missing or strange host, folded lines are refused."""
    assert status(cloud, f"GET /api/v1/server/ HTTP/1.1\n{headers}\nConnection: close") == 400


@pytest.mark.parametrize("size", [b"0x1", b"+1", b"1_0", b"-1", b"", b"1" * 17])
def test_odd_chunk_size_is_400(cloud, size):
    """The size of a chunk is plain hexadecimal digits."""
    head = "POST /api/v1/pid/ HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\nConnection: close"
    assert status(cloud, head, size + b"\r\nx\r\n0\r\n\r\n") == 400


def test_endless_path_is_414(cloud):
    """A request line without end is refused."""
    assert status(cloud, f"GET /{'a' * 70000} HTTP/1.1\nHost: x") == 414


def test_endless_header_is_431(cloud):
    """A header without end is refused."""
    head = f"GET /api/v1/server/ HTTP/1.1\nHost: x\nX-Long: {'a' * 70000}"
    assert status(cloud, head) == 431


def test_double_slash_is_404(cloud):
    """An empty segment is no trick, but no path either."""
    assert status(cloud, "GET /api/v1//server/ HTTP/1.1\nHost: x\nConnection: close") == 404
