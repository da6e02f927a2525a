"""The small services: jobs, signatures, counts, shares."""

from __future__ import annotations

import base64
import json

import pytest


def test_every_job_is_done(ann):
    """Jobs are done when they are asked for, so nobody knows them afterwards."""
    reply = ann.post("/pid/", data=b'{"pid": "pid:123"}')
    assert reply.status_code == 202
    assert reply.json() == {"pid": "pid:123", "info": {"error": "Not found"}}


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"pid": []}'])
def test_bad_job_is_400(ann, body):
    """A job has a number, in JSON."""
    assert ann.post("/pid/", data=body).status_code == 400


def test_policy_is_signed(ann):
    """The answer holds the policy as it was sent, and twenty bytes of signature."""
    policy = {"expiration": "2030-01-01T00:00:00Z", "conditions": [{"bucket": "b"}]}
    signed = ann.post("/s3file/sign/", json=policy).json()
    assert json.loads(base64.b64decode(signed["policy"])) == policy
    assert len(base64.b64decode(signed["signature"])) == 20


def test_headers_are_signed(ann):
    """An upload in parts has its headers signed."""
    assert list(ann.post("/s3file/sign/", json={"headers": "PUT"}).json()) == ["signature"]


@pytest.mark.parametrize("body", [[], {}, "x", 1])
def test_what_is_no_policy_is_400(ann, body):
    """Anything else is not signed."""
    assert ann.post("/s3file/sign/", json=body).status_code == 400


@pytest.mark.parametrize(("who", "status"), [(None, 401), ("ann", 403), ("root", 200)])
def test_counts_are_for_staff(client_of, who, status):
    """Only staff see how much there is."""
    assert client_of(who).get("/dbstats/").status_code == status


def test_counts(client_of):
    """The counts are those of the records."""
    assert client_of("root").get("/dbstats/").json()["device"] == 6


def test_share_leads_back(cloud, anybody):
    """There are no shared pages: the browser is sent to the start."""
    url = f"{cloud.url}/share/report/00000000-0000-4000-8000-000000000001/"
    reply = anybody.get(url, allow_redirects=False)
    assert (reply.status_code, reply.headers["Location"]) == (302, "/")
