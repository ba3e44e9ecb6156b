"""Who could be reached: by which address, what lacks, and which of all that a list is made of."""

from __future__ import annotations

from itertools import product

import pytest

from twostep.core.address_readiness import (
    REACH_OF,
    Gap,
    Known,
    Reach,
    SentBy,
    Standing,
    gaps_of,
    pairs_of,
    standing_of,
    tells_of_address,
    way_of,
)
from twostep.core.contacts import Contact, ContactKind, EnteredBy
from twostep.core.messages import GaveUp, MessageState, Try
from twostep.core.policies import Method

EMAIL, SMS, PHONE = ContactKind.EMAIL, ContactKind.SMS_EMAIL, ContactKind.PHONE
DYING, DEAD = {"dying.example"}, {"dead.example"}


def known(
    kind: ContactKind,
    *,
    by: EnteredBy = EnteredBy.USER,
    confirmed: bool = True,
    gateway: str | None = None,
    failed: MessageState | None = None,
) -> Known:
    contact = Contact(
        id=bytes(16),
        user_id=bytes(16),
        kind=kind,
        entered_by=by,
        confirmed_at=1 if confirmed else None,
        changed_at=1,
    )
    return Known(contact=contact, gateway=gateway, failed=failed)


def gaps(standing: Standing, way: SentBy = SentBy.EITHER) -> tuple[Gap, ...]:
    return gaps_of(standing, way, dying=DYING, dead=DEAD)


def test_who_has_no_address_lacks_one_by_every_way() -> None:
    nobody = Standing(email=Reach.NONE, text=Reach.NONE)
    assert standing_of([]) == nobody
    assert {gaps(nobody, way) for way in SentBy} == {(Gap.NO_ADDRESS,)}


def test_the_best_address_decides_and_one_that_waits_does_not_count() -> None:
    waits = known(EMAIL, confirmed=False)
    entered = known(SMS, by=EnteredBy.ADMINISTRATOR, confirmed=False)
    assert standing_of([waits]).email is Reach.WAITING
    assert standing_of([waits, entered]).email is Reach.UNCONFIRMED
    assert standing_of([waits, entered, known(EMAIL)]).email is Reach.CONFIRMED
    assert standing_of([known(PHONE)]) == Standing(email=Reach.NONE, text=Reach.CONFIRMED)


def test_the_way_says_which_addresses_are_meant() -> None:
    phone = standing_of([known(PHONE)])
    assert gaps(phone, SentBy.EMAIL) == (Gap.NO_ADDRESS,)
    assert gaps(phone, SentBy.TEXT) == gaps(phone, SentBy.EITHER) == ()
    email = standing_of([known(EMAIL, confirmed=False)])
    assert gaps(email, SentBy.TEXT) == (Gap.NO_ADDRESS,)
    assert gaps(email, SentBy.EMAIL) == gaps(email) == (Gap.WAITING,)


def test_a_gateway_that_counts_is_looked_up_in_what_is_known_of_it_today() -> None:
    for domain, gap in (("dying.example", Gap.DYING_GATEWAY), ("dead.example", Gap.DEAD_GATEWAY)):
        standing = standing_of([known(SMS, gateway=domain), known(EMAIL)])
        assert gaps(standing) == (gap,)
        assert gaps(standing, SentBy.TEXT) == (Gap.NO_ADDRESS,), "no text of a provider goes there"
    assert gaps(standing_of([known(SMS, gateway="paid.example")])) == ()
    waits = standing_of([known(SMS, confirmed=False, gateway="dead.example")])
    assert gaps(waits) == (Gap.WAITING,), "nothing is sent to what waits"


def test_a_failure_counts_at_an_address_that_counts() -> None:
    failed = known(EMAIL, failed=MessageState.REFUSED)
    assert gaps(standing_of([failed])) == (Gap.FAILED,)
    waits = known(EMAIL, confirmed=False, failed=MessageState.REFUSED)
    assert gaps(standing_of([waits])) == (Gap.WAITING,)


def test_the_worst_gap_stands_first() -> None:
    entered = known(
        SMS,
        by=EnteredBy.ADMINISTRATOR,
        confirmed=False,
        gateway="dead.example",
        failed=MessageState.BOUNCED,
    )
    assert gaps(standing_of([entered])) == (Gap.DEAD_GATEWAY, Gap.FAILED, Gap.UNCONFIRMED)


@pytest.mark.parametrize("way", SentBy)
def test_each_standing_is_in_exactly_one_list_of_reach(way: SentBy) -> None:
    lists = [set(pairs_of(reach, way)) for reach in Reach]
    for pair in product(Reach, Reach):
        standing = Standing(email=pair[0], text=pair[1])
        (found,) = (reach for reach, pairs in zip(Reach, lists, strict=True) if pair in pairs)
        assert found is standing.by(way)
        of_reach = [gap for gap, reach in REACH_OF.items() if reach is found]
        assert list(gaps(standing, way)) == of_reach


def test_what_is_allowed_says_by_which_way() -> None:
    app = Method.AUTHENTICATOR
    assert way_of({app, Method.EMAIL_CODE}) is SentBy.EMAIL
    assert way_of({app, Method.TEXT_CODE}) is SentBy.TEXT
    assert way_of({Method.EMAIL_CODE, Method.TEXT_CODE}) is way_of({app}) is SentBy.EITHER


def test_a_message_that_could_not_leave_tells_nothing_of_its_address() -> None:
    telling = {reason for reason in (None, *GaveUp) if tells_of_address(reason)}
    assert telling == {None, GaveUp.TRIED_ENOUGH}


def test_a_message_that_a_server_put_off_to_the_end_tells_of_its_address() -> None:
    """A mailbox that is full, and not a relay that was away for ten minutes."""
    assert tells_of_address(GaveUp.TIME_OVER, [Try.UNREACHABLE, Try.PUT_OFF])
    assert not tells_of_address(GaveUp.TIME_OVER, [Try.UNREACHABLE, Try.BROKEN_OFF])
