"""Random requests, fitting and unfitting, to every route of the tables.

Knows routes, fields and the words of the resources' modules, so that a new resource is asked
without a change here.  Knows nothing of what is answered.
"""

from __future__ import annotations

import ast
import functools
import gzip
import inspect
import json
import re
from urllib.parse import quote, unquote, urlencode

import msgpack

from iotile_cloud.local.routes import ROUTES
from iotile_cloud.local.rules.fields import R, Resource
from iotile_cloud.local.web.messages import Request
from iotile_cloud.streamer import Reading, SignedListReport

from .values import KINDS, MODULES
from .world import HOST, STREAM

METHODS = ("GET", "POST", "PATCH", "PUT", "DELETE", "HEAD", "HEAD", "OPTIONS", "OPTIONS")
MULTIPART = "multipart/form-data; boundary=B"
COMMON = ("page", "page_size", "format", "staff", "all", "lastn", "start", "end", "filter", "mask")
FORMATS = ("json", "api", "csv", "txt", "msgpack", "xml")
ACCEPTS = ("*/*", "text/html", "application/msgpack", "text/csv", "image/png", ";;,=", "text/*;q=x")
ENDS = ("", ".json", ".api", ".csv", "/", "//", "/../x/", "\\", "/x/")
BROKEN = (
    b"{",
    b"\xff",
    b"[1,",
    b"NaN",
    b"[" * 60000,
    b'{"a":"\xed\xa0\x80"}',
    b"\xc1",
    b"nul",
    b'"',
)
TYPES = (
    "text/plain",
    "application/json; charset=latin-1",
    "application/msgpack",
    "x",
    "multipart/",
)


@functools.cache
def words_of(route):
    """Return the words of the modules that serve `route`: names of arguments and fields."""
    home = next((m for m in MODULES if route in getattr(m, "ROUTES", ())), None)
    if home is None:
        return COMMON
    family = [m for m in MODULES if m.__name__.startswith(home.__name__)]
    nodes = (node for m in family for node in ast.walk(ast.parse(inspect.getsource(m))))
    texts = (n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str))
    words = [text for text in texts if re.fullmatch("[a-z][a-z0-9_]{1,30}", text)]
    filters = [
        n for m in family for r in vars(m).values() if isinstance(r, Resource) for n in r.filters
    ]
    return tuple(dict.fromkeys(words + filters))


def kind_of(route):
    """Return the kind of record that the path of `route` is about, as far as it says."""
    words = route.path.replace("<key>", "").strip("/").split("/")
    ends = [words[:n] for n in range(len(words), 0, -1)] + [words[1:2]]
    return next((kind for kind in map("/".join, ends) if kind in KINDS), "")


