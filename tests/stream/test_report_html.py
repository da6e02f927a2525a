"""Tests for the page of a report: iotile_cloud.stream.report_html and what it is made of."""

from __future__ import annotations

import re
import shutil
import subprocess
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

import iotile_cloud
from iotile_cloud.stream.columns import Columns
from iotile_cloud.stream.curve import Curve
from iotile_cloud.stream.receipt import Receipt
from iotile_cloud.stream.report import (
    AccumulationReportGenerator,
    ReportReceipt,
    StatisticsReportGenerator,
)
from iotile_cloud.stream.report_html import report_html
from iotile_cloud.stream.report_text import write_report

SUMS = {"streams": {"s--1": {"sum": 0.1, "units": "G"}}, "total": 0.1}
SCRIPT = "<script>document.title='taken'</script><img src=x onerror=alert(1)>\"'&\x00\ud800\u202e"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
BROWSER = next(filter(None, map(shutil.which, BROWSERS)), None)
FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-sync", "--disable-background-networking", "--disable-component-update"),
    "--enable-logging=stderr",
]


def readings(*values):
    """Return readings, one a second."""
    times = [f"2024-03-05T00:00:{at:02}Z" for at in range(len(values))]
    return Columns.made({"timestamp": times, "output_value": values})


def hostile():
    """Return a page in which every text is an attack."""
    slug = f"s--{SCRIPT}"
    report = {
        "streams": {slug: {"sum": 1e308, SCRIPT: SCRIPT, "units": SCRIPT}},
        "total": float("inf"),
    }
    receipt = ReportReceipt(
        {slug: Receipt(9, 8, first=SCRIPT, how=SCRIPT)}, {slug: 3}, {SCRIPT: SCRIPT}
    )
    return report_html(
        report,
        title=SCRIPT,
        query={"sources": [SCRIPT], SCRIPT: SCRIPT, "start": SCRIPT},
        receipt=receipt,
        series={slug: readings(1.0, None, 3.0)},
        labels={slug: SCRIPT},
    )


