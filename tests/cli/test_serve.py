"""`iotile-cloud serve`, as a process of its own: it gets ready, answers, and ends on a signal."""

from __future__ import annotations

import gzip
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from urllib.parse import urlsplit

import pytest

pytest.importorskip("werkzeug")

from iotile_cloud import cli
from iotile_cloud.cli.serve import is_loopback

LONGEST = 30.0  # seconds after which a server that hangs is killed
START = "from iotile_cloud.cli import run; run()"
posix_only = pytest.mark.skipif(os.name == "nt", reason="signals are another matter there")


@contextmanager
def serving(*options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start a server and yield its process and the first line it printed."""
    process = subprocess.Popen(
        [sys.executable, "-c", START, "serve", "--port", "0", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    limit = Timer(LONGEST, process.kill)
    limit.start()
    with process:
        try:
            assert process.stdout is not None
            yield process, process.stdout.readline()
        finally:
            process.kill()
            limit.cancel()


def url_in(line: str) -> str:
    """Return the URL that the line of readiness tells."""
    start = "Serving IOTile Cloud at "
    assert line.startswith(start)
    return line[len(start) :].rstrip("\n")


def status_of(url: str) -> int:
    """Return the status with which the server answers `GET url`."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=LONGEST)
    try:
        connection.request("GET", parts.path)
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.fixture(scope="module")
def ready() -> Iterator[str]:
    """Return the line that a server printed which goes on serving."""
    with serving() as (_, line):
        yield line


def test_readiness_is_one_line_with_the_url(ready: str) -> None:
    """The line tells the address with a slash at its end."""
    parts = urlsplit(url_in(ready))
    assert (parts.scheme, parts.hostname, parts.path) == ("http", "127.0.0.1", "/")


def test_free_port_is_told(ready: str) -> None:
    """With `--port 0` the line tells the port that was picked."""
    assert urlsplit(url_in(ready)).port


def test_server_answers_when_the_line_is_there(ready: str) -> None:
    """Nobody has to wait after the line was read."""
    assert status_of(url_in(ready) + "api/v1/server/") == 200


def test_demo_cloud_can_be_loaded() -> None:
    """`--load demo` starts with the cloud of the demo, and is ready as any other."""
    with serving("--load", "demo") as (_, line):
        assert status_of(url_in(line) + "api/v1/server/") == 200


def test_faults_of_a_file_strike(tmp_path: Path) -> None:
    """`--faults` lets go wrong what the rules of the file say."""
    path = tmp_path / "faults.json"
    path.write_text(json.dumps([{"route": "/server/", "status": 503, "times": 1}]))
    with serving("--faults", str(path)) as (_, line):
        url = url_in(line) + "api/v1/server/"
        assert [status_of(url), status_of(url)] == [503, 200]


def test_database_outlives_the_server(tmp_path: Path) -> None:
    """With `--database` the next server has the same cloud, and says that it loads nothing."""
    description = tmp_path / "cloud.json"
    description.write_text(json.dumps({"orgs": [{"id": "1", "name": "A", "slug": "a"}]}))
    options = ("--database", str(tmp_path / "cloud.db"), "--load", str(description))
    told = []
    for _ in range(2):
        with serving(*options) as (process, line):
            assert status_of(url_in(line) + "api/v1/server/") == 200
            process.kill()
            told.append(process.communicate(timeout=LONGEST)[1])
    assert told[0] == ""
    assert "holds a cloud already" in told[1]


def test_other_file_is_refused_as_database(tmp_path: Path) -> None:
    """A file that is no database of a cloud ends it with a line that names the file."""
    path = tmp_path / "notes.txt"
    path.touch(0o600)
    path.write_text("not a database")
    with serving("--database", str(path)) as (process, line):
        output, error = process.communicate(timeout=LONGEST)
    assert (line, output) == ("", "")
    assert process.returncode not in (0, cli.INTERRUPTED)
    assert str(path) in error
    assert "Traceback" not in error


@posix_only
@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, cli.INTERRUPTED), (signal.SIGTERM, cli.DONE)]
)
def test_signal_ends_it_quietly(number: signal.Signals, status: int) -> None:
    """Ctrl-C is status 130, SIGTERM is 0, and neither leaves more than the one line."""
    with serving() as (process, line):
        process.send_signal(number)
        output, error = process.communicate(timeout=LONGEST)
        assert (process.returncode, output, error) == (status, "", "")
        parts = urlsplit(url_in(line))
        with socket.socket() as client:
            assert client.connect_ex((parts.hostname, parts.port)) != 0


