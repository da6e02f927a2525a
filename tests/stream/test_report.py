"""Tests for iotile_cloud.stream.report."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta, timezone

import pytest

from iotile_cloud.api.connection import Api
from iotile_cloud.api.exceptions import (
    HttpServerError,
    HttpUnexpectedReplyError,
    PartialDataError,
    TransportError,
)
from iotile_cloud.local.demo import demo_facts
from iotile_cloud.stream.data import StreamData
from iotile_cloud.stream.fleet import OneOfMany
from iotile_cloud.stream.report import (
    AccumulationReportGenerator,
    BaseReportGenerator,
    StatisticsReportGenerator,
)

FACTS = demo_facts()
STREAM = FACTS.upload.stream
WINDOW = {"start": FACTS.start, "end": FACTS.end}


@pytest.fixture
def generator(api):
    return AccumulationReportGenerator(api)


def test_the_report_has_exactly_the_published_shape(generator):
    """A report is a sum and a unit for each stream, and the total."""
    report = generator.compute_sum([STREAM], **WINDOW)
    assert report == {
        "streams": {STREAM: {"sum": pytest.approx(FACTS.window_sums[STREAM]), "units": "G"}},
        "total": pytest.approx(FACTS.window_sums[STREAM]),
    }


def test_a_project_stands_for_all_its_streams(generator):
    """A project slug brings the streams of all its devices."""
    report = generator.compute_sum([FACTS.water_project], **WINDOW)
    found = {slug: one["sum"] for slug, one in report["streams"].items()}
    assert found == pytest.approx(FACTS.window_sums)


def test_a_short_device_slug_stands_for_its_streams(generator):
    """A device slug may be short and brings the device's streams."""
    report = generator.compute_sum(["d--2001"], **WINDOW)
    assert set(report["streams"]) == {s for s in FACTS.window_sums if "2001" in s}


def test_streams_on_all_pages_of_a_listing_are_read(api, monkeypatch):
    """A project whose streams fill several pages is summed whole."""
    monkeypatch.setattr("iotile_cloud.api.resource.LARGEST_PAGE", 2)
    report = AccumulationReportGenerator(api).compute_sum([FACTS.water_project], **WINDOW)
    assert report["total"] == pytest.approx(FACTS.window_total)


def test_a_stream_counts_once(generator):
    """A stream that several sources name is in the total once."""
    report = generator.compute_sum([FACTS.water_project, "d--2001", STREAM, STREAM], **WINDOW)
    assert report["total"] == pytest.approx(FACTS.window_total)


def test_a_second_report_begins_anew(generator):
    """Streams of an earlier report are not in the next one."""
    generator.compute_sum([FACTS.water_project], **WINDOW)
    assert list(generator.compute_sum([STREAM], **WINDOW)["streams"]) == [STREAM]


def test_the_end_is_now_when_it_is_left_out(generator):
    """Without an end the window reaches to the present."""
    report = generator.compute_sum([STREAM], start=FACTS.start - timedelta(days=2))
    assert report["total"] == pytest.approx(FACTS.sums[STREAM])


def test_times_are_sent_in_whole_seconds_of_utc(pages):
    """Datetimes are converted to UTC and sent as the server writes them."""
    api = pages({"slug": STREAM}, {"count": 0, "next": None, "results": []})
    start = datetime(2018, 1, 1, 12, 0, 0, 900, tzinfo=timezone(timedelta(hours=-7)))
    AccumulationReportGenerator(api).compute_sum([STREAM], start=start, end=datetime(2018, 1, 2))
    asked = pages.asked()[-1]
    assert (asked["start"], asked["end"]) == ("2018-01-01T19:00:00Z", "2018-01-02T00:00:00Z")


def test_zero_sums_are_left_out(generator):
    """A stream that adds up to nothing is not in the report."""
    long_ago = datetime(2001, 1, 1)
    report = generator.compute_sum([STREAM], start=long_ago, end=long_ago + timedelta(days=1))
    assert report == {"streams": {}, "total": 0.0}


def test_no_streams_are_told_as_published(generator):
    """Sources without a stream give the published dictionary."""
    assert generator.compute_sum([], **WINDOW) == {"error": "No streams were found for these GIDs"}


