"""405 names the methods of the page and of the form that it sends (RFC 9110 section 15.5.6)."""

from __future__ import annotations

import pytest

from tests.helpers.house import House, sign_in


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/sign-in", "GET, HEAD, POST"),
        ("/sign-in/code", "GET, HEAD, POST"),
        ("/sign-in/cancel", "POST"),
        ("/forgot-password/sent", "GET, HEAD"),
        ("/security/password", "GET, HEAD, POST"),
        ("/welcome/a-token", "GET, HEAD, POST"),
        ("/healthz", "GET, HEAD"),
    ],
)
def test_a_405_names_every_method_of_its_path(house: House, path: str, methods: str) -> None:
    client = house.client()
    answer = client.request("DELETE", path, headers={"Origin": client.origin})
    assert (answer.status, answer.header("allow")) == (405, methods)


def test_a_404_names_none(house: House) -> None:
    house.add()
    client = house.client()
    sign_in(client)
    assert client.get("/nowhere").header("allow") is None
