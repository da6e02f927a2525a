"""The token store: what is kept, for whom, how privately, and what survives."""

from __future__ import annotations

import json
import os
import pickle
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, Callable

import pytest

from iotile_cloud.api._private_file import PrivateFile, configuration_folder
from iotile_cloud.api.connection import Api
from iotile_cloud.api.exceptions import TokenStoreError
from iotile_cloud.api.token_store import TokenStore

HERE, ELSEWHERE = "https://here.example", "https://elsewhere.example"
TOKEN = "t0ken.hush.hush"
posix_only = pytest.mark.skipif(os.name == "nt", reason="permissions are another matter there")


@pytest.fixture
def store(tmp_path: Path) -> TokenStore:
    """Return a store in a folder that is not there yet."""
    return TokenStore(tmp_path / "new" / "folder" / "tokens.json")


# -- what is kept -------------------------------------------------------------------------------


def test_a_token_is_found_by_server_and_user(store: TokenStore) -> None:
    """Each server has its own, and each user of it."""
    store.put(HERE, "a@h", "one")
    store.put(HERE, "b@h", "two", "token")
    store.put(ELSEWHERE, "a@h", "three")
    found = store.get(HERE, "b@h")
    assert found
    assert (found.token, found.token_type, found.user) == ("two", "token", "b@h")
    assert store.get(ELSEWHERE, "b@h") is None
    assert store.get("http://here.example", "a@h") is None


def test_without_a_user_the_latest_login_counts(store: TokenStore) -> None:
    """Whoever logged in last is meant."""
    for user in ("b@h", "a@h", "b@h"):
        store.put(HERE, user, f"token-of-{user[0]}")
    found = store.get(HERE)
    assert found
    assert found.user == "b@h"
    assert store.users(HERE) == ["b@h", "a@h"]


@pytest.mark.parametrize(
    "same", ["https://here.example/", "https://HERE.example:443", "https://here.example/app"]
)
def test_an_address_may_be_written_in_several_ways(store: TokenStore, same: str) -> None:
    """Scheme, host and port decide, not the text."""
    store.put(HERE, "a@h", "one")
    assert store.get(same, " A@H ")


@pytest.mark.parametrize("other", ["https://here.example:8443", "https://here.example.evil.com"])
def test_another_server_gets_nothing(store: TokenStore, other: str) -> None:
    """A port or a name beside it is another server."""
    store.put(HERE, "a@h", "one")
    assert store.get(other) is None


def test_an_ipv6_address_is_a_server(store: TokenStore) -> None:
    """Its colons are not those of a port."""
    stored = store.put("http://[::1]:8000", "a@h", "one")
    assert stored.domain == "http://[::1]:8000"
    assert store.get("http://[::1]:8000/") == stored


def test_an_empty_store_has_nothing(store: TokenStore) -> None:
    """And is not made by looking."""
    assert store.get(HERE) is None
    assert store.users(HERE) == []
    assert not store.path.parent.exists()


def test_forget_takes_one_token_out(store: TokenStore) -> None:
    """Only the one that is meant, and it tells whether there was one."""
    store.put(HERE, "a@h", "one")
    store.put(HERE, "b@h", "two")
    assert store.forget(HERE, "a@h") is True
    assert store.forget(HERE, "a@h") is False
    assert store.users(HERE) == ["b@h"]
    assert b"one" not in store.path.read_bytes()


def test_forget_spares_what_another_process_has_put_there(store: TokenStore) -> None:
    """A token that was found bad is not forgotten in the shape of its successor."""
    store.put(HERE, "a@h", "new")
    assert store.forget(HERE, "a@h", "old") is False
    assert store.get(HERE)


def test_a_renewed_token_takes_the_place_of_its_own(store: TokenStore) -> None:
    """It does not make its user the latest, and does not push out a newer login."""
    first = store.put(HERE, "a@h", "one")
    store.put(HERE, "b@h", "two")
    renewed = store.renew(first, "one-renewed")
    assert store.users(HERE) == ["b@h", "a@h"]
    assert store.get(HERE, "a@h") == renewed
    store.put(HERE, "a@h", "a-later-login")
    store.renew(renewed, "too-late")
    found = store.get(HERE, "a@h")
    assert found
    assert found.token == "a-later-login"


