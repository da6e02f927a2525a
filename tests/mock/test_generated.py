"""Generated reports and updates, as clients of the mock cloud post them."""

from __future__ import annotations

import json

import pytest
import requests

from iotile_cloud.api.exceptions import HttpClientError

DEVICE = "d--0000-0000-0000-0001"


def test_generated_report_is_made_and_its_file_uploaded(api, cloud):
    """The form of `uploadurl` is taken by the mock itself."""
    made = api.report.generated.post({"label": "Week", "org": "quick-test-org"})
    assert cloud.generated_reports == {made["id"]: made}
    resource = api.report.generated(made["id"])
    form = resource.uploadurl.post({"name": "a.html", "content_type": "text/html"})
    assert cloud.generated_reports_urls == {made["id"]: form}
    page = b"<p>The week in numbers</p>"
    sent = requests.post(form["url"], data=form["fields"], files={"file": page}, timeout=5)
    assert sent.status_code == 204
    file = resource.uploadsuccess.post({"name": "a.html"})
    assert requests.get(file["url"], timeout=5).content == page
    assert resource.get()["index_file"] == file
    assert resource.get()["status"] == "G1"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": "a", "content_type": "x/y"}, "content_type"),
        ({"name": "a", "acl": "x"}, "acl"),
        ({"name": "a", "acl": {}}, "acl"),
    ],
)
def test_upload_form_needs_a_name_and_known_choices(api, body, field):
    """The error names the field."""
    made = api.report.generated.post({"label": "Week", "org": "quick-test-org"})
    with pytest.raises(HttpClientError) as caught:
        api.report.generated(made["id"]).uploadurl.post(body)
    assert list(json.loads(caught.value.content)) == [field]


def test_client_finds_and_reports_its_updates(api, cloud):
    """From the device over the script to the action."""
    cloud.quick_add_fleet([1], fleet_slug=1)
    cloud.quick_add_deployment_to_fleet(1, 1, [])
    info = api.ota.device(DEVICE).get()
    [request] = info["deployments"]
    assert api.ota.script(request["script"]).file.get()["url"] == "bar.com/zipzap"
    body = {"deployment": request["id"], "device": DEVICE, "attempt_successful": True}
    action = api.ota.action.post(body)
    assert action["id"] == 1
    assert cloud.ota_devices[DEVICE]["actions"] == [action]
    with pytest.raises(HttpClientError, match="d--0009"):
        api.ota.action.post({"deployment": 1, "device": "d--0009"})
