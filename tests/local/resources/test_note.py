"""Notes, and the files attached to them."""

from __future__ import annotations

import pytest

DEVICE = "d--0000-0000-0000-000a"
STREAM = "s--0000-0001--0000-0000-0000-000a--5001"


def text(minute=0, target=DEVICE):
    moment = f"2020-01-01T00:{minute:02d}:00Z"
    return {"target": target, "timestamp": moment, "note": f"Note {minute}"}


@pytest.fixture
def note(ann):
    """The path of a note of ann's."""
    return f"/note/{ann.post('/note/', json=text()).json()['id']}/"


@pytest.fixture
def minutes(ann):
    """Returns the minutes of the notes that a query finds, of the seven of a device."""
    ann.post("/note/", json=[text(minute) for minute in (4, 1, 6, 2, 0, 5, 3)])

    def found(query):
        rows = ann.get(f"/note/?target={DEVICE}{query}").json()["results"]
        return [int(row["note"].split()[1]) for row in rows]

    return found


@pytest.fixture
def description(description):
    """The small cloud with a note on a project."""
    described = {**text(target="p--0000-0001"), "timestamp": "2020-01-01T00:00:00.000000Z"}
    return {**description, "notes": [{**described, "type": "si", "created_by": "gone"}]}


def test_described_note_is_shown(ann):
    """A described note has a number, a time without empty fractions, and perhaps no author."""
    (note,) = ann.get("/note/?target=p--0000-0001").json()["results"]
    assert (note["id"], note["timestamp"]) == (1, "2020-01-01T00:00:00Z")
    assert (note["type"], note["user_info"]) == ("si", {})


@pytest.mark.parametrize("target", [DEVICE, STREAM, "v--0000-0001--5001"])
def test_note_is_kept(ann, target):
    """A note of anything shows its text, and who wrote it."""
    made = ann.post("/note/", json=text(target=target))
    assert made.status_code == 201
    shown = made.json()
    assert (shown["type"], shown["attachment"]) == ("ui", None)
    assert (shown["user_info"]["username"], shown["user_info"]["slug"]) == ("@ann", "ann")
    assert ann.get(f"/note/?target={target}").json()["results"] == [shown]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", [0, 1, 2, 3, 4, 5, 6]),
        ("&lastn=2", [5, 6]),
        ("&start=2020-01-01T00:02:00Z&end=2020-01-01T00:04:00Z", [2, 3]),
        ("&id_min=3&id_max=5", [1, 2, 6]),
        ("&id_0=7&lastn=1", [5]),
    ],
)
def test_list_is_cut(minutes, query, expected):
    """The list is by time, within times and ids; `lastn` applies last."""
    assert minutes(query) == expected


def test_list_answers_how_many(ann):
    """A POST of a list answers a count only."""
    reply = ann.post("/note/", json=[text(0), text(1)])
    assert (reply.status_code, reply.json()) == (201, {"count": 2})


def test_foreign_item_spoils_the_list(ann):
    """When one target is somebody else's, nothing is kept."""
    reply = ann.post("/note/", json=[text(0), text(1, "d--0000-0000-0000-000c")])
    assert reply.status_code == 403
    assert ann.get(f"/note/?target={DEVICE}").json()["count"] == 0


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "target"),
        (f"?target={DEVICE}&start=nope", "start"),
        (f"?target={DEVICE}&lastn=x", "lastn"),
    ],
)
def test_bad_query_is_refused(ann, query, field):
    """A list without target, or with an argument that cannot be read, is 400."""
    reply = ann.get(f"/note/{query}")
    assert (reply.status_code, list(reply.json())) == (400, [field])


def test_unknown_target_takes_no_note(ann):
    """Where the real server breaks, an unknown target is a 400 that names it."""
    reply = ann.post("/note/", json=text(target="d--0000-0000-0000-0fff"))
    assert (reply.status_code, list(reply.json())) == (400, ["target"])


def test_list_shows_notes_to_anybody(client_of, note):
    """The list does not look at permissions, as on the real server."""
    assert client_of("eve").get(f"/note/?target={DEVICE}").json()["count"] == 1


@pytest.mark.parametrize("user", ["olga", "eve"])
def test_note_is_not_for_everybody(client_of, note, user):
    """Operators and strangers get 403 for a note and everything done to it."""
    client = client_of(user)
    replies = [
        client.get(note),
        client.patch(note, json={"note": "x"}),
        client.delete(note),
        client.post(f"{note}uploadurl/", json={"name": "a.png"}),
        client.post("/note/", json=text()),
    ]
    assert [reply.status_code for reply in replies] == [403] * 5


def test_note_is_changed_and_removed(ann, note):
    """A note takes another text, none too, and can be removed."""
    assert ann.patch(note, json={"note": None}).json()["note"] is None
    assert ann.put(note, json=text(3)).json()["timestamp"] == "2020-01-01T00:03:00Z"
    assert ann.delete(note).status_code == 204
    assert ann.get(note).status_code == 404


def test_note_does_not_move_to_a_foreign_target(ann, note):
    """Nobody puts a note on somebody else's device."""
    assert ann.patch(note, json={"target": "d--0000-0000-0000-000c"}).status_code == 403


def test_file_is_attached(ann, anybody, note):
    """A file sent with the signed form is shown as attachment, with a link to its bytes."""
    form = ann.post(f"{note}uploadurl/", json={"name": "a.png"})
    assert form.status_code == 202
    url, fields, uuid = form.json()["url"], form.json()["fields"], form.json()["uuid"]
    assert fields["Content-Type"] == "image/png"
    sent = anybody.post(url, data=fields, files={"file": ("a.png", b"0123456789")})
    assert sent.status_code == 204
    done = ann.post(f"{note}uploadsuccess/", json={"name": "a.png", "uuid": uuid})
    assert done.status_code == 202
    assert ann.get(note).json()["attachment"] == done.json()
    assert (done.json()["id"], done.json()["file_type"]) == (uuid, "png")
    got = anybody.get(done.json()["url"])
    assert (got.content, got.headers["Content-Type"]) == (b"0123456789", "image/png")


@pytest.mark.parametrize(
    ("body", "fields"),
    [({}, ["name", "uuid"]), ({"name": "a.png", "uuid": "zzz"}, ["uuid"])],
)
def test_bad_upload_success_is_refused(ann, note, body, fields):
    """The end of an upload must say which file."""
    reply = ann.post(f"{note}uploadsuccess/", json=body)
    assert (reply.status_code, sorted(reply.json())) == (400, fields)