@pytest.mark.parametrize(("user", "token"), [("", "t"), (" ", "t"), ("a@h", ""), ("a@h", "t\n")])
def test_what_could_not_be_used_is_not_kept(store: TokenStore, user: str, token: str) -> None:
    """A token without a name, or one that cannot be sent."""
    with pytest.raises(ValueError, match="token"):
        store.put(HERE, user, token)
    assert not store.path.exists()


def test_a_renewal_that_lost_a_race_is_made_good_by_the_next(store: TokenStore) -> None:
    """Of two processes that renew one token the slower keeps its place for later."""
    first = store.put(HERE, "a@h", "one")
    store.renew(first, "of-the-faster")
    slower = store.renew(first, "of-the-slower")
    found = store.get(HERE)
    assert found
    assert found.token == "of-the-faster"
    store.renew(slower, "of-the-slower-again")
    found = store.get(HERE)
    assert found
    assert found.token == "of-the-slower-again"


def test_the_end_of_a_stored_token_is_known(store: TokenStore, jwt: Callable[..., str]) -> None:
    """Those that do not say never end."""
    assert store.put(HERE, "a@h", jwt(time.time() - 1)).is_over()
    assert store.put(HERE, "a@h", jwt(0)).is_over()
    assert not store.put(HERE, "a@h", jwt(time.time() + 60)).is_over()
    assert not store.put(HERE, "a@h", "opaque").is_over()


def test_tokens_are_not_shown(store: TokenStore) -> None:
    """Neither by the store nor by what it gives out."""
    stored = store.put(HERE, "a@h", TOKEN)
    assert TOKEN not in f"{store!r} {stored!r} {stored} {pickle.dumps(store)!r}"


# -- how privately ------------------------------------------------------------------------------


@posix_only
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o777])
def test_only_the_owner_can_read_at_any_moment(
    store: TokenStore, monkeypatch: pytest.MonkeyPatch, umask: int
) -> None:
    """Files and folders are private from the moment that they exist, whatever the umask."""
    modes: list[int] = []
    parent = store.path.parent
    really_open, really_replace = os.open, os.replace

    def watching_open(path: Any, flags: int, mode: int = 0o777, **named: Any) -> int:
        handle = really_open(path, flags, mode, **named)
        modes.append(os.fstat(handle).st_mode)
        return handle

    def watching_replace(*names: Any) -> None:
        modes.extend(entry.stat().st_mode for entry in os.scandir(store.path.parent))
        really_replace(*names)

    if umask == 0o777:  # which would lock out ourselves from a folder
        store.path.parent.mkdir(parents=True)
    before = os.umask(umask)
    try:
        monkeypatch.setattr(os, "open", watching_open)
        monkeypatch.setattr(os, "replace", watching_replace)
        store.put(HERE, "a@h", "one")
        if umask != 0o777:
            store.put(HERE, "b@h", "two")
            modes += [folder.stat().st_mode for folder in (parent, parent.parent)]
    finally:
        os.umask(before)
    assert len(modes) > 3
    assert [oct(mode) for mode in modes if mode & 0o077] == []
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600
    assert store.get(HERE, "a@h")


@posix_only
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o666])
def test_a_file_that_others_can_reach_is_refused(store: TokenStore, mode: int) -> None:
    """The error tells how to mend it, and nothing is read or overwritten."""
    store.put(HERE, "a@h", TOKEN)
    store.path.chmod(mode)
    before = store.path.read_bytes()
    for use in (store.get, store.users, store.forget):
        with pytest.raises(TokenStoreError, match=f"mode {mode:04o}.*chmod 600 ") as caught:
            use(HERE)
        assert TOKEN not in str(caught.value)
    with pytest.raises(TokenStoreError, match="chmod 600"):
        store.put(HERE, "a@h", "other")
    assert store.path.read_bytes() == before