class Page(HTMLParser):
    """What is in a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.words = [], [], []
        self.feed(text)
        self.text = " ".join(self.words)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.words.append(data)


def test_a_page_tells_total_streams_query_receipt_and_version():
    """Everything that is known of a report is on its page."""
    text = Page(
        report_html(
            SUMS,
            title="Water",
            query={
                "start": "2024-03-05T00:00:00Z",
                "end": "2024-03-06",
                "sources": ["p--1", "p--2"],
            },
            receipt=ReportReceipt({"s--1": Receipt(1440, 1440, complete=True)}),
            labels={"s--1": "Garden"},
        )
    ).text
    for words in ("Water", "Garden", "p--1, p--2", "1,440", "0.1", iotile_cloud.__version__):
        assert words in text
    assert "From 5 Mar 2024 00:00 UTC to before 6 Mar 2024 00:00 UTC" in text


def test_a_time_is_below_its_value():
    """Of statistics, `first_time` is no column of its own."""
    one = {"first": 1.5, "first_time": "2024-03-05T00:00:00Z", "units": "G"}
    page = report_html({"streams": {"s--1": one}})
    assert re.findall(r'<th scope="col"[^>]*>([^<]*)', page) == ["stream", "first", "units"]
    assert "<small><span>2024-03-05</span> <span>00:00:00</span></small>" in page


def test_no_value_of_a_report_is_left_out():
    """A name that ends like that of a time is a column where there is nothing it could be below."""
    page = report_html({"streams": {"s--1": {"stream_time": 1.5, "sum": 2.5}}})
    assert ">1.5<" in page
    assert ">2.5<" in page


@pytest.mark.parametrize(
    ("units", "shown"),
    [
        (["G", "G"], "<dd>3 <small>G</small></dd>"),
        (["G", "C"], "<dd>3</dd>"),
        ([None], "<dd>3</dd>"),
    ],
)
def test_a_total_has_the_unit_that_all_streams_have(units, shown):
    """Where units differ, or there is none, the total is a bare number."""
    streams = {f"s--{at}": {"sum": 1.5, "units": unit} for at, unit in enumerate(units)}
    assert shown in report_html({"streams": streams, "total": 3.0})


def test_a_wide_table_can_be_moved_with_the_keyboard():
    """Each is a named region that takes the focus, and its heads say what they are heads of."""
    receipt = ReportReceipt({"s--1": Receipt(1, 1, complete=True)})
    page = Page(report_html(SUMS, receipt=receipt))
    assert page.attributes.count(("tabindex", "0")) == page.tags.count("table") == 2
    assert ("aria-label", "Streams") in page.attributes
    assert page.tags.count("th") == len([name for name, _ in page.attributes if name == "scope"])


def test_the_problems_of_a_report_are_on_its_page():
    """What is left out, short, without value or empty is said."""
    receipt = ReportReceipt(
        {"s--1": Receipt(10, 7), "s--2": Receipt(0, 0, complete=True)},
        {"s--1": 4},
        {"p--9": "Client Error 404"},
    )
    text = Page(report_html(SUMS, receipt=receipt)).text
    for words in (
        "p--9 is left out: Client Error 404",
        "s--1 is not complete: 7 of 10 readings came.",
        "s--1: 4 readings have no value",
        "s--2 has no readings",
    ):
        assert words in text


def test_the_receipt_of_a_download_is_told_too():
    """A plain receipt that is not complete is a problem and a list of facts."""
    text = Page(report_html(SUMS, receipt=Receipt(10, 7, nulls=2, how="windows"))).text
    assert "This is not complete: 7 of 10 readings came." in text
    assert "2 readings have no time." in text
    assert "windows" in text


@pytest.mark.parametrize("label", ["Garden", None])
def test_each_series_is_a_plot_that_says_what_it_draws(label):
    """The words of a plot, also for those who do not see it, tell its stream and its readings."""
    labels = {"s--1": label} if label else {}
    page = report_html(SUMS, series={"s--1": readings(1.0, None, 3.0)}, labels=labels)
    words = f"{label or 's--1'} in G: 2 readings, all drawn; 1 without a value: a gap."
    assert f"<title>{words}</title>" in page
    assert page.count("<figure>") == 1


def test_a_plot_of_many_says_how_many_it_draws():
    """A curve keeps fewer points than readings, and the page says so."""
    columns = readings(*(float(at * 7 % 50) for at in range(50)))
    page = report_html(SUMS, series={"s--1": Curve.of([columns] * 200, "output_value")})
    assert "10,000 readings, drawn through 100 of them" in page


def test_readings_as_stored_are_plotted_by_value():
    """Columns without an output value are plotted all the same."""
    columns = Columns.made({"timestamp": ["2024-03-05T00:00:00Z"], "value": [2.0]})
    assert "1 reading." in report_html(SUMS, series={"s--1": columns})


def test_a_stream_without_readings_says_so():
    """An empty series is words instead of a picture."""
    page = report_html(SUMS, series={"s--1": readings()})
    assert "No readings to draw." in page
    assert "<svg" not in page


def test_a_report_that_found_no_streams_is_a_page_that_says_so():
    """The words of the report are on it, with what the receipt tells."""
    receipt = ReportReceipt(unreadable={"p--9": "unknown"})
    text = Page(report_html({"error": "No streams were found"}, receipt=receipt)).text
    assert "No streams were found" in text
    assert "p--9 is left out: unknown" in text


@pytest.mark.parametrize("report", [["mine"], {"streams": [1]}, {}])
def test_a_report_of_another_form_is_no_page(report):
    """Only a report with values for each stream becomes a page."""
    with pytest.raises(ValueError, match="JSON takes any"):
        report_html(report)


def test_a_page_runs_nothing_and_fetches_nothing():
    """Whatever the texts, there is no script, no handler and no address to load from."""
    page = Page(hostile())
    assert not {"script", "img", "link", "iframe", "object", "base", "a"} & set(page.tags)
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    assert not [name for name, _ in page.attributes if name in ("src", "href", "xlink:href")]
    assert "url(" not in hostile()
    assert "@import" not in hostile()


def test_a_hostile_text_stays_a_text():
    """It is shown as it is, but for what no page can hold."""
    shown = SCRIPT.translate({0: 0xFFFD, 0xD800: 0xFFFD, 0x202E: 0xFFFD})
    assert Page(hostile()).text.count(shown) > 5


def test_a_page_is_well_formed():
    """Even as strict XML it can be read, and written as UTF-8."""
    assert ElementTree.fromstring(hostile().encode()).tag == "html"


TEXTS = st.text() | st.floats() | st.integers() | st.none() | st.booleans()


@given(st.dictionaries(st.text(), st.dictionaries(st.text(), TEXTS, max_size=4), max_size=3), TEXTS)
def test_any_report_is_a_well_formed_page(streams, total):
    """Whatever a report holds, its page can be read."""
    page = report_html({"streams": streams, "total": total})
    assert ElementTree.fromstring(page.encode()).tag == "html"


def test_a_page_is_written_by_the_ending_of_its_name(tmp_path):
    """`.html` writes the page, with all that it is given."""
    write_report(SUMS, tmp_path / "a.html", title="Water")
    assert (tmp_path / "a.html").read_text(encoding="utf-8") == report_html(SUMS, title="Water")


def test_other_forms_have_no_place_for_a_title(tmp_path):
    """What only a page can tell is refused for a table."""
    with pytest.raises(TypeError, match="title"):
        write_report(SUMS, tmp_path / "a.csv", title="Water")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", [AccumulationReportGenerator, StatisticsReportGenerator])
def test_a_generator_keeps_what_its_page_needs(api, kind):
    """One download makes the report and the plots; the page names streams and readings."""
    generator = kind(api, plots=True)
    report = generator.compute_sum(["d--2001"], start="2024-03-05", end="2024-03-06")
    assert generator.report is report
    page = report_html(report, **generator.about)
    assert page.count("<figure>") == 2
    assert "1,440 readings" in page
    assert "Garden" in page
    assert generator.query == {"sources": ["d--2001"], "start": "2024-03-05", "end": "2024-03-06"}


def test_without_plots_a_generator_keeps_none(api):
    """Who wants no page pays nothing for one."""
    generator = AccumulationReportGenerator(api)
    generator.compute_sum(["d--2001"], start="2024-03-05", end="2024-03-06")
    assert generator.curves == {}


MEASURE = """
for (const one of document.querySelectorAll('path')) {
  const box = one.getBoundingClientRect();
  one.setAttribute('data-size', Math.round(box.width) + ' ' + Math.round(box.height));
}
document.body.dataset.wide = document.documentElement.scrollWidth;
document.body.dataset.untaken = document.title !== 'taken';
"""


def measured(page):
    """Return a page that measures itself: of all scripts this one alone is let through."""
    digest = b64encode(sha256(MEASURE.encode()).digest()).decode()
    policy = f"script-src 'sha256-{digest}'; default-src 'none'"
    page = page.replace("default-src &#x27;none&#x27;", policy)
    return page.replace("</body>", f"<script>{MEASURE}</script></body>")


@pytest.fixture
def shown(tmp_path):
    """A function that opens a page in Chromium and returns what it became, and the complaints."""

    def shown(page):
        path = tmp_path / "page.html"
        path.write_text(page, encoding="utf-8")
        profile = f"--user-data-dir={tmp_path / 'profile'}"
        command = [BROWSER, *FLAGS, profile, "--window-size=1100,900", "--dump-dom", path.as_uri()]
        done = subprocess.run(command, capture_output=True, timeout=60, check=True)
        complaints = [line for line in done.stderr.splitlines() if b"CONSOLE" in line]
        return done.stdout.decode(), complaints

    return shown


@pytest.mark.skipif(BROWSER is None, reason="there is no Chromium")
def test_a_browser_shows_the_page(shown):
    """Chromium draws the plots, complains of nothing, loads nothing and runs none of the texts."""
    became, complaints = shown(measured(hostile()))
    sizes = [tuple(map(int, one)) for one in re.findall(r'data-size="(\d+) (\d+)"', became)]
    assert max(width for width, _ in sizes) > 500
    assert max(height for _, height in sizes) > 100
    assert 'data-untaken="true"' in became
    assert int(re.search(r'data-wide="(\d+)"', became)[1]) <= 1100  # nothing sticks out
    assert complaints == []