def test_port_in_use_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """A port that somebody else has is told by its number, with status 1."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        assert cli.main(["serve", "--port", port]) == cli.FAILED
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert port in captured.err


def test_missing_description_is_one_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A file to load that is not there is named, with status 1."""
    path = tmp_path / "cloud.json"
    assert cli.main(["serve", "--port", "0", "--load", str(path)]) == cli.FAILED
    error = capsys.readouterr().err
    assert str(path) in error
    assert error.count("\n") == 1


@pytest.mark.parametrize("content", ["{", json.dumps([1]), "\x00"])
def test_description_that_is_none_is_one_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, content: str
) -> None:
    """A file that holds no cloud description is refused with one line that names it."""
    path = tmp_path / "cloud.json"
    path.write_text(content)
    assert cli.main(["serve", "--port", "0", "--load", str(path)]) == cli.FAILED
    error = capsys.readouterr().err
    assert error.startswith(f"iotile-cloud: {path} does not describe a cloud: ")
    assert error.count("\n") == 1


def test_damaged_data_file_is_one_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A data file that ends in the middle of its compression is refused, not half read."""
    path = tmp_path / "cloud.json"
    path.write_text(json.dumps({"data_rows_file": "rows.csv.gz"}))
    (tmp_path / "rows.csv.gz").write_bytes(gzip.compress(b"id,stream\n" * 100)[:-9])
    assert cli.main(["serve", "--port", "0", "--load", str(path)]) == cli.FAILED
    assert "does not describe a cloud" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ('[{"status": 503}, {"stauts": 503}]', "rule 2: 'stauts' is no option of a fault"),
        ("{", "holds no rules of faults"),
        (None, "No such file"),
    ],
)
def test_wrong_file_of_faults_is_one_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, content: str | None, problem: str
) -> None:
    """A file of rules that cannot be used is named with the place of the mistake."""
    path = tmp_path / "faults.json"
    if content is not None:
        path.write_text(content)
    assert cli.main(["serve", "--port", "0", "--faults", str(path)]) == cli.FAILED
    error = capsys.readouterr().err
    assert error.startswith(f"iotile-cloud: {path}")
    assert problem in error
    assert error.count("\n") == 1


@pytest.mark.parametrize("port", ["-1", "65536", "eighty", "8_0", ""])
def test_wrong_port_is_wrong_use(capsys: pytest.CaptureFixture[str], port: str) -> None:
    """A port out of range is shown with the range that would be right."""
    assert cli.main(["serve", f"--port={port}"]) == cli.WRONG_USE
    error = capsys.readouterr().err
    assert repr(port) in error
    assert "0 to 65535" in error


def test_public_address_is_warned_of(capsys: pytest.CaptureFixture[str]) -> None:
    """Listening beyond this machine is told on stderr, even if it fails then."""
    address = "192.0.2.1"  # of the range for documentation: no machine has it
    assert cli.main(["serve", "--host", address, "--port", "0"]) == cli.FAILED
    warning, failure = capsys.readouterr().err.splitlines()
    assert "no loopback address" in warning
    assert address in failure


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost", "LocalHost"])
def test_loopback_addresses(host: str) -> None:
    """These stay on this machine."""
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "", "::", "10.0.0.1", "example.com"])
def test_other_addresses(host: str) -> None:
    """These may be reached from elsewhere."""
    assert not is_loopback(host)


def test_missing_extra_names_the_extra() -> None:
    """Without the packages of `[local]` one line tells what to install."""
    code = (
        "import sys; sys.modules['werkzeug'] = None\n"
        "from iotile_cloud.cli import main; sys.exit(main(['serve', '--port', '0']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=LONGEST, check=False
    )
    assert done.returncode == cli.FAILED
    assert "iotile_cloud[local]" in done.stderr
    assert done.stderr.count("\n") == 1
