"""`iotile-cloud serve`: runs the embedded cloud until it is told to stop.

Ctrl-C ends it with status 130, SIGTERM with 0: the first interrupts, the second is how a service
is stopped.  Knows the options and the signals; what is served is `iotile_cloud.local`'s.
"""

from __future__ import annotations

import argparse
import ipaddress
import signal
import sys
import time
from collections.abc import Sequence
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

from ._parser import CommandParser, take_common_options

if TYPE_CHECKING:
    from ..local import LocalCloud

_LONG = 3600.0  # seconds; on Windows only a wait that ends by itself can be interrupted
_WARNING = (
    "iotile-cloud: {host} is no loopback address: every machine that reaches this one can reach "
    "this cloud, and nothing is encrypted"
)

_KEPT = "iotile-cloud: {file} holds a cloud already; it is served as it is, and --load is not read"


def main(arguments: Sequence[str]) -> int:
    """Serve a cloud as `arguments` say and return only by an exception: a signal ends it.

    One line on stdout tells that it is ready, and its URL.

    Raises:
        KeyboardInterrupt: on Ctrl-C, after the cloud was stopped.
        SystemExit: with 0 on SIGTERM, after the cloud was stopped; with 2 on a wrong option.
        OSError: the address cannot be listened on, or a file cannot be read.
        ImportError: the extra `[local]` is not installed.
    """
    options = parser().parse_args(arguments)
    from ..local import LocalCloud

    if not is_loopback(options.host):
        print(_WARNING.format(host=options.host), file=sys.stderr)
    cloud = LocalCloud(options.database, options.load, options.host, options.port)
    if options.load and not cloud.loaded:
        print(_KEPT.format(file=options.database), file=sys.stderr)
    if options.faults is not None:
        cloud.faults.load(options.faults)
    before = signal.signal(signal.SIGTERM, _end)
    try:
        _start(cloud, options)
        print(f"Serving IOTile Cloud at {cloud.url}/", flush=True)
        while True:
            time.sleep(_LONG)
    finally:
        cloud.close()
        signal.signal(signal.SIGTERM, before)


def _start(cloud: LocalCloud, options: argparse.Namespace) -> None:
    try:
        cloud.start()
    except OSError as error:
        why = error.strerror or str(error)
        raise OSError(f"cannot listen on {options.host} port {options.port}: {why}") from error


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach `host`.

    >>> is_loopback("127.0.0.1"), is_loopback("0.0.0.0")
    (True, False)
    """
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _end(_signal: int, _frame: FrameType | None) -> NoReturn:
    sys.exit(0)


def parser() -> argparse.ArgumentParser:
    """Return the parser of this command."""
    made = CommandParser(
        prog="iotile-cloud serve",
        description="Run the embedded cloud. One line on stdout tells its URL when it is ready.",
        epilog="Ctrl-C ends it with status 130, SIGTERM with status 0.",
    )
    made.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    made.add_argument(
        "--port", type=_port, default=8000, help="port, 0 for any free one (%(default)s)"
    )
    made.add_argument(
        "--load",
        metavar="PATH",
        action="append",
        default=[],
        help="start with this cloud description, or with the word demo; may be repeated",
    )
    made.add_argument(
        "--database",
        metavar="FILE",
        help="keep everything in this file, made when absent, instead of in memory",
    )
    made.add_argument(
        "--faults", metavar="FILE", help="let go wrong what the rules in this JSON file say"
    )
    take_common_options(made)
    return made


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"{text!r} is no port: expected a number from 0 to 65535")
    return int(text)
