"""Asking for reports: availability, scheduling, summaries."""

from __future__ import annotations

import pytest

TRACKER = "d--0000-0000-0000-000a"
PLAIN = "d--0000-0000-0000-000f"
FOREIGN = "d--0000-0000-0000-000c"
UPDATES = "s--0000-0001--0000-0000-0000-000a--5a08"
REPORTS = [{"key": "shipment_overview", "label": "Overview"}]


@pytest.fixture
def description(describe):
    content = describe()
    extra = {"web": {"tabs": {"reports": {"args": {"supportedReportTemplates": REPORTS}}}}}
    content["sensor_graphs"].append({"slug": "tracker-v1", "ui_extra": extra})
    content["devices"][0]["sg"] = "tracker-v1"
    known = content["streams"][0]
    variable = "v--0000-0001--5a08"
    content["streams"].append({**known, "slug": UPDATES, "variable": variable})
    return content


def availability(client, **body):
    return client.post("/report/generated/availability/", json=body)


def schedule(client, **body):
    body = {"slug": TRACKER, "template": "shipment_overview", **body}
    return client.post("/report/generated/schedule/", json=body)


def summary(client, **body):
    body = {"generator": "end_of_trip", "notification_recipients": ["email:a@example.com"], **body}
    return client.post("/report/summary/", json=body)


def test_available(ann):
    """A device whose sensor graph names report templates supports them."""
    reply = availability(ann, slug=TRACKER)
    assert reply.status_code == 202
    assert reply.json() == {
        "slug": TRACKER,
        "code": "AVAILABLE",
        "msg": "Analytic Reports",
        "extra": {"reports": REPORTS},
    }


def test_not_available(ann):
    """A device whose sensor graph names none does not."""
    assert availability(ann, slug=PLAIN).json()["code"] == "NOT_SUPPORTED"


@pytest.mark.parametrize(
    ("body", "status"),
    [({}, 400), ({"slug": "x" * 23}, 400), ({"slug": "d--0fff"}, 404), ({"slug": FOREIGN}, 403)],
)
def test_bad_availability(ann, body, status):
    """The device must be named, known, and readable."""
    assert availability(ann, **body).status_code == status


def test_schedule(ann):
    """A scheduled report is listed as such, and the answer is what the worker would get."""
    reply = schedule(ann, label="L", args={"a": 1})
    content = reply.json()
    assert reply.status_code == 202
    assert (content["group_slug"], content["user"]) == (TRACKER, "ann@example.com")
    assert (content["template"], content["args"]) == ("shipment_overview", {"a": 1})
    assert content["token"].count(".") == 2
    report = ann.get(f"/report/generated/{content['report']}/").json()
    assert (report["label"], report["status"], report["source_ref"]) == ("L", "GS", TRACKER)


def test_schedule_again(ann):
    """A report that is there can be scheduled once more."""
    first = schedule(ann).json()["report"]
    ann.patch(f"/report/generated/{first}/", json={"status": "GE"})
    assert schedule(ann, report=first).json()["report"] == first
    assert ann.get(f"/report/generated/{first}/").json()["status"] == "GS"


@pytest.mark.parametrize(
    ("body", "status"),
    [({"template": "x"}, 400), ({"slug": FOREIGN}, 403), ({"report": "x"}, 400)],
)
def test_bad_schedule(ann, body, status):
    """Template, device and report must be ones, and the caller's."""
    assert schedule(ann, **body).status_code == status


def test_member_may_not_schedule(client_of):
    """Scheduling makes a report, which a member may not."""
    assert schedule(client_of("bob")).status_code == 403


@pytest.mark.parametrize("name", ["slug", "device_slug"])
def test_summary(ann, name):
    """A summary is scheduled, under either name of the device."""
    reply = summary(ann, **{name: TRACKER})
    assert (reply.status_code, reply.json()) == (202, {"status": "scheduled"})


def test_summary_is_the_last_update_of_a_device_that_travels(ann):
    """The moment of a summary is the last update in the status of the project."""
    summary(ann, slug=TRACKER)
    results = ann.get("/shipping/project/status/p--0000-0001/").json()["results"]
    updates = {result["slug"]: result["last_update"] for result in results}
    assert updates[TRACKER] == "2020-09-13 12:26:40"


def test_summary_of_another_device_leaves_no_event(ann):
    """A device without the stream of trip updates gets no event."""
    assert summary(ann, slug=PLAIN).status_code == 202
    assert ann.get("/event/", params={"filter": PLAIN}).json()["count"] == 0


def test_summary_is_json_whatever_its_label(ann):
    """The body is read as JSON even when it is labelled as something else."""
    headers = {"Content-Type": "text/plain"}
    assert ann.post("/report/summary/", data=b"{bad", headers=headers).status_code == 400


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "slug"),
        ({"slug": TRACKER, "generator": "x"}, "generator"),
        ({"slug": TRACKER, "notification_recipients": "x"}, "notification_recipients"),
    ],
)
def test_bad_summary(ann, body, field):
    """What is missing or wrong is named."""
    reply = summary(ann, **body)
    assert (reply.status_code, list(reply.json())) == (400, [field])