@posix_only
def test_the_hint_can_be_pasted(tmp_path: Path) -> None:
    """A name with a space is quoted."""
    store = TokenStore(tmp_path / "my tokens.json")
    store.put(HERE, "a@h", "t")
    store.path.chmod(0o644)
    with pytest.raises(TokenStoreError, match="chmod 600 '/.*/my tokens.json'"):
        store.get(HERE)


@posix_only
def test_a_link_is_refused(store: TokenStore, tmp_path: Path) -> None:
    """It could lead anywhere."""
    other = TokenStore(tmp_path / "other.json")
    other.put(HERE, "a@h", TOKEN)
    store.path.parent.mkdir(parents=True)
    store.path.symlink_to(other.path)
    for use in (lambda: store.get(HERE), lambda: store.put(HERE, "b@h", "x")):
        with pytest.raises(TokenStoreError, match="is a link"):
            use()
    assert other.users(HERE) == ["a@h"]


@posix_only
def test_a_file_of_somebody_else_is_refused(
    store: TokenStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever put it there could know its tokens."""
    store.put(HERE, "a@h", TOKEN)
    monkeypatch.setattr(os, "geteuid", lambda: store.path.stat().st_uid + 1)
    with pytest.raises(TokenStoreError, match="belongs to another user .*chown "):
        store.get(HERE)


@posix_only
def test_a_pipe_is_not_waited_for(store: TokenStore) -> None:
    """What is no ordinary file is refused at once."""
    store.path.parent.mkdir(parents=True)
    os.mkfifo(store.path, 0o600)
    with pytest.raises(TokenStoreError, match="no ordinary file"):
        store.get(HERE)


def test_a_refusal_of_the_system_names_the_file(tmp_path: Path) -> None:
    """Here a file stands where the folder should be."""
    (tmp_path / "taken").write_text("")
    store = TokenStore(tmp_path / "taken" / "tokens.json")
    with pytest.raises(TokenStoreError, match="taken"):
        store.put(HERE, "a@h", "t")


def test_without_a_home_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder whose name is a tilde, wherever the command was started, helps nobody."""
    monkeypatch.chdir(tmp_path)
    store = TokenStore("~/.config/iotile_cloud/tokens.json")  # what Python makes of no home
    assert store.get(HERE) is None
    with pytest.raises(TokenStoreError, match="no home directory is known"):
        store.put(HERE, "a@h", "t")
    assert list(tmp_path.iterdir()) == []


# -- what survives ------------------------------------------------------------------------------

ROW = {"domain": HERE, "user": "a", "token": TOKEN, "token_type": "jwt", "since": 1.0}
DAMAGED = [
    b"",
    b"{",
    b"[]",
    b"\xff",
    b'{"version": 2, "tokens": []}',
    b'{"version": 1, "tokens": {}, "x": 1',
    b'{"version": 1, "tokens": [{"token": "t0ken.hush.hush"}]}',
    b'{"version": 1, "tokens": [5]}',
    b'{"version": 1, "tokens": 5}',
    json.dumps({"version": 1, "tokens": [{**ROW, "token": f"{TOKEN}\n"}]}).encode(),
    json.dumps({"version": 1, "tokens": [{**ROW, "token_type": 5}]}).encode(),
    json.dumps({"version": 1, "tokens": [{**ROW, "since": "now"}]}).encode(),
    json.dumps({"version": 1, "tokens": [{**ROW, "more": "x"}]}).encode(),
    b"[" * 100_000,
]


@pytest.mark.parametrize("content", DAMAGED)
def test_a_damaged_file_is_told_and_kept(store: TokenStore, content: bytes) -> None:
    """Nothing overwrites it in silence, and the error does not hold what is in it."""
    file = PrivateFile(store.path)
    with file.locked():
        file.write(content)
    with pytest.raises(TokenStoreError, match="is damaged") as caught:
        store.get(HERE)
    assert TOKEN not in repr(caught.value) + repr(caught.value.__context__)
    with pytest.raises(TokenStoreError, match="move it away"):
        store.put(HERE, "a@h", "t")
    assert store.path.read_bytes() == content


def test_a_write_that_fails_leaves_what_there_was(
    store: TokenStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk costs the new token, not the old ones."""
    store.put(HERE, "a@h", "one")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(TokenStoreError, match="No space left"):
            store.put(HERE, "b@h", "two")
    assert store.users(HERE) == ["a@h"]
    store.put(HERE, "b@h", "two")
    assert store.users(HERE) == ["b@h", "a@h"]


def test_the_left_over_of_a_killed_process_is_no_hindrance(store: TokenStore) -> None:
    """It is taken away by the next write."""
    store.put(HERE, "a@h", "one")
    beside = store.path.with_name("tokens.json.new")
    beside.write_text("half")
    store.put(HERE, "a@h", "two")
    assert not beside.exists()


WRITER = """
import sys
from iotile_cloud.api.token_store import TokenStore
path, who = sys.argv[1:]
store = TokenStore(path)
sys.stdin.readline()
for number in range(10):
    stored = store.put("https://here.example", f"{who}{number}@h", f"token-{who}-{number}")
    store.renew(stored, f"renewed-{who}-{number}")
    if number % 2:
        store.forget("https://here.example", f"{who}{number}@h")
"""


def test_processes_that_write_at_once_lose_nothing(store: TokenStore) -> None:
    """Each change of each process is there in the end, and no reader meets half a file."""
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(store.path), who],
            stdin=subprocess.PIPE,
            cwd=Path(__file__).parent.parent.parent,
        )
        for who in "xyz"
    ]
    for writer in writers:
        assert writer.stdin
        writer.stdin.write(b"go\n")
        writer.stdin.flush()
    while any(writer.poll() is None for writer in writers):
        store.users(HERE)
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    for writer in writers:
        assert writer.stdin
        writer.stdin.close()
    expected = {f"{who}{number}@h" for who in "xyz" for number in range(0, 10, 2)}
    assert set(store.users(HERE)) == expected
    found = store.get(HERE, "y8@h")
    assert found
    assert found.token == "renewed-y-8"


def test_threads_that_write_at_once_lose_nothing(store: TokenStore) -> None:
    """The lock holds within one process as well."""

    def write(who: str) -> None:
        for number in range(4):
            store.put(HERE, f"{who}{number}@h", "t")

    threads = [threading.Thread(target=write, args=(who,)) for who in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store.users(HERE)) == 12


FORKED = """
import os, sys
from pathlib import Path
from iotile_cloud.api._private_file import PrivateFile
file = PrivateFile(Path(sys.argv[1]))
reading, writing = os.pipe()
with file.locked():
    child = os.fork()
    if not child:
        os.read(reading, 1)  # until the parent has the lock again
        os._exit(0)
with file.locked():
    os.write(writing, b"x")
os.waitpid(child, 0)
"""


@posix_only
def test_a_process_forked_meanwhile_does_not_keep_the_lock(store: TokenStore) -> None:
    """A thread may fork a worker that lives for days."""
    command = [sys.executable, "-c", FORKED, str(store.path)]
    project = Path(__file__).parents[2]
    assert subprocess.run(command, cwd=project, timeout=30, check=False).returncode == 0


# -- where --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("platform", "environ", "home", "folder"),
    [
        ("linux", {}, "/home/me", "/home/me/.config/iotile_cloud"),
        ("linux", {"XDG_CONFIG_HOME": "/conf"}, "/home/me", "/conf/iotile_cloud"),
        ("linux", {"XDG_CONFIG_HOME": ""}, "/home/me", "/home/me/.config/iotile_cloud"),
        ("linux", {"XDG_CONFIG_HOME": "here"}, "/home/me", "/home/me/.config/iotile_cloud"),
        ("darwin", {}, "/Users/me", "/Users/me/Library/Application Support/iotile_cloud"),
        ("darwin", {"XDG_CONFIG_HOME": "/conf"}, "/Users/me", "/conf/iotile_cloud"),
        ("win32", {"APPDATA": "C:\\U\\me\\R"}, "C:\\U\\me", "C:\\U\\me\\R\\iotile_cloud"),
        ("win32", {}, "C:\\U\\me", "C:\\U\\me\\AppData\\Roaming\\iotile_cloud"),
        ("win32", {"APPDATA": "R"}, "C:\\U\\me", "C:\\U\\me\\AppData\\Roaming\\iotile_cloud"),
        ("win32", {"XDG_CONFIG_HOME": "/c"}, "C:\\U", "C:\\U\\AppData\\Roaming\\iotile_cloud"),
    ],
)
def test_the_folder_is_the_platforms(
    platform: str, environ: dict[str, str], home: str, folder: str
) -> None:
    """Where configurations belong, or where the user has put them."""
    assert configuration_folder(platform, environ, home) == folder


def test_the_file_is_in_that_folder() -> None:
    """It is looked up when the store is made, so a changed environment counts."""
    folder = Path(os.environ["XDG_CONFIG_HOME"])  # which the tests set, and APPDATA alike
    assert TokenStore().path == folder / "iotile_cloud" / "tokens.json"


# -- an Api that uses it ------------------------------------------------------------------------

Client = Callable[..., Api]


def test_a_login_is_stored_without_the_password(
    scripted: Any, client: Client, store: TokenStore
) -> None:
    """The next Api of this server sends its token at once."""
    scripted.play(scripted.reply(200, {"jwt": TOKEN, "username": "me"}), scripted.reply())
    assert client(token_store=store).login("pass-w0rd", "Me@h") is True
    assert b"pass-w0rd" not in store.path.read_bytes()
    client(token_store=store).org.get()
    assert scripted.tokens == [None, f"jwt {TOKEN}"]
    assert store.users(scripted.url) == ["me@h"]


def test_a_login_that_brings_no_token_stores_none(
    scripted: Any, client: Client, store: TokenStore
) -> None:
    """The one that the `Api` had before may be of somebody else."""
    scripted.play(scripted.reply(200, {"username": "me"}))
    api = client(token_store=store)
    api.set_token("of-somebody-else")
    assert api.login("pass-w0rd", "me@h") is True
    assert store.users(scripted.url) == []


def test_a_token_goes_to_its_own_server_only(
    scripted: Any, client: Client, store: TokenStore
) -> None:
    """An Api of another server finds nothing, and cannot be lent the token."""
    stored = store.put(HERE, "a@h", TOKEN)
    api = client(token_store=store)
    assert api.token is None
    with pytest.raises(ValueError, match=r"is for https://here\.example, not for http://127"):
        store.lend(stored, api)
    assert api.token is None


def test_a_token_that_is_over_is_not_loaded(
    client: Client, scripted: Any, store: TokenStore, jwt: Callable[..., str]
) -> None:
    """It could only be refused."""
    store.put(scripted.url, "a@h", jwt(time.time() - 1))
    assert client(token_store=store).token is None


def test_a_token_of_another_type_is_not_loaded(
    client: Client, scripted: Any, store: TokenStore
) -> None:
    """Who asks for a type wants no other; without a type, that of the store counts."""
    store.put(scripted.url, "a@h", TOKEN, "token")
    assert client(token_store=store, token_type="a-jwt").token is None
    assert client(token_store=store).token_type == "token"


def test_a_logout_forgets_the_stored_token(
    scripted: Any, client: Client, store: TokenStore
) -> None:
    """Of this user, and of no other."""
    store.put(scripted.url, "b@h", "two")
    store.put(scripted.url, "a@h", "one")
    scripted.play(scripted.reply(204))
    client(token_store=store).logout()
    assert store.users(scripted.url) == ["b@h"]


def test_a_token_set_by_hand_leaves_the_store_alone(
    scripted: Any, client: Client, store: TokenStore
) -> None:
    """Neither its renewal nor its logout is the stored user's."""
    store.put(scripted.url, "a@h", "one")
    scripted.play(scripted.reply(200, {"token": "new"}), scripted.reply(204))
    api = client(token_store=store)
    api.set_token("by-hand")
    assert api.refresh_token() is True
    api.logout()
    found = store.get(scripted.url)
    assert found
    assert found.token == "one"


@pytest.fixture
def ageing(scripted: Any, client: Client, store: TokenStore, jwt: Callable[..., str]) -> Any:
    """Return an Api with a stored token that is due to be renewed."""
    old = jwt(time.time() + 100)
    store.put(scripted.url, "a@h", old)
    api = client(token_store=store)
    vars(api)["_now"] = lambda: time.time() + 60
    return api


def paths(scripted: Any) -> list[str]:
    """Return the last parts of the paths that arrived."""
    return [request.path.rstrip("/").rpartition("/")[2] for request in scripted.requests]


@pytest.mark.parametrize(("days", "renewed"), [(3, False), (4, True), (6.9, True)])
def test_a_stored_token_is_renewed_in_the_second_half_of_its_life(
    scripted: Any,
    client: Client,
    store: TokenStore,
    jwt: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
    days: float,
    renewed: bool,
) -> None:
    """A job that runs each night keeps a token of a week alive, though no run is near its end."""
    store.put(scripted.url, "a@h", jwt(time.time() + 7 * 86_400))
    api = client(token_store=store)
    monkeypatch.setattr(api, "_now", lambda: time.time() + days * 86_400)
    scripted.play(always=scripted.reply(200, {"token": jwt(time.time() + 11 * 86_400)}))
    api.org.get()
    assert paths(scripted) == ["api-jwt-refresh", "org"][not renewed :]


def test_a_renewed_token_is_stored(
    scripted: Any, ageing: Any, store: TokenStore, jwt: Callable[..., str]
) -> None:
    """And renewed again from what the store has then."""
    api = ageing
    new, last = jwt(time.time() + 9000), jwt(time.time() + 9999)
    scripted.play(
        scripted.reply(200, {"token": new}), scripted.reply(), scripted.reply(200, {"token": last})
    )
    api.org.get()
    assert scripted.tokens == [None, f"jwt {new}"]
    found = store.get(scripted.url)
    assert found
    assert found.token == new
    api.refresh_token()
    found = store.get(scripted.url)
    assert found
    assert found.token == last


def test_a_token_that_another_process_has_renewed_is_taken(
    scripted: Any, ageing: Any, store: TokenStore, jwt: Callable[..., str]
) -> None:
    """Without asking the server for one more."""
    api = ageing
    other = jwt(time.time() + 9000)
    store.put(scripted.url, "a@h", other)
    scripted.play(scripted.reply())
    api.org.get()
    assert paths(scripted) == ["org"]
    assert scripted.tokens == [f"jwt {other}"]


def test_a_store_that_fails_does_not_stop_a_renewal(
    scripted: Any,
    ageing: Any,
    store: TokenStore,
    jwt: Callable[..., str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The request goes on with its new token; the log tells of the store."""
    api = ageing
    file = PrivateFile(store.path)
    with file.locked():
        file.write(b"{")
    new = jwt(time.time() + 9000)
    scripted.play(scripted.reply(200, {"token": new}), scripted.reply())
    api.org.get()
    assert scripted.tokens == [None, f"jwt {new}"]
    assert "is damaged" in caplog.text


def test_an_api_with_a_store_can_be_pickled(scripted: Any, store: TokenStore) -> None:
    """The copy uses the same file."""
    store.put(scripted.url, "a@h", "one")
    with Api(scripted.url, token_store=store) as api:
        content = pickle.dumps(api)
    scripted.play(scripted.reply(204))
    with pickle.loads(content) as copy:
        copy.logout()
    assert store.users(scripted.url) == []
