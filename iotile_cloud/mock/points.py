"""The stream folder: the points of streams and the content of events, as files.

Knows the forms of the files, and which streams a slug stands for.  Knows nothing of HTTP.
"""

from __future__ import annotations

import csv
import json
import os
from typing import Any

from .state import Path, Record

__all__ = ["belongs", "json_file", "points_of", "stream_slugs"]


def stream_slugs(folder: Path | None) -> list[str]:
    """Return the streams that have a file in the folder."""
    stems = {os.path.splitext(name)[0] for name in _names(folder) if name.startswith("s--")}
    return sorted(stems)


def points_of(folder: Path | None, stream: str) -> list[Record]:
    """Return the points of a stream: `<slug>.json` as it is, else the rows of `<slug>.csv`.

    Raises:
        ValueError: the file has another form; the message tells where.
    """
    points = json_file(folder, f"{stream}.json")
    if points is None:
        return _csv_points(folder, f"{stream}.csv")
    if not isinstance(points, list) or not all(isinstance(point, dict) for point in points):
        raise ValueError(f"{stream}.json must be a list of points, each an object")
    return points


def json_file(folder: Path | None, name: str) -> Any:
    """Return the content of a JSON file, None when it is not there.

    Args:
        name: with one part or two: `variable_types/<slug>.json`.
    """
    inner, _, last = name.rpartition("/")
    place = os.path.join(folder, inner) if folder is not None else None
    if last not in _names(place):
        return None
    with open(os.path.join(place or "", last), encoding="utf-8") as file:
        try:
            return json.load(file)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"{name} is no JSON: {error}") from error


def _names(folder: Path | None) -> list[str]:
    # A name out of a URL is looked up in this list: it cannot lead elsewhere.
    if folder is None or not os.path.isdir(folder):
        return []
    return [os.fspath(name) for name in os.listdir(os.fspath(folder))]


def _csv_points(folder: Path | None, name: str) -> list[Record]:
    if folder is None or name not in _names(folder):
        return []
    points = []
    with open(os.path.join(folder, name), encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.reader(file, skipinitialspace=True), 1):
            if not row:
                continue
            try:
                timestamp, text = row
                points.append(_point(timestamp, int(text)))
            except ValueError:
                raise ValueError(
                    f'{name}, line {number}: {row}; expected "timestamp", int'
                ) from None
    return points


def _point(timestamp: str, number: int) -> Record:
    return {
        "type": "ITR",
        "timestamp": timestamp,
        "int_value": number,
        "value": number,
        "output_value": number,
        "display_value": str(number),
        "streamer_local_id": None,
        "dirty_ts": False,
    }


def belongs(stream: str, slug: str) -> bool:
    """Tell whether `stream` is, or is of, what `slug` names: stream, device, block, project.

    >>> belongs("s--0000-0001--0000-0000-0000-0002--5001", "d--0000-0000-0000-0002")
    True
    """
    kind, _, term = slug.partition("--")
    terms = stream.split("--")
    place = {"p": 1, "d": 2, "b": 2}.get(kind)
    if place is None or len(terms) != 4:
        return stream == slug
    return terms[place] == term