@pytest.mark.parametrize("source", ["x--1", "0001", "", "p--zzzz", "s--1"])
def test_an_illegal_source_is_logged_and_skipped(generator, caplog, source):
    """A source that is no slug is told in log and receipt, and the others are read."""
    report = generator.compute_sum([source, STREAM], **WINDOW)
    assert list(report["streams"]) == [STREAM]
    assert source in generator.receipt.unreadable
    assert not generator.receipt.complete
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


def test_an_unknown_prefix_is_called_an_illegal_source_slug(generator, caplog):
    """The published words are used for a prefix that names no source."""
    generator.compute_sum(["x--1"], **WINDOW)
    assert "Illegal source slug: x--1" in caplog.text


def test_an_unknown_stream_is_logged_and_skipped(generator):
    """A stream that the server does not know leaves a gap that the receipt tells."""
    unknown = "s--0000-0101--0000-0000-0000-2001--5fff"
    report = generator.compute_sum([unknown, STREAM], **WINDOW)
    assert list(report["streams"]) == [STREAM]
    assert "404" in generator.receipt.unreadable[unknown]


def test_a_bad_token_is_told(cloud, caplog):
    """Without a good token there is no stream, and the reason is in log and receipt."""
    api = Api(cloud.url)
    api.set_token("a.b.c")
    generator = AccumulationReportGenerator(api)
    assert generator.compute_sum([STREAM], **WINDOW) == {
        "error": "No streams were found for these GIDs"
    }
    assert "Error decoding signature" in generator.receipt.unreadable[STREAM]
    assert "Client Error 401" in caplog.text


@pytest.mark.parametrize(
    ("source", "reason"), [("d--fffe", "Not found."), ("p--7777", "no streams were found for it")]
)
def test_a_source_without_streams_is_told(generator, source, reason):
    """A project or device that has no streams, or is not there, does not vanish from the report."""
    report = generator.compute_sum([source, STREAM], **WINDOW)
    assert list(report["streams"]) == [STREAM]
    assert list(generator.receipt.unreadable) == [source]
    assert reason in generator.receipt.unreadable[source]


def test_a_stream_whose_data_may_not_be_read_is_told(pages, scripted):
    """A stream that is listed but refuses its readings leaves a gap that the receipt tells."""
    forbidden = scripted.reply(403, {"detail": "Not yours."})
    generator = AccumulationReportGenerator(pages({"slug": STREAM}, forbidden))
    assert generator.compute_sum([STREAM], **WINDOW) == {"streams": {}, "total": 0.0}
    assert "Not yours." in generator.receipt.unreadable[STREAM]
    assert not generator.receipt.complete


def test_a_short_download_is_in_the_receipt_of_the_report(pages):
    """A report that stops because readings are missing says of which stream."""
    short = {"count": 2, "next": None, "results": [{"timestamp": None, "output_value": 1.0}]}
    generator = AccumulationReportGenerator(pages({"slug": STREAM}, short))
    with pytest.raises(PartialDataError):
        generator.compute_sum([STREAM], **WINDOW)
    assert generator.receipt.streams[STREAM].received == 1


def test_a_reply_that_is_no_stream_raises(pages):
    """A malformed record of a stream is an error of the library's tree."""
    with pytest.raises(HttpUnexpectedReplyError, match="a stream was expected"):
        AccumulationReportGenerator(pages([])).compute_sum([STREAM], **WINDOW)


def test_a_single_source_needs_no_list(generator):
    """One slug is one source, not as many as it has letters."""
    assert list(generator.compute_sum(STREAM, **WINDOW)["streams"]) == [STREAM]


@pytest.mark.parametrize("window", [{"start": "soon"}, {"start": FACTS.start, "end": 5}])
def test_a_bad_time_asks_nothing(pages, window):
    """A window that makes no sense raises before the streams are looked up."""
    with pytest.raises((TypeError, ValueError)):
        AccumulationReportGenerator(pages()).compute_sum([STREAM], **window)
    assert pages.asked() == []


@pytest.mark.parametrize(
    ("fetch", "slug", "asked"),
    [
        ("_fetch_streams_from_project_slug", "p--0101", {"project": "p--0000-0101"}),
        ("_fetch_streams_from_device_slug", "d--0002", {"device": "d--0000-0000-0000-0002"}),
    ],
)
def test_the_fetchers_expand_slugs(pages, fetch, slug, asked):
    """The published fetchers ask with the full slug and hold streams and slugs."""
    one = {"slug": STREAM}
    generator = BaseReportGenerator(pages({"count": 1, "next": None, "results": [one]}))
    getattr(generator, fetch)(slug)
    assert asked.items() <= pages.asked()[0].items()
    assert (generator._streams, generator._stream_slugs) == ([one], [STREAM])


