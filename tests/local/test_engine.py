"""The engine as a whole: whatever is asked, it answers, and never with a fault of its own."""

from __future__ import annotations

import json
import logging
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iotile_cloud.local import LocalCloud
from iotile_cloud.local.web.messages import Request

KINDS = ["account", "org", "project", "device", "variable", "stream", "data", "event"]
KINDS += ["streamer", "streamer/report", "auth/login", "auth/api-jwt-verify"]
KEYS = [
    "ann",
    "acme",
    "00000000-0000-4000-8000-000000000001",
    "d--000a",
    "d--0000-0000-0000-000a",
    "v--0000-0001--5001",
    "s--0000-0001--0000-0000-0000-000a--5001",
    "s--0000-0001--0000-0000-0000-000a--5002",
    "s--0000-0001--0000-0000-0000-0000--5001",
    "t--0000-0000-0000-000a--0000",
    "v--0000-0001--5003",
    "1",
]
TAILS = ["", "", "extra/", "type/", "data/", "projects/", "report/", "upload/"]
ACME = "00000000-0000-4000-8000-000000000001"
VALID = [f"{kind}/" for kind in KINDS]
VALID += ["account/ann/", "org/acme/", f"project/{ACME}/", "device/d--000a/", "event/1/"]
VALID += ["variable/v--0001--5001/", "stream/s--0001--000a--5001/", "event/1/data/"]
VALID += [
    "stream/s--0001--000a--5001/data/",
    "device/d--000a/extra/",
    "variable/v--0001--5001/type/",
]
VALID += ["streamer/t--0000-0000-0000-000a--0000/", "event/upload/"]
STREAM = "s--0000-0001--0000-0000-0000-000a--5001"
ARGUMENTS = ["filter", "start", "end", "timestamp", "lastn", "id_0", "id_max", "streamer_id_min"]
ARGUMENTS += ["page", "page_size", "project", "device", "org", "variable", "created_by", "mask"]
ARGUMENTS += ["property", "block", "selector", "format", "staff", "enabled", "streamer_ts_1"]
FIELDS = ["stream", "timestamp", "int_value", "value", "type", "status", "name", "org", "project"]
FIELDS += ["lid", "device", "variable", "extra_data", "data", "lat", "state", "sg", "input_unit"]
FIELDS += ["email", "password", "token", "offset", "raw_value_format", "decimal_places", "label"]
FIELDS += ["multiplication_factor", "division_factor", "mdo_type", "active", "index", "username"]
TIMES = ["2020-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"]
WORDS = st.sampled_from([*KEYS, *TIMES, "Num", "ITR", "S", "V", "<q", "<f", "out--temp--celsius"])
TEXTS = WORDS | st.text(max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)
READING = {"stream": STREAM, "timestamp": "2020-01-01T00:00:00Z"}
OBJECTS = st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=6)
OBJECTS |= OBJECTS.map(lambda data: {**READING, **data})
BODIES = st.one_of(
    st.binary(max_size=20),
    (OBJECTS | st.lists(OBJECTS, max_size=3)).map(lambda data: json.dumps(data).encode()),
)


PATHS = st.tuples(st.sampled_from(KINDS), TEXTS, st.sampled_from(TAILS)).map("/".join)


@pytest.fixture(scope="module")
def engine(describe):
    """An engine that lives through all examples: what one leaves must not break the next."""
    logging.getLogger("iotile_cloud.local").setLevel(logging.CRITICAL)
    yield LocalCloud(load=[describe()]).engine
    logging.getLogger("iotile_cloud.local").setLevel(logging.NOTSET)


@settings(deadline=None, max_examples=100)
@given(
    st.sampled_from(["GET", "GET", "POST", "PUT", "PATCH"]),
    st.sampled_from(VALID) | PATHS,
    st.dictionaries(st.sampled_from(ARGUMENTS), TEXTS, max_size=4),
    BODIES,
)
def test_no_request_breaks_the_engine(engine, method, path, query, body):
    """Any method, path, query and body gets an answer below 500."""
    token = engine.signer.issue(engine.store.get("account", "root"))
    headers = {"Host": "x", "Authorization": f"JWT {token}", "Content-Type": "application/json"}
    text = urlencode(query, errors="replace")
    reply = engine.handle(Request(method, f"/api/v1/{path}", text, headers, body))
    assert reply.status < 500, (method, path, query, body)


HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "Accept": st.sampled_from(["text/html", "application/msgpack", "*/*;q=x"]) | TEXTS,
        "Authorization": st.sampled_from(["JWT a.b.c", "a-jwt", "Token x", "Api-Key y.z"]) | TEXTS,
        "Content-Type": st.sampled_from(
            ["application/msgpack", "text/plain", "multipart/form-data; boundary=x"]
        )
        | TEXTS,
        "Cookie": st.sampled_from(["sessionid=x", "sessionid=x; csrftoken=y", "="]) | TEXTS,
        "Host": TEXTS,
        "Origin": TEXTS,
        "Access-Control-Request-Method": TEXTS,
    },
)
SUFFIXES = st.sampled_from(["", ".json", ".api", ".msgpack", ".json/"])


@settings(deadline=None, max_examples=100)
@given(
    st.sampled_from(["GET", "HEAD", "POST", "PATCH", "DELETE", "OPTIONS", "\xe9"]),
    st.sampled_from(["", *VALID]) | PATHS,
    SUFFIXES,
    HEADERS,
    BODIES,
)
def test_no_header_breaks_the_engine(engine, method, path, suffix, headers, body):
    """Any headers get an answer below 500, and no line of the answer holds a line end."""
    path = f"/api/v1/{path}".rstrip("/") + suffix if suffix else f"/api/v1/{path}"
    reply = engine.handle(Request(method, path, "", {"Host": "x", **headers}, body))
    assert reply.status < 500, (method, path, headers, body)
    assert not [line for line in reply.headers if {"\r", "\n"} & set("".join(line))]
