"""Plays recorded exchanges and reports how many answers agree; `scripts/replay` is its command.

Knows how the pieces fit together, and the shares that count as faithful.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import requests
from _compare import differences
from _exchanges import CLOCK, Entry, devices_in_words, groups_in, read_group, read_seed, runs
from _player import CannotPlayError, Player, Sign
from _tolerance import Memory

NEEDED = 0.8  # the least share of agreeing answers of a group
NEEDED_OF_MAIN = 0.97
MAIN = {
    *("auth", "http", "data", "stream", "df", "event", "device", "org", "project", "variable"),
    *("vartype", "property", "streamer", "streamer_report", "datablock", "fleet", "note"),
    "location",
}


@dataclass
class GroupResult:
    """How the answers of one group compare."""

    group: str
    agreeing: int = 0
    differing: list[tuple[Entry, list[str]]] = field(default_factory=list)
    skipped: list[tuple[Entry, str]] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many answers were compared."""
        return self.agreeing + len(self.differing)

    @property
    def share(self) -> float:
        """The share of agreeing answers."""
        return self.agreeing / self.count if self.count else 1.0

    @property
    def needed(self) -> float:
        """The share that the group must reach."""
        return NEEDED_OF_MAIN if self.group in MAIN else NEEDED


@contextmanager
def embedded_cloud(folder: Path) -> Iterator[tuple[str, Sign]]:
    """Run a cloud of our own in the seed state of `folder`, with the clock of the recording.

    Some of the recorded tokens have ended at that time and others have not, and what is stored
    "now" must lie between the recorded times.
    """
    from iotile_cloud.local import LocalCloud

    with LocalCloud(clock=lambda: CLOCK) as cloud:
        cloud.engine.store = _seed_state(folder).copy()
        yield cloud.url, cloud.engine.signer.sign


@cache
def _seed_state(folder: Path) -> Any:
    """Return what a cloud in the seed state holds; reading it takes longer than most runs."""
    from iotile_cloud.local import LocalCloud

    load: list[Any] = [{"devices": devices_in_words()}, folder / "seed.json"]
    return LocalCloud(load=load).engine.store


def play_run(
    folder: Path, groups: Sequence[str], seed: Any, url: str, sign: Sign | None
) -> list[GroupResult]:
    """Play `groups` one after the other at `url`, which is in the seed state.

    Raises:
        requests.RequestException: nobody can log in there.
    """
    entries = {group: list(read_group(folder, group)) for group in groups}
    memory = Memory(seed)
    player = Player(url, seed, memory, sign)
    try:
        player.log_in(entry for group in groups for entry in entries[group])
        return [_play_group(group, entries[group], player, memory) for group in groups]
    finally:
        player.close()


def _play_group(
    group: str, entries: Iterable[Entry], player: Player, memory: Memory
) -> GroupResult:
    result = GroupResult(group)
    for entry in entries:
        try:
            found = differences(entry, player.play(entry), memory)
        except CannotPlayError as reason:
            result.skipped.append((entry, str(reason)))
            continue
        except requests.RequestException as error:
            found = [f"no answer: {error!r}"]
        if found:
            result.differing.append((entry, found))
        else:
            result.agreeing += 1
    return result


def play_all(
    folder: Path, wanted: Collection[str] = (), url: str | None = None
) -> Iterator[GroupResult]:
    """Play the wanted groups of `folder`, by default all that count; yield one result each.

    Args:
        url: the server to ask; None starts a cloud of our own for each run.
    """
    seed = read_seed(folder)
    for run in runs(groups_in(folder), wanted):
        if url is None:
            with embedded_cloud(folder) as (own_url, sign):
                results = play_run(folder, run, seed, own_url, sign)
        else:
            results = play_run(folder, run, seed, url, None)
        yield from (result for result in results if not wanted or result.group in wanted)


def report(result: GroupResult, verbose: bool) -> Iterator[str]:
    """Yield the lines that tell of a group."""
    skipped = f", {len(result.skipped)} skipped" if result.skipped else ""
    missed = "" if result.share >= result.needed else "  NOT REACHED"
    yield (
        f"{result.group:16}{result.agreeing:4}/{result.count:<4}{result.share:7.1%}"
        f" of at least {result.needed:.0%}{skipped}{missed}"
    )
    if not verbose:
        return
    for entry, lines in result.differing:
        yield f"  {entry.group} {entry.order} {entry.name!r}: {entry.method} {_target(entry)}"
        yield from (f"      {line}" for line in lines)
    for entry, reason in result.skipped:
        yield f"  {entry.group} {entry.order} {entry.name!r} skipped: {reason}"


def _target(entry: Entry) -> str:
    query = "&".join(f"{name}={value}" for name, value in entry.query.items())
    return f"{entry.path}?{query}" if query else entry.path


def main(arguments: Sequence[str] | None = None) -> int:
    """Play what the command line says; return 0 when every group reaches its share, else 1."""
    options = _parser().parse_intermixed_args(arguments)
    folder = options.exchanges
    found = groups_in(folder)
    unknown = set(options.groups) - set(found)
    if unknown or not found or not (folder / "seed.json").is_file():
        what = f"no groups {sorted(unknown)} there" if unknown else "no exchanges and seed.json"
        _say(f"{folder}: {what}; found: {', '.join(found) or 'none'}")
        return 2
    if options.url and len(runs(found, options.groups)) > 1:
        _say("These groups were recorded in several runs, each from the seed state;")
        _say("the server keeps what the earlier ones change.  Better one run at a time.")
    reached = True
    try:
        for result in play_all(folder, options.groups, options.url):
            print("\n".join(report(result, options.verbose)), flush=True)
            reached &= result.share >= result.needed
    except requests.RequestException as error:
        _say(f"Cannot log in with the users of the seed: {error}")
        return 1
    return 0 if reached else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="replay", description="Play recorded exchanges and compare the answers."
    )
    parser.add_argument("exchanges", type=Path, help="the folder with the records and seed.json")
    parser.add_argument("groups", nargs="*", help="by default all but no_aws and timezone")
    parser.add_argument("--url", help="a server in the seed state (default: a cloud of our own)")
    parser.add_argument("-v", "--verbose", action="store_true", help="tell each difference")
    return parser


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