class Drawing:
    """Draws requests by chance.

    Args:
        rng: the chance.
        pool: what they name.

    Attributes:
        links: requests that answers told to make.
    """

    def __init__(self, rng, pool):
        self.rng = rng
        self.pool = pool
        self.links = []

    def _think_of(self, route):
        """Let values fit where `route` looks for them."""
        self.pool.part = re.sub("<[a-z]+>/", "", route.path).strip("/")
        self.pool.words = [word for word in words_of(route) if word != "staff"]

    def creation(self, route, headers):
        """Return a POST to `route` that fits as well as can be told."""
        self._think_of(route)
        self.pool.wild = 0.0
        kind, body = self.body(route)
        headers = {"Host": HOST, "Content-Type": kind, **headers}
        return Request("POST", self.path(route), "timestamp=2020-01-01T00:00:00Z", headers, body)

    def request(self, headers, orgs):
        """Return a request with these credentials, mostly about these organisations."""
        rng = self.rng
        self.pool.orgs = orgs
        self.pool.wild = rng.choice([0.0, 0.0, 0.02, 0.15])
        if self.links and rng.random() < 0.03:
            return rng.choice(self.links)
        route = rng.choice(ROUTES)
        self._think_of(route)
        method = rng.choice(METHODS if rng.random() < 0.12 else list(route.handlers))
        headers = {"Host": HOST, **headers}
        if rng.random() < self.pool.wild:
            headers["Accept"] = rng.choice(ACCEPTS)
        body = b""
        if method not in ("GET", "HEAD", "OPTIONS") or rng.random() < 0.02:
            kind, body = self.body(route)
            headers["Content-Type"] = kind
        return Request(method, self.path(route), self.query(route), headers, body)

    def path(self, route):
        """Return a path of `route`."""
        rng = self.rng

        def part(match):
            if rng.random() < self.pool.wild:
                return str(self.pool.bad())
            other = rng.random() < self.pool.wild
            return str(self.pool.key("" if other else kind_of(route)))

        path = route.prefix + re.sub("<[a-z:]+>", part, route.path)
        if rng.random() < self.pool.wild / 4:
            path = path.rstrip("/") + rng.choice(ENDS)
        return path

    def query(self, route):
        """Return a query, encoded, with arguments that `route` knows and others."""
        rng, words = self.rng, words_of(route)
        names = rng.choices(COMMON, k=rng.choice([0, 0, 0, 1, 2]))
        names += rng.sample(words, min(len(words), rng.choice([0, 0, 0, 1, 2, 20])))
        args = {name: self.argument(name) for name in names}
        if "filter" in words and rng.random() < 0.7:
            args["filter"] = self.pool.key(rng.choice(["stream", "device", "alias"]))
        if "timestamp" in words and rng.random() < 0.5:
            args["timestamp"] = self.pool.guessed("timestamp")
        if rng.random() < 0.3:
            args["target"] = self.pool.target()
        if rng.random() < 0.1:
            args["staff"] = "1"
        texts = {name: str(value) for name, value in args.items()}
        if rng.random() < self.pool.wild / 4:
            return rng.choice(["%", "%ff=%ff", "a=%00", "&&==", "page=1&page=2", "é=é", "\ud800=1"])
        return urlencode(texts, errors="surrogatepass")

    def argument(self, name):
        """Return the value of a query argument."""
        if name == "format":
            return self.rng.choice(FORMATS)
        return self.pool.guessed(name)

    def data(self, route):
        """Return what a body says: what fits the fields of `route`, mostly, and then spoilt."""
        rng = self.rng
        fields = [f for f in route.fields if f.access != R]
        wanted = [
            f
            for f in fields
            if (f.required and rng.random() >= self.pool.wild) or rng.random() < 0.3
        ]
        data = {field.name: self.pool.fitting(field) for field in wanted}
        if not fields or rng.random() < self.pool.wild:
            words = self.pool.words
            for name in rng.sample(words, min(len(words), rng.choice([0, 1, 5, 40]))):
                data[name] = self.pool.guessed(name)
            if {"email", "password"} <= set(self.pool.words) and rng.random() < 0.6:
                data |= self.pool.known
        if data and rng.random() < 2 * self.pool.wild:
            data[rng.choice(list(data))] = self.pool.bad()
        if rng.random() < self.pool.wild / 4:
            return self.pool.bad()
        if rng.random() < 0.08:
            other = self.pool.bad() if rng.random() < self.pool.wild else data
            return [data, other][: rng.randint(0, 2)]
        return data

    def body(self, route):
        """Return the content type and the bytes of a body."""
        rng, data = self.rng, self.data(route)
        if route.accepted == ("multipart/form-data",):
            return self.form(data)
        files = {"multipart/form-data", "*/*"} & set(route.accepted) and "msgpack" in str(route)
        chance = rng.random() - (0.6 if files else 0.0)
        if chance < 0.06:
            return self.form(data)
        if chance < 0.10:
            return "application/msgpack", packed(data)
        if chance < 0.13:
            fields = data.items() if isinstance(data, dict) else ()
            text = urlencode({name: str(value) for name, value in fields}, errors="replace")
            return "application/x-www-form-urlencoded", text.encode()
        kind = rng.choice(TYPES) if rng.random() < self.pool.wild / 4 else "application/json"
        return kind, rng.choice(BROKEN) if rng.random() < self.pool.wild / 4 else json.dumps(
            data
        ).encode()

    def form(self, data):
        """Return a multipart form with the fields of `data`, and a file."""
        rng = self.rng
        name = rng.choice(["r.bin", "r.json", "r.mp", "e.json", "e.json.gz", "r", "é/.bin", ""])
        fields = {"stream": STREAM, "timestamp": "2020-01-01T00:00:00Z"}
        fields |= data if isinstance(data, dict) else {}
        body = multipart(fields, name, self.file(name))
        if rng.random() < self.pool.wild:
            body = body[: rng.randrange(len(body))]
        return MULTIPART, body

    def follow(self, data):
        """Note what the answer `data` tells to ask: a file to send, a file to fetch."""
        for url in re.findall(f"http://{HOST}(/api/v1/s3/[^\"']+)", str(data)):
            path, _, query = url.partition("?")
            request = Request("GET", unquote(path), query, {"Host": HOST})
            if "fields" in data:
                headers = {"Host": HOST, "Content-Type": MULTIPART}
                sent = multipart(data["fields"], "x", b"x" * self.rng.choice([0, 20, 2000]))
                request = Request("POST", unquote(path), "", headers, sent)
            self.links = [*self.links[-9:], request]

    def file(self, name):
        """Return the content of a file, mostly what its name says."""
        rng = self.rng
        if rng.random() < self.pool.wild:
            return rng.choice([b"", b"x" * 50, *BROKEN])
        content = self.binary_report() if name.endswith(".bin") else json.dumps(self.report())
        if name.endswith(".mp"):
            content = packed(self.report())
        content = content.encode() if isinstance(content, str) else content
        content = gzip.compress(content) if name.endswith(".gz") else content
        if rng.random() < self.pool.wild:
            at = rng.randrange(len(content))
            content = content[:at] + bytes([rng.randrange(256)]) + content[at + 1 :]
        return content

    def binary_report(self):
        """Return a report as a device makes it."""
        rng = self.rng
        first = rng.randrange(1, 1 << 20)
        readings = [
            Reading(rng.choice([0x5001, 0x5002, 0x0E00]), n, rng.randrange(1 << 32), first + n)
            for n in range(rng.randrange(4))
        ]
        more = {"report_id": first + 9, "sent_timestamp": rng.choice([5, 1 << 31, (1 << 32) - 1])}
        return SignedListReport.from_readings(
            rng.choice([10, 11, 13, 99]), readings, **more
        ).encode()

    def report(self):
        """Return a report as programs make it."""
        rng = self.rng
        low = rng.randrange(1 << 20)
        item = {"stream": rng.choice(["5001", 0x5002, "x"]), "streamer_local_id": low, "value": 3}
        item |= {"timestamp": self.pool.guessed("timestamp"), "device_timestamp": 4}
        report = {"format": "v100", "device": rng.choice([10, 11, 13]), "streamer_index": 256}
        report |= {"streamer_selector": 0x10000, "device_sent_timestamp": 9, "incremental_id": low}
        report |= {"lowest_id": low, "highest_id": low + 1, "data": [item]}
        report |= {"events": [{**item, "data": {"a": 1}, "extra_data": {"b": 2}}]}
        for part in (report, item):
            if rng.random() < 2 * self.pool.wild:
                part[rng.choice(list(part))] = self.pool.bad()
        return report


def multipart(fields, name, content):
    """Return a form of texts and a file."""
    texts = "".join(
        f'--B\r\nContent-Disposition: form-data; name="{quote(str(n))}"\r\n\r\n{value}\r\n'
        for n, value in fields.items()
    ).encode("utf-8", "replace")
    head = f'--B\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    return texts + head.encode() + content + b"\r\n--B--\r\n"


def packed(data):
    """Return `data` as msgpack, or what comes nearest: its numbers have 64 bits."""
    try:
        return msgpack.packb(data, unicode_errors="surrogatepass")
    except (OverflowError, ValueError):
        return b"\x81\xa1a\xcb\x7f\xf8\0\0\0\0\0\0"  # {"a": NaN}
