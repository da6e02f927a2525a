"""What the store of the embedded cloud costs: windows, starts and single reads.

    python benchmarks/store.py window --rows 10000000
    python benchmarks/store.py start
    python benchmarks/store.py reads

Knows how to fill a cloud and to time it over HTTP.  Needs the extra `[local]`.
"""

from __future__ import annotations

import argparse
import http.client
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from iotile_cloud.local import LocalCloud
from iotile_cloud.local.demo import demo_facts
from iotile_cloud.local.readings.windows import micros, moment_text

SMALL = 100_000  # rows of the stream that a large one is compared with
WINDOW = 10_000  # rows
CHUNK = 100_000  # rows of one transaction while filling
ROUNDS = 9
SECOND = 1_000_000
START = micros("2000-01-01T00:00:00Z")
PATHS = {
    "by time": "/api/v1/stream/{stream}/data/?page_size=10000&start={start}&end={end}",
    "raw": "/api/v1/data/?filter={stream}&page_size=10000&start={start}&end={end}",
    "last": "/api/v1/stream/{stream}/data/?page_size=10000&lastn=10000",
}
IN_PROCESS = (
    "import time; from iotile_cloud.local import LocalCloud; began = time.perf_counter();"
    " LocalCloud(load={load!r}); print(time.perf_counter() - began)"
)


def main() -> None:
    """Run the measurement that the command line names and print what it found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("window", "start", "reads"))
    parser.add_argument("--rows", type=int, default=10_000_000, help="of the large stream")
    parser.add_argument("--folder", help="where the database files lie while it runs")
    options = parser.parse_args()
    if options.what == "window":
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            measure_windows(Path(folder), options.rows)
    elif options.what == "start":
        measure_starts()
    else:
        measure_reads()


def measure_windows(folder: Path, rows: int) -> None:
    """Compare a window of 10,000 rows out of a small stream and out of a large one."""
    clouds = [filled(folder / f"{count}.db", count) for count in (SMALL, rows)]
    with clouds[0], clouds[1]:
        for name, path in PATHS.items():
            times: list[list[float]] = [[], []]
            for turn in range(ROUNDS):  # by turns, so that a busy machine disturbs both
                for place, count in enumerate((SMALL, rows)):
                    times[place].append(timed(clouds[place], path, count * turn // ROUNDS))
            small, large = map(median, times)
            print(
                f"{name}: {WINDOW} rows out of {SMALL}: {small:.3f} s,"
                f" out of {rows}: {large:.3f} s, ratio {large / small:.2f}"
            )


def filled(path: Path, count: int) -> LocalCloud:
    """Return a cloud in a file with `count` readings, one a second, in a stream of the demo."""
    cloud = LocalCloud(path, ["demo"])
    began = time.perf_counter()
    store = cloud.engine.store
    stream = next(store.all("stream"))
    row = {name: stream[name] for name in ("project", "device", "variable")}
    row["stream"] = stream["slug"]
    for first in range(0, count, CHUNK):
        store.readings.add_many(readings(row, range(first, min(first + CHUNK, count))))
    print(f"filled {count} rows in {time.perf_counter() - began:.1f} s", flush=True)
    return cloud


def readings(row: dict[str, Any], places: range) -> Iterator[dict[str, Any]]:
    """Yield one reading for each second after START."""
    for at in places:
        yield {
            **row,
            "timestamp": START + at * SECOND,
            "device_timestamp": at,
            "streamer_local_id": at + 1,
            "dirty_ts": False,
            "status": "cln",
            "int_value": at,
            "value": float(at),
            "type": "Num",
        }


def timed(cloud: LocalCloud, path: str, first: int) -> float:
    """Return how many seconds one request takes, and check that its rows came."""
    stream = next(cloud.engine.store.all("stream"))["slug"]
    start, end = (moment_text(START + at * SECOND) for at in (first, first + WINDOW))
    connection, headers = connected(cloud.url, cloud)
    began = time.perf_counter()
    connection.request("GET", path.format(stream=stream, start=start, end=end), headers=headers)
    content = json.loads(connection.getresponse().read())
    seconds = time.perf_counter() - began
    connection.close()
    if len(content["results"]) != WINDOW:
        raise RuntimeError(f"{len(content['results'])} rows came instead of {WINDOW}")
    return seconds


def connected(url: str, cloud: LocalCloud) -> tuple[http.client.HTTPConnection, dict[str, str]]:
    """Return a connection and the headers of a user of the demo."""
    token = cloud.engine.signer.issue(next(cloud.engine.store.all("account")))
    connection = http.client.HTTPConnection(url.partition("//")[2].rstrip("/"))
    return connection, {"Authorization": f"JWT {token}"}


def measure_starts() -> None:
    """Time an empty cloud and one with the demo data, in processes of their own."""
    for load in ([], ["demo"]):
        times = []
        for _ in range(ROUNDS):
            code = IN_PROCESS.format(load=load)
            times.append(float(subprocess.check_output([sys.executable, "-c", code])))
        print(f"{'demo' if load else 'empty'}: {median(times):.3f} s, at best {min(times):.3f} s")


def measure_reads() -> None:
    """Count the single-object reads that a server answers to one client, a process each."""
    command = [sys.executable, "-m", "iotile_cloud", "serve", "--port", "0", "--load", "demo"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            url = server.stdout.readline().split()[-1] if server.stdout else ""
            connection = http.client.HTTPConnection(url.split("/")[2])
            facts = demo_facts()
            body = json.dumps({"email": facts.email, "password": facts.password})
            connection.request("POST", "/api/v1/auth/login/", body)
            token = json.loads(connection.getresponse().read())["jwt"]
            headers = {"Authorization": f"JWT {token}"}
            for path in (f"/api/v1/device/{facts.upload.device}/", "/api/v1/event/1/"):
                print(f"{path}: {rate(connection, path, headers):.0f} reads per second")
        finally:
            server.kill()


def rate(connection: http.client.HTTPConnection, path: str, headers: dict[str, str]) -> float:
    """Return how often a second `path` is answered."""
    count, began = 0, time.perf_counter()
    while time.perf_counter() < began + 3:
        connection.request("GET", path, headers=headers)
        reply = connection.getresponse()
        reply.read()
        if reply.status != 200:
            raise RuntimeError(f"{path} is answered with {reply.status}")
        count += 1
    return count / (time.perf_counter() - began)


if __name__ == "__main__":
    main()
