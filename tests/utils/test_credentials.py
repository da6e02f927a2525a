"""Which credentials of the environment go to which server."""

from __future__ import annotations

import pytest

from iotile_cloud.utils._credentials import ambient, may_know_somebody, same_server

HERE = "https://here.example"
ALL = {
    "IOTILE_CLOUD_TOKEN": "t0ken-hush",
    "IOTILE_CLOUD_TOKEN_TYPE": "Api-Key",
    "IOTILE_CLOUD_EMAIL": "me@h",
    "IOTILE_CLOUD_PASSWORD": "pass-hush",
}


@pytest.mark.parametrize("owner", [{}, {"IOTILE_CLOUD_DOMAIN": ""}, {"IOTILE_CLOUD_DOMAIN": HERE}])
def test_all_is_offered_to_the_server_that_it_is_for(owner: dict[str, str]) -> None:
    """That is the one of the run when the environment names none."""
    found = ambient({**ALL, **owner}, HERE, None)
    assert tuple(found) == ("t0ken-hush", "Api-Key", "me@h", "pass-hush", "")


@pytest.mark.parametrize(
    "owner",
    [
        "https://here.example:444",
        "http://here.example",
        "https://here.example.evil.com",
        "https://evil.com/here.example",
        "https://here.example@evil.com",
        "here.example",
        "https://here.example:port",
    ],
)
def test_nothing_is_offered_to_another_server(owner: str) -> None:
    """Not even the e-mail address, and the reason is told."""
    found = ambient({**ALL, "IOTILE_CLOUD_DOMAIN": owner}, HERE, None)
    assert found[:4] == ("", "", "", "")
    assert found.why_not.startswith("IOTILE_CLOUD_TOKEN and IOTILE_CLOUD_PASSWORD are for ")
    assert found.why_not.endswith(f"not for {HERE}")


def test_a_password_in_an_address_is_not_told() -> None:
    """The reason names the server only."""
    why = ambient({**ALL, "IOTILE_CLOUD_DOMAIN": "https://me:hush@there"}, HERE, None).why_not
    assert "https://there " in why
    assert "hush" not in why


def test_a_reason_without_a_secret_is_none() -> None:
    """Where nothing is withheld there is nothing to tell."""
    assert ambient({"IOTILE_CLOUD_DOMAIN": "https://there"}, HERE, None).why_not == ""


@pytest.mark.parametrize("user", ["me@h", " ME@h", None])
def test_the_same_user_is_offered_all(user: str | None) -> None:
    """Upper and lower case are one."""
    assert ambient(ALL, HERE, user).password == "pass-hush"


def test_another_user_is_offered_nothing() -> None:
    """Credentials are of one user."""
    found = ambient(ALL, HERE, "you@h")
    assert found[:4] == ("", "", "", "")
    assert found.why_not.endswith("are for me@h (IOTILE_CLOUD_EMAIL), not for you@h")


def test_a_password_alone_is_for_the_user_of_the_run() -> None:
    """The e-mail address may come from an argument."""
    assert ambient({"IOTILE_CLOUD_PASSWORD": "p"}, HERE, "you@h").password == "p"


def test_secrets_are_not_shown() -> None:
    """Not by the value that carries them."""
    assert "hush" not in repr(ambient(ALL, HERE, None))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://h", "https://H:443/", True),
        ("http://h:80/x", "http://h", True),
        ("http://h", "https://h", False),
        ("http://h:1", "http://h:2", False),
        ("http://h:x", "http://h:x", False),
    ],
)
def test_servers_are_compared_and_not_their_spelling(one: str, other: str, same: bool) -> None:
    """Scheme, host and port; what is no address is nobody's."""
    assert same_server(one, other) is same


@pytest.mark.parametrize(
    ("environ", "stored", "may"),
    [
        ({}, False, False),
        ({}, True, True),
        ({"IOTILE_CLOUD_TOKEN": "t"}, False, True),
        ({"IOTILE_CLOUD_EMAIL": "e"}, False, True),
        ({"IOTILE_CLOUD_EMAIL": ""}, False, False),
    ],
)
def test_somebody_may_be_found_without_an_argument(
    environ: dict[str, str], stored: bool, may: bool
) -> None:
    """A token, a name, or a store that has one."""
    assert may_know_somebody(environ, stored) is may