def test_the_fetcher_of_a_stream_expands_its_slug(pages):
    """A short stream slug is completed in the path."""
    generator = BaseReportGenerator(pages({"slug": STREAM}))
    generator._fetch_stream_from_slug("s--0101--2001--5001")
    assert pages.paths() == [f"/api/v1/stream/{STREAM}/"]


def test_a_failing_server_raises(pages, scripted):
    """A server that fails raises, since the sum would be short."""
    api = pages(always=scripted.reply(500))
    with pytest.raises(HttpServerError):
        AccumulationReportGenerator(api).compute_sum([STREAM], **WINDOW)


def test_a_broken_proxy_raises(pages, monkeypatch):
    """A failure of the network, though a ValueError, is not taken for a malformed source."""
    generator = AccumulationReportGenerator(pages())
    monkeypatch.setenv("http_proxy", "http:///nowhere")
    with pytest.raises(TransportError):
        generator.compute_sum([STREAM], **WINDOW)


def test_null_values_are_left_out_and_counted(pages, caplog):
    """A reading without a value is not summed, and is told."""
    rows = [{"timestamp": None, "output_value": None}, {"timestamp": None, "output_value": 2.5}]
    slug = "s--0000-0001--0000-0000-0000-0001--5001"
    server = pages(
        {"slug": slug, "output_unit": None},
        {"count": 2, "next": None, "results": rows},
    )
    generator = AccumulationReportGenerator(server)
    assert generator.compute_sum([slug], start="2018-01-01T00:00:00Z") == {
        "streams": {slug: {"sum": 2.5, "units": ""}},
        "total": 2.5,
    }
    assert generator.receipt.nulls == {slug: 1}
    assert "1 readings without a value" in caplog.text


def test_the_receipt_has_the_account_of_each_stream(generator):
    """Each stream's download can be looked up."""
    generator.compute_sum([STREAM], **WINDOW)
    assert generator.receipt.streams[STREAM].received == 1440
    assert generator.receipt.complete


def test_streams_without_readings_are_told(generator):
    """A stream that has nothing in the window is named."""
    generator.compute_sum([STREAM], start=datetime(2001, 1, 1), end=datetime(2001, 1, 2))
    assert generator.receipt.empty == [STREAM]
    assert generator.receipt.complete


def test_one_request_a_stream_is_enough(generator):
    """A stream that fits a page is read in one request."""
    generator.compute_sum([FACTS.water_project], **WINDOW)
    assert {one.requests for one in generator.receipt.streams.values()} == {1}


def test_long_streams_are_read_as_tables(generator, monkeypatch):
    """A stream of more than a page comes as a table, and the sum is the same."""
    monkeypatch.setattr(OneOfMany, "_few", 5)
    report = generator.compute_sum([STREAM], **WINDOW)
    assert generator.receipt.streams[STREAM].how == "table"
    assert report["total"] == pytest.approx(FACTS.window_sums[STREAM])


def test_very_long_streams_are_read_in_windows(generator, monkeypatch):
    """A table that would be too large to hold is not asked for, and the sum is the same."""
    for name, rows in [("_few", 100), ("_most", 1000), ("_page_size", 100)]:
        monkeypatch.setattr(OneOfMany, name, rows)
    report = generator.compute_sum([STREAM], **WINDOW)
    assert generator.receipt.streams[STREAM].how == "windows"
    assert report["total"] == pytest.approx(FACTS.window_sums[STREAM])


def test_progress_is_told_in_streams(api):
    """A function is called with the streams that are done and all streams."""
    told = []
    generator = AccumulationReportGenerator(api, progress=lambda *so_far: told.append(so_far))
    generator.compute_sum([FACTS.water_project], **WINDOW)
    streams = len(generator.receipt.streams)
    assert told[-1] == (streams, streams)
    assert len(told) == streams


