"""What every dialog on a user does in the same way."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.helpers.administrators import REASON, administrator, with_app
from tests.helpers.house import House
from tests.helpers.one_house import house_on_sqlite
from tests.helpers.places import a_name
from tests.helpers.sealed_rows import everything_in
from twostep.core.permissions import ALL

FILLED = {
    "edit": {"full_name": "Another Name"},
    "pause": {**REASON, "end": "1"},
    "help-desk-code": {**REASON, "purpose": "today", "minutes": "60", "uses": "1"},
    "disable": {},
    "end-sessions": {},
    "addresses/email": {"address": "other@mail.example"},
    "permissions/grant": {"permission": "audit"},
}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house_on_sqlite(tmp_path_factory.mktemp("house")) as made:
        yield made


@pytest.mark.parametrize("filled", [True, False])
@pytest.mark.parametrize("word", FILLED)
def test_to_ask_for_a_code_is_no_word_for_the_act(house: House, word: str, filled: bool) -> None:
    """The proof was made in another tab meanwhile, so that none is needed any more: the dialog
    comes again, and nothing was done, nor is a field that was left empty a fault of ours.
    """
    who, target = administrator(house, a_name(), held=ALL), with_app(house, a_name())
    assert who.get(target, "disable").status == 200
    before = everything_in(house.installation.database)
    for button in ("send_code", "use_app"):
        typed = FILLED[word] if filled or word == "permissions/grant" else {}
        answer = who.send(target, word, **typed, **{button: "email"})
        assert (answer.status, "<form" in answer.text) == (200, True)
    assert everything_in(house.installation.database) == before
    done = who.send(target, word, **{"user_name": target.name} | FILLED[word])
    assert done.status == (200 if word == "help-desk-code" else 303)
    assert everything_in(house.installation.database) != before
