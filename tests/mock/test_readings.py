"""Points of the mock cloud's stream folder, as streams, data, tables and counts."""

from __future__ import annotations

import json

import pytest
import requests

from iotile_cloud import StreamData, StreamRawData
from iotile_cloud.api.exceptions import HttpClientError, HttpNotFoundError

STREAM = "s--0000-0001--0000-0000-0000-0001--5001"
OTHER = "s--0000-0001--0000-0000-0000-0001--5002"
DEVICE = "d--0000-0000-0000-0001"
WHEN = "2018-01-20T00:00:00Z"


def test_points_of_a_json_file_are_served_as_they_are(api, folder):
    """Whatever fields they have."""
    rows = json.loads((folder / f"{STREAM}.json").read_text())
    assert api.stream(STREAM).data.get()["results"] == rows
    download = StreamData(STREAM, api)
    download.initialize_from_server()
    assert download.data == rows


def test_points_of_a_csv_file_get_the_fields_of_the_server(api, cloud, folder):
    """A row is a time and a whole number."""
    cloud.streams[OTHER] = {"slug": OTHER}
    [first, second] = api.stream(OTHER).data.get()["results"]
    assert second["value"] == -7
    assert first == {
        "type": "ITR",
        "timestamp": WHEN,
        "int_value": 5,
        "value": 5,
        "output_value": 5,
        "display_value": "5",
        "streamer_local_id": None,
        "dirty_ts": False,
    }


def test_stream_without_a_record_has_no_data(api, folder):
    """Though there is a file; a record without a file has no points."""
    with pytest.raises(HttpNotFoundError):
        api.stream(OTHER).data.get()


def test_stream_without_a_file_is_empty(api, cloud):
    """With and without a folder."""
    cloud.streams[OTHER] = {"slug": OTHER}
    assert api.stream(OTHER).data.get()["count"] == 0


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        (f"{OTHER}.csv", f'"{WHEN}", 1.5\n', "line 1"),
        (f"{OTHER}.csv", "x\n", "line 1"),
        (f"{OTHER}.json", "{", "no JSON"),
        (f"{OTHER}.json", "[5]", "each an object"),
    ],
)
def test_bad_file_is_told_with_its_name(api, cloud, folder, name, text, reason):
    """A broken stream folder is a 400 that names the file."""
    cloud.streams[OTHER] = {"slug": OTHER}
    (folder / name).write_text(text)
    with pytest.raises(HttpClientError, match=reason) as caught:
        api.stream(OTHER).data.get()
    assert name in str(caught.value)


def test_bad_file_of_an_event_is_told_with_its_name(api, folder):
    """As one of a stream is."""
    (folder / "event_7.json").write_text("{")
    with pytest.raises(HttpClientError, match=r"event_7\.json is no JSON"):
        api.event(7).data.get()


def test_file_that_no_slug_names_is_told(api, folder):
    """A stream of no device would be left out of every sum."""
    (folder / "s--1--0000-0000-0000-0001--zz.json").write_text("[{}]")
    with pytest.raises(HttpClientError, match="not named by a slug"):
        api.data.get(filter="d--0001")


def test_data_adds_what_the_row_belongs_to(api, folder):
    """Of a stream, or of all streams of a device or project; of nothing without a filter."""
    [row, _] = api.data.get(filter=STREAM)["results"]
    assert row == {
        "timestamp": "2018-01-01T00:00:00Z",
        "value": 1,
        "x": "kept",
        "project": "p--0000-0001",
        "device": DEVICE,
        "stream": STREAM,
        "variable": "v--0000-0001--5001",
        "id": 1,
    }
    for slug in ("d--0001", "p--0000-0001"):
        rows = api.data.get(filter=slug)["results"]
        assert [(row["id"], row["stream"]) for row in rows] == [
            *((n, STREAM) for n in (1, 2)),
            *((n, OTHER) for n in (3, 4)),
        ]
    assert api.data.get()["count"] == api.data.get(filter="../x")["count"] == 0


def test_raw_data_are_downloaded_over_pages(api, folder):
    """A page holds a thousand rows, unless another size is asked for."""
    (folder / f"{OTHER}.csv").write_text(f'"{WHEN}", 1\n' * 1001)
    assert len(api.data.get(filter=OTHER)["results"]) == 1000
    download = StreamRawData(OTHER, api)
    download.initialize_from_server()
    assert len(download.data) == 1001


@pytest.mark.parametrize("args", [{"format": "csv"}, {"format": "txt", "mask": 1}, {}])
def test_table_is_csv(api, folder, args):
    """Its columns are named as on the server."""
    text = api.df.get(filter=OTHER, **args).decode("utf-8")
    assert text == f"row,int_value,stream_slug\n{WHEN},5,{OTHER}\n{WHEN},-7,{OTHER}\n"


def test_table_is_csv_for_whoever_accepts_only_that(url, folder):
    """Without `format=`, which used to be a 500; another format is a 404."""
    accept = {"Accept": "text/csv"}
    reply = requests.get(f"{url}df/?filter={STREAM}", headers=accept, timeout=5)
    assert reply.headers["Content-Type"].startswith("text/csv")
    assert reply.text.splitlines()[1] == f"2018-01-01T00:00:00Z,1,{STREAM}"
    assert requests.get(f"{url}df/?format=xml", timeout=5).status_code == 404


def test_device_extra_counts_points(api, cloud, folder):
    """Streams without data are left out, data without a stream are in."""
    empty = "s--0000-0001--0000-0000-0000-0001--5003"
    cloud.streams[empty] = {"slug": empty}
    extra = api.device(DEVICE).extra.get()
    assert extra.pop("stream_counts") == {
        STREAM: {"data_cnt": 2, "has_streamid": True},
        OTHER: {"data_cnt": 2, "has_streamid": False},
    }
    assert extra == {name: cloud.devices[DEVICE][name] for name in extra}
    assert len(extra) == 8


def test_raw_events_and_variable_types_are_files(api, folder):
    """One that is not there is a 404."""
    assert api.event(7).data.get() == {"acc": [1, 2]}
    assert api.vartype("temp").get() == {"slug": "temp"}
    for resource in (api.event(8).data, api.vartype("x")):
        with pytest.raises(HttpNotFoundError):
            resource.get()