def test_progress_counts_streams_that_are_left_out(pages, scripted):
    """The last call says that all streams are done, readable or not."""
    told = []
    generator = AccumulationReportGenerator(
        pages({"slug": STREAM}, scripted.reply(403)), progress=lambda *so_far: told.append(so_far)
    )
    generator.compute_sum([STREAM], **WINDOW)
    assert told == [(1, 1)]


@pytest.mark.parametrize("workers", [1, 8])
def test_the_number_of_workers_changes_no_report(api, workers):
    """Streams stand in the order in which they were found, whichever is read first."""
    generator = AccumulationReportGenerator(api, workers=workers)
    report = generator.compute_sum([FACTS.water_project], **WINDOW)
    assert report["total"] == pytest.approx(FACTS.window_total)
    assert list(report["streams"]) == [
        slug for slug in generator._stream_slugs if slug in report["streams"]
    ]
    assert list(generator.receipt.streams) == generator._stream_slugs


def test_statistics_are_those_of_the_readings(api):
    """Count, extremes, mean, first and last are those of the output values in the window."""
    report = StatisticsReportGenerator(api).compute_sum([STREAM], **WINDOW)
    readings = StreamData(STREAM, api)
    readings.initialize_from_server(**WINDOW)
    values = [row["output_value"] for row in readings.data]
    assert report == {
        "streams": {
            STREAM: {
                "count": len(values),
                "min": min(values),
                "max": max(values),
                "mean": pytest.approx(sum(values) / len(values)),
                "first": values[0],
                "last": values[-1],
                "first_time": readings.data[0]["timestamp"],
                "last_time": readings.data[-1]["timestamp"],
                "units": "G",
            }
        }
    }


def test_statistics_of_an_empty_stream_have_no_values(api):
    """A stream without readings is in the report, with nothing but its count."""
    generator = StatisticsReportGenerator(api)
    report = generator.compute_sum([STREAM], start=datetime(2001, 1, 1), end=datetime(2001, 1, 2))
    one = report["streams"][STREAM]
    assert {name for name, value in one.items() if value is not None} == {"count", "units"}
    assert one["count"] == 0


def test_a_fetcher_of_ones_own_is_called_for_its_sources(api):
    """Overriding a published fetcher changes which streams are found."""

    class Mine(AccumulationReportGenerator):
        asked = ()

        def _fetch_streams_from_device_slug(self, slug):
            self.asked = (*self.asked, slug)
            return self._fetch_stream_from_slug(STREAM)

    generator = Mine(api)
    report = generator.compute_sum(["d--1", "x--1", "d--2", STREAM], **WINDOW)
    assert generator.asked == ("d--1", "d--2")
    assert list(report["streams"]) == [STREAM]
    assert list(generator.receipt.unreadable) == ["x--1"]


def test_a_report_of_ones_own_overrides_process_data(api):
    """A derived generator has the streams of its sources at hand."""

    class Names(BaseReportGenerator):
        def _process_data(self, start, end):
            return sorted(stream["var_name"] for stream in self._streams), self._stream_slugs

    names, slugs = Names(api).compute_sum(["d--2001"], start=FACTS.start)
    assert names == ["Garden", "Mains"]
    assert len(slugs) == 2


def test_the_base_generator_says_what_to_override(api):
    """The base class names the method that is missing."""
    with pytest.raises(NotImplementedError, match="_process_data"):
        BaseReportGenerator(api).compute_sum([STREAM], start=FACTS.start)


def test_the_published_names_come_with_the_module():
    """A star import brings what published scripts take from it."""
    namespace = {}
    exec("from iotile_cloud.stream.report import *", namespace)
    names = "Api StreamData IOTileDeviceSlug gid2int datetime_to_str HttpNotFoundError"
    names += " HttpClientError datetime pprint AccumulationReportGenerator"
    assert set(names.split()) <= set(namespace)


@pytest.mark.parametrize("workers", [0, "4"])
def test_workers_that_make_no_sense_are_refused_before_anything_is_asked(workers):
    """A number of threads is checked where it is given, not in the middle of a report."""
    with pytest.raises(ValueError, match="workers must be a whole number"):
        AccumulationReportGenerator(None, workers=workers)


def test_workers_can_be_left_to_the_report(api):
    """None is as good as no number."""
    report = AccumulationReportGenerator(api, workers=None).compute_sum([STREAM], **WINDOW)
    assert list(report["streams"]) == [STREAM]
