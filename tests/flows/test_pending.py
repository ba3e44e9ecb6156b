"""AC-04: of a sign-in that was dropped for newer ones the log knows."""

from __future__ import annotations

from tests.helpers.clocks import SECOND
from tests.helpers.guests import Guest, with_app
from tests.helpers.house import House
from twostep.core.audit import EventKind
from twostep.flows.audit import Happened, recent_for_user


def dropped(house: House, user_id: bytes) -> list[Happened]:
    events = house.installation.database.read(
        lambda connection: recent_for_user(connection, house.harbour.id, user_id, 100)
    )
    return [event for event in events if event.kind is EventKind.SIGN_IN_DROPPED]


def test_each_sign_in_that_newer_ones_push_out_has_an_event(house: House) -> None:
    """Somebody with the password who begins many would otherwise end the owner's unseen."""
    with_app(house)
    owner = Guest(house)
    owner.sign_in()
    waiting = owner.waiting()
    assert waiting is not None
    others = [Guest(house, address="198.51.100.9") for _ in range(6)]
    for other in others[:4]:
        house.clock.forward(SECOND)
        other.sign_in()
    assert dropped(house, waiting.user.id) == []
    for other in others[4:]:
        house.clock.forward(SECOND)
        other.sign_in()
    events = dropped(house, waiting.user.id)
    first = others[0]
    assert len(events) == 2
    assert owner.waiting() is first.waiting() is None
    assert events[-1].data["sign_in"] == waiting.sign_in.id.hex()
    newest = others[4].waiting()
    assert newest is not None
    assert events[-1].data["dropped_by"] == newest.sign_in.id.hex()
    assert events[-1].visitor is not None
    assert events[-1].visitor.address == "198.51.100.9"
