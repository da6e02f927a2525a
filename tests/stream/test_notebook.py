"""Tests for what a notebook shows: iotile_cloud.stream.notebook and `_repr_html_` of results."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from iotile_cloud.local.demo import demo_facts
from iotile_cloud.stream.columns import Columns
from iotile_cloud.stream.curve import Curve
from iotile_cloud.stream.data import BaseData, RawData, StreamData
from iotile_cloud.stream.fleet import FleetData
from iotile_cloud.stream.report import AccumulationReportGenerator, StatisticsReportGenerator

STREAM = demo_facts().upload.stream
DEVICE = "d--0000-0000-0000-2001"


def text_of(html):
    """Return what is to be read in a fragment, which must be well-formed."""
    return " ".join(ElementTree.fromstring(html).itertext())


def test_a_download_shows_its_first_rows_its_number_and_its_account(api):
    """Ten rows, how many there are, and the receipt."""
    readings = StreamData(STREAM, api)
    readings.initialize_from_server(lastn=100)
    html = readings._repr_html_()
    assert html.count("<tr>") == 11
    for words in (STREAM, "100 rows held", "complete yes", "received 100"):
        assert words in text_of(html)
    assert repr(readings) == f"<StreamData {STREAM}: 100 rows held, complete>"


def test_the_unit_is_shown_once_it_is_known(api):
    """A download that asked for the stream's record shows its unit."""
    readings = StreamData(STREAM, api)
    readings.columns("output_value", start="2024-03-05", end="2024-03-06")
    assert "output unit: G" in text_of(readings._repr_html_())


@pytest.mark.parametrize(
    "make",
    [
        lambda api: StreamData(STREAM, api),
        lambda api: RawData(api),
        lambda api: FleetData(api, [DEVICE]),
        lambda api: StatisticsReportGenerator(api),
    ],
)
def test_showing_asks_nobody(scripted, make):
    """Nothing is downloaded for a notebook, whatever is shown."""
    from iotile_cloud import Api

    with Api(scripted.url) as api:
        shown = make(api)
        assert shown._repr_html_().startswith("<div>")
        assert repr(shown).startswith("<")
    assert scripted.requests == []


@pytest.mark.parametrize(
    "rows", [[{"value": "<script>\x00\ud800"}], [1, None, "x"], [{}], [{"a": {"b": "y" * 999}}]]
)
def test_odd_rows_are_shown_safely(rows):
    """Whatever the server sent becomes text in a well-formed table."""
    data = BaseData(None)
    data.data = rows
    assert f"{len(rows)} rows held" in text_of(data._repr_html_())


def test_what_cannot_be_shown_is_left_to_the_plain_text():
    """An error in a representation is none in the notebook."""
    data = BaseData(None)
    data.data = None
    assert data._repr_html_() is None
    assert repr(data) == "<BaseData: no rows held>"
    assert repr(object.__new__(StreamData)) == "<StreamData: 0 rows held>"
    bare = object.__new__(StatisticsReportGenerator)
    assert bare._repr_html_() is None
    assert repr(bare) == "<StatisticsReportGenerator: no report yet>"


@pytest.mark.parametrize("plots", [True, False])
def test_a_generator_shows_its_last_report(api, plots):
    """Sums, total, problems, and plots where they were kept."""
    generator = AccumulationReportGenerator(api, plots=plots)
    generator.compute_sum(["d--2001", "d--7777"], start="2024-03-05", end="2024-03-06")
    html = generator._repr_html_()
    for words in ("total", "d--7777 is left out", f"{DEVICE[3:]}--5001"):
        assert words in text_of(html)
    assert html.count("<svg") == (4 if plots else 0)  # a picture is one in another
    assert repr(generator) == "<AccumulationReportGenerator: 2 streams>"


@pytest.mark.parametrize(("streams", "said"), [(20, None), (523, "503 more plots")])
def test_a_notebook_keeps_few_plots(streams, said):
    """Of many streams the first are plotted, and it is said where the others are."""
    generator = AccumulationReportGenerator(None, plots=True)
    times = {"timestamp": ["2024-03-05T00:00:00Z"], "output_value": [1.0]}
    curve = Curve.of([Columns.made(times)], "output_value")
    generator.curves = {f"s--{at}": curve for at in range(streams)}
    html = generator._repr_html_()
    assert html.count("<figure>") == 20
    assert ("write_report(" in text_of(html)) == (said is not None)
    assert said is None or said in text_of(html)


def test_a_generator_without_a_report_says_so(api):
    """Before the first report there is none to show."""
    assert "no report yet" in text_of(AccumulationReportGenerator(api)._repr_html_())


def test_a_report_of_a_scripts_own_is_shown_as_text(api):
    """What a derived generator makes may be anything."""

    class Mine(AccumulationReportGenerator):
        def _process_data(self, start, end):
            return ["<mine>"]

    generator = Mine(api)
    generator.compute_sum(["d--2001"], start="2024-03-05")
    assert "['<mine>']" in text_of(generator._repr_html_())
