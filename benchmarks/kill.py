"""Kill a serving cloud while several writers write, again and again, and look what is left.

    python benchmarks/kill.py --rounds 20

Every write that was acknowledged must be there after the restart, and of a bulk all or nothing.
Knows HTTP only, as any client.  Needs the extra `[local]`.
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

from iotile_cloud.local.demo import demo_facts

FACTS = demo_facts()
WRITERS = 3
BULK = 200  # readings of one request
LONGEST = 0.6  # seconds of writing in one round, at most
TIME = {"timestamp": "2030-01-01T00:00:00Z"}  # after all that the demo holds
JSON = {"Content-Type": "application/json"}


class Cloud:
    """A server process on the database file `path`."""

    def __init__(self, path: Path) -> None:
        command = [sys.executable, "-m", "iotile_cloud", "serve", "--port", "0"]
        command += ["--database", str(path), *([] if path.exists() else ["--load", "demo"])]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline() if self.process.stdout else ""
        if not line.startswith("Serving "):
            raise RuntimeError(f"the cloud did not start: {line!r}")
        self.host = line.split()[-1].split("/")[2]

    def kill(self) -> None:
        """End the process by SIGKILL, wherever it is."""
        self.process.kill()
        self.process.communicate()


class Writer(threading.Thread):
    """Sends bulks and notes, one by one, until the cloud is gone; keeps what was acknowledged."""

    def __init__(self, cloud: Cloud, headers: dict[str, str], first: int) -> None:
        super().__init__()
        self._cloud = cloud
        self._headers = headers
        self._number = first
        self.bulks: list[int] = []
        self.notes: list[str] = []

    def run(self) -> None:
        """Write until a request fails."""
        connection = http.client.HTTPConnection(self._cloud.host, timeout=10)
        try:
            while True:
                self._number += 1
                reading = {"stream": FACTS.upload.stream, "int_value": self._number}
                bulk = [{**TIME, **reading}] * BULK
                send(connection, "POST", "/data/", self._headers, bulk, 201)
                self.bulks.append(self._number)
                name = f"note {self._number}"
                note = {**TIME, "target": FACTS.upload.device, "note": name}
                send(connection, "POST", "/note/", self._headers, note, 201)
                self.notes.append(name)
        except (OSError, http.client.HTTPException):
            pass
        finally:
            connection.close()


def send(
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    headers: dict[str, str],
    body: Any,
    status: int,
) -> Any:
    """Return the decoded answer to one request, which must have this status."""
    content = None if body is None else json.dumps(body)
    connection.request(method, f"/api/v1{path}", content, headers)
    reply = connection.getresponse()
    text = reply.read()
    if reply.status != status:
        raise RuntimeError(f"{method} {path} is answered with {reply.status}: {text[:200]!r}")
    return json.loads(text)


def main() -> None:
    """Run the rounds that the command line asks for; ends with status 1 when a write is amiss."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=None, help="of the moments of the kills")
    options = parser.parse_args()
    chance = random.Random(options.seed)
    bulks: list[int] = []
    notes: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "cloud.db")
        cloud = Cloud(path)
        headers = {**JSON, "Authorization": f"JWT {login(cloud)}"}
        for turn in range(options.rounds):
            writers = [
                Writer(cloud, headers, (turn * WRITERS + at) * 1_000_000) for at in range(WRITERS)
            ]
            kill_among(cloud, writers, chance.uniform(0.05, LONGEST))
            bulks += [number for writer in writers for number in writer.bulks]
            notes += [name for writer in writers for name in writer.notes]
            cloud = Cloud(path)
            faults = amiss(cloud, headers, bulks, notes)
            if faults:
                cloud.kill()
                sys.exit(f"round {turn + 1}: {'; '.join(faults)}")
        cloud.kill()
    print(
        f"{options.rounds} kills: all of {len(bulks)} bulks of {BULK} readings and {len(notes)}"
        " notes that were acknowledged are there, and no half bulk"
    )


def kill_among(cloud: Cloud, writers: list[Writer], seconds: float) -> None:
    """Let the writers write for so long, and kill the cloud in the middle of it."""
    for writer in writers:
        writer.start()
    time.sleep(seconds)
    cloud.kill()
    for writer in writers:
        writer.join()


def login(cloud: Cloud) -> str:
    """Return a token, which must hold over every restart."""
    connection = http.client.HTTPConnection(cloud.host, timeout=10)
    user = {"email": FACTS.email, "password": FACTS.password}
    token: str = send(connection, "POST", "/auth/login/", JSON, user, 200)["jwt"]
    connection.close()
    return token


def amiss(cloud: Cloud, headers: dict[str, str], bulks: list[int], notes: list[str]) -> list[str]:
    """Return what is lost or halved."""
    connection = http.client.HTTPConnection(cloud.host, timeout=60)
    counts: Counter[int] = Counter()
    # Page 1 after page 1 by id: a walk over pages loses tied rows, as on the real server.
    base, least = f"/data/?filter={FACTS.upload.stream}&start={TIME['timestamp']}", 0
    page: list[dict[str, Any]] = [{}]
    while page:
        query = f"{base}&page_size=10000&id_min={least}"
        page = send(connection, "GET", query, headers, None, 200)["results"]
        counts.update(row["int_value"] for row in page)
        least = max((row["id"] for row in page), default=0) + 1
    path: str = f"/note/?target={FACTS.upload.device}&page_size=10000"
    kept = {note["note"] for note in send(connection, "GET", path, headers, None, 200)["results"]}
    connection.close()
    lost = [f"bulk {number} is lost" for number in bulks if number not in counts]
    lost += [f"{note} is lost" for note in notes if note not in kept]
    return lost + [f"{n} of bulk {b}" for b, n in counts.items() if n != BULK]


if __name__ == "__main__":
    main()
