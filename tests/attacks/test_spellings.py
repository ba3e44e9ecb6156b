"""AC-15: one account, one counter, however its name is spelt and by whichever address it is met."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tests.helpers.guests import Guest
from tests.helpers.house import PASSWORD, House
from twostep.core.environments import Environment, Origin
from twostep.flows import environments
from twostep.flows.environments import by_origin
from twostep.flows.mint import Minted
from twostep.flows.sign_in import NotLetIn
from twostep.storage import tables

pytestmark = [
    pytest.mark.usefixtures("invariants_hold"),
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]

SPELLINGS = (
    *("ann.lee@example.org", "ANN.LEE@EXAMPLE.ORG", "Ann.Lee@Example.Org", "aNN.lEE@example.ORG"),
    *(" ann.lee@example.org", "ann.lee@example.org ", "\tann.lee@example.org\n"),
    *("\u3000ann.lee@example.org", "\u00a0ann.lee@example.org\u2003"),
    *("ａｎｎ．ｌｅｅ＠ｅｘａｍｐｌｅ．ｏｒｇ", "ann.lee＠example.org", "ann．lee@example．org"),
    *("ann\u200b.lee@example.org", "ann.lee\u200d@example.org", "\ufeffann.lee@example.org"),
    *("ann.lee@exa\u00admple.org", "ann.lee@example.org\u2060", "\u202aann.lee@example.org\u202c"),
    *("ann.lee\u034f@example.org".replace("\u034f", "\u2063"), "𝐚𝐧𝐧.lee@example.org"),
    *("ⓐⓝⓝ.lee@example.org", "ann.lee@example.\u2060org", "ANN\u200e.lee@example.org"),
    *("ann.\u206alee@example.org", "ann.lee@ex\u180eample.org", "𝒶𝓃𝓃.𝓁ℯℯ@example.org"),
    *("ᴬnn.lee@example.org", "ann.ˡee@example.org", "ann.lee@exampⅼe.org", "ann.lee@example.ºrg"),
)
"""What a person, or a database, might take for one name: thirty of them."""

OTHERS = (
    *("ann.lee@example.org.", "ann.lee+x@example.org", "annlee@example.org", "ann.lee"),
    *("аnn.lee@example.org", "ann,lee@example.org", "ann.lee@example.org@example.org"),
)
"""Names that mean somebody else, so nobody: a final dot, a tag, a letter of another alphabet."""


def subjects(house: House) -> list[bytes]:
    """Whose counters have been used."""
    return sorted(
        house.installation.database.read(
            lambda connection: connection.execute(select(tables.lockouts.c.subject)).scalars().all()
        )
    )


def test_ac_15_thirty_spellings_have_one_counter(house: House) -> None:
    """AC-15: five wrong passwords under five spellings are a pause for all thirty."""
    assert len(SPELLINGS) >= 30
    ann = house.add("Ann.Lee@example.org")
    for spelling in SPELLINGS:
        assert isinstance(Guest(house).sign_in(spelling, "not the password"), NotLetIn)
        assert subjects(house) == [ann.id], spelling
    assert isinstance(Guest(house).sign_in("Ann.Lee@example.org"), NotLetIn)


def test_ac_15_every_spelling_is_the_same_person(house: House) -> None:
    """AC-15: so that the test above does not pass because none of them is anybody."""
    house.add("Ann.Lee@example.org")
    for spelling in SPELLINGS[::6]:
        guest = Guest(house)
        assert isinstance(guest.sign_in(spelling), Minted)
        assert guest.me().user.name == "Ann.Lee@example.org"


def test_ac_15_what_is_another_name_reaches_nobody(house: House) -> None:
    """AC-15: and each such name has a counter of its own, as an account would."""
    ann = house.add("Ann.Lee@example.org")
    for name in OTHERS:
        assert isinstance(Guest(house).sign_in(name), NotLetIn)
    assert ann.id not in subjects(house)
    assert len(subjects(house)) == len(OTHERS)


def test_ac_15_an_unknown_name_has_one_counter_however_it_is_spelt(house: House) -> None:
    """AC-15, AC-20: the same rule, so that counting tells nobody who exists."""
    for spelling in SPELLINGS[:7]:
        Guest(house).sign_in(spelling, PASSWORD)
    assert len(subjects(house)) == 1


def test_ac_15_an_environments_other_address_leads_to_the_same_counter(house: House) -> None:
    """AC-15: an alias is the same environment, and another environment another counter."""
    added = environments.add(
        house.installation,
        name="Two doors",
        primary=Origin("http", "front.localhost", house.port),
        others=(Origin("http", "back.localhost", house.port),),
    )
    assert isinstance(added, Environment)
    house.add("ann", added)
    house.add("ann", house.harbour)
    front, back = (
        by_origin(house.installation, f"http://{host}.localhost:{house.port}")
        for host in ("front", "back")
    )
    assert front == back == added
    for door in (front, back, front, back, front):
        Guest(house, door).sign_in("ann", "not the password")
    assert len(subjects(house)) == 1
    assert isinstance(Guest(house, back).sign_in("ann"), NotLetIn)
    assert isinstance(Guest(house, house.harbour).sign_in("ann"), Minted)
