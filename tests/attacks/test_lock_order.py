"""R-29: acts of one user wait for each other in one order, so no two of them wait crosswise.

PostgreSQL ends one of two transactions that wait for each other, and it runs again; until then a
right code hangs. The order is the users' own rows first, and then whatever else is theirs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import pytest

from tests.helpers.house import House
from tests.helpers.one_house import house_on
from tests.helpers.places import PLACES
from tests.helpers.postgres import Cluster
from tests.helpers.statements import transactions
from twostep.flows import import_lists
from twostep.flows.tidying import tidy

pytestmark = pytest.mark.postgresql

SHARED = {"attempts", "contacts", "devices", "import_lines", "messages", "sessions", "sign_ins"}
"""Whose rows other acts of the same user change as well."""

_CHANGED = re.compile(r"(?:UPDATE|DELETE FROM) (\w+)")
_PASSED_OVER = re.compile(r"FOR (?:NO KEY )?UPDATE (?:OF \w+ )?SKIP LOCKED")
_LOCKED = re.compile(r"FROM (\w+) .*FOR (?:NO KEY )?UPDATE$")

PROOFS = {"code", "recovery_code", "help_desk_code", "password", "current_password", "email_code"}
WRONG = "000000"


@pytest.fixture(scope="module")
def one(postgres_cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    url = postgres_cluster.create_database()
    with house_on(url, tmp_path_factory.mktemp("house")) as made:
        yield made
    postgres_cluster.drop(url)


def crosswise(heard: Sequence[str]) -> list[str]:
    """Which tables of a user this transaction locked ahead of the user."""
    ahead: set[str] = set()
    for text in heard:
        taken = _CHANGED.match(text) or _LOCKED.search(text)
        if taken is None:
            continue
        if taken[1] == "users":
            return sorted(ahead)
        ahead |= {taken[1]} & SHARED
    # Whoever takes the rows of one table alone has nothing that others wait for meanwhile.
    return sorted(ahead) if len(ahead) > 1 else []


def sent(house: House, path: str, *, right: bool) -> Sequence[Sequence[str]]:
    """The transactions of a form; none where a wrong proof is wanted, and it asks for none."""
    house.clock.forward(60_000)
    place = PLACES[path](house)
    fields = {"csrf": place.csrf} | dict(place.fields)
    if not right:
        proofs = PROOFS & set(fields)
        if not proofs:
            return []
        fields |= dict.fromkeys(proofs, WRONG)
    with transactions() as heard:
        place.client.post(place.path, fields)
    return heard


@pytest.mark.parametrize("path", sorted(PLACES))
def test_r_29_a_form_takes_the_user_before_anything_of_theirs(one: House, path: str) -> None:
    heard = [*sent(one, path, right=True), *sent(one, path, right=False)]
    assert [crosswise(each) for each in heard if crosswise(each)] == []


def test_r_29_what_is_tidied_up_waits_for_nobody(one: House) -> None:
    """It takes rows of many users, in an order of its own."""
    with transactions() as heard:
        tidy(one.installation)
    changed = [text for each in heard for text in each if _CHANGED.match(text)]
    assert changed
    assert [text for text in changed if not _PASSED_OVER.search(text)] == []


def test_r_29_what_follows_from_an_import_takes_the_users_before_their_lines(one: House) -> None:
    place = PLACES["/admin/users/import/{id}"](one)
    assert place.send().status == 303
    with transactions() as heard:
        assert import_lists.go_on(one.installation)
    assert [crosswise(each) for each in heard if crosswise(each)] == []
