"""Tokens among threads: never mixed, always the current one, renewed once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Callable

import pytest

from iotile_cloud.api import exceptions
from iotile_cloud.api.connection import Api

Client = Callable[..., Api]
MANY = 16


def at_once(work: Callable[[int], Any]) -> list[Any]:
    """Call `work` in many threads that begin together, and return what they return."""
    barrier = threading.Barrier(MANY)

    def begin(number: int) -> Any:
        barrier.wait(10)
        return work(number)

    with ThreadPoolExecutor(MANY) as pool:
        return list(pool.map(begin, range(MANY)))


def test_two_tokens_never_mix(scripted: Any, client: Client) -> None:
    """Two `Api` objects in many threads each send their own."""
    scripted.play(always=lambda request: scripted.reply(200, request.headers["Authorization"]))
    apis = {name: client() for name in ("one", "two")}
    for name, api in apis.items():
        api.set_token(name)
    names = [*apis] * 10

    def work(_: int) -> list[str]:
        return [apis[name].echo.get() for name in names]

    assert at_once(work) == [[f"jwt {name}" for name in names]] * MANY


def test_two_logins_never_mix(cloud: Any) -> None:
    """One is logged in and the other is not, whatever their threads do at the same time."""
    with Api(cloud.url) as known, Api(cloud.url) as unknown:
        known.login(email="demo@example.com", password="demo")

        def work(number: int) -> Any:
            return (known if number % 2 else unknown).account.raw.get().status_code

        assert at_once(work) == [401, 200] * (MANY // 2)


def test_options_of_one_thread_are_not_those_of_another(scripted: Any, client: Client) -> None:
    """`with_options(retries=0)` in one thread leaves the repetitions of the others alone."""
    seen: set[str] = set()

    def once(request: Any) -> bytes:
        new = request.path not in seen
        seen.add(request.path)
        return bytes(scripted.reply(503 if new else 200, b"x"))

    scripted.play(always=once)
    api = client()

    def work(number: int) -> int:
        resource = api.thing(number)
        if number % 2:
            resource = resource.with_options(retries=0)
        return int(resource.raw.get().status_code)

    assert at_once(work) == [200, 503] * (MANY // 2)


def with_token_near_its_end(scripted: Any, client: Client, token: str, renewal: bytes) -> Api:
    """Return an `Api` that has known `token` from time 0 to 950, on a server that echoes tokens."""

    def answer(request: Any) -> bytes:
        if "refresh" in request.path:
            return renewal
        return bytes(scripted.reply(200, request.headers["Authorization"]))

    scripted.play(always=answer)
    api = client()
    now = [0.0]
    api._now = lambda: now[0]
    api.set_token(token)
    assert api.echo.get() == f"jwt {token}"
    now[0] = 950.0
    return api


def test_a_token_is_renewed_once_for_all_threads(
    scripted: Any, client: Client, jwt: Callable[..., str]
) -> None:
    """The others wait for the one that renews it, and all send the new one."""
    old, new = jwt(1000.0), jwt(2000.0)

    api = with_token_near_its_end(scripted, client, old, scripted.reply(200, {"token": new}))
    assert at_once(lambda _: api.echo.get()) == [f"jwt {new}"] * MANY
    assert sum("refresh" in request.path for request in scripted.requests) == 1


def test_a_renewal_that_fails_is_tried_once_for_all_threads(
    scripted: Any, client: Client, jwt: Callable[..., str]
) -> None:
    """All go on with the old token."""
    old = jwt(1000.0)

    api = with_token_near_its_end(scripted, client, old, scripted.reply(500))
    assert at_once(lambda _: api.echo.get()) == [f"jwt {old}"] * MANY
    assert sum("refresh" in request.path for request in scripted.requests) == 1


def test_a_replaced_token_lets_every_thread_go_on(scripted: Any, client: Client) -> None:
    """Requests that were under way when the token was replaced are each repeated once."""
    under_way = threading.Barrier(MANY, timeout=10)
    api = client()
    api.set_token("old")

    def answer(request: Any) -> bytes:
        if request.headers["Authorization"] == "jwt new":
            return bytes(scripted.reply(200, "done"))
        if under_way.wait() == 0:
            api.set_token("new")
        replaced.wait(10)
        return bytes(scripted.reply(401))

    replaced = threading.Event()
    given = api.set_token

    def set_token(token: str) -> None:
        given(token)
        replaced.set()

    api.set_token = set_token  # type: ignore[method-assign, assignment]
    scripted.play(always=answer)
    assert at_once(lambda number: api.thing(number).post({})) == ["done"] * MANY
    assert len(scripted.requests) == 2 * MANY


def test_many_threads_read_a_real_server(api: Api) -> None:
    """Each gets the reply to its own question."""
    slugs = [device["slug"] for device in api.device.each()]

    def work(number: int) -> bool:
        slug = slugs[number % len(slugs)]
        return all(api.device(slug).get()["slug"] == slug for _ in range(5))

    assert at_once(work) == [True] * MANY


def test_an_error_in_one_thread_does_not_stop_others(scripted: Any, client: Client) -> None:
    """Each thread gets the fate of its own request."""

    def answer(request: Any) -> bytes:
        number = int(request.path.rstrip("/").rpartition("/")[2])
        return bytes(scripted.reply(404 if number % 2 else 200, number))

    scripted.play(always=answer)
    api = client()

    def work(number: int) -> int | None:
        try:
            return int(api.thing(number).get())
        except exceptions.HttpNotFoundError:
            return None

    assert at_once(work) == [None if number % 2 else number for number in range(MANY)]


@pytest.mark.parametrize("change", ["set_token", "login"])
def test_tokens_change_while_threads_read(scripted: Any, client: Client, change: str) -> None:
    """Every request has a whole token with its own type, never a mixture."""
    pairs = {"a": "jwt", "b": "a-jwt"}

    def answer(request: Any) -> bytes:
        if "login" in request.path:
            return bytes(scripted.reply(200, {"jwt": "a"}))
        return bytes(scripted.reply(200, request.headers["Authorization"]))

    scripted.play(always=answer)
    api = client()
    api.set_token("a", "jwt")

    def work(number: int) -> set[str]:
        if number == 0:
            for turn in range(20):
                if change == "login":
                    api.login("secret", "me@h")
                else:
                    api.set_token(*[*pairs.items()][turn % 2])
            return set()
        return {api.echo.get() for _ in range(5)}

    possible = {f"{kind} {token}" for token, kind in pairs.items()}
    assert set().union(*at_once(work)) <= possible
