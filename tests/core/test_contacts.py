"""Which addresses count, and where a code goes."""

from __future__ import annotations

import pytest

from twostep.core.contacts import (
    CODE_LASTS,
    CODE_TRIES,
    Contact,
    ContactKind,
    ContactState,
    EnteredBy,
    by_method,
    counting,
    destinations,
    method_to,
    route_to,
    takes_tries,
    waiting,
)
from twostep.core.messages import Route
from twostep.core.policies import Method

NOW = 1_767_225_600_000


def contact(
    kind: ContactKind,
    *,
    by: EnteredBy = EnteredBy.USER,
    confirmed: bool = True,
    id_: bytes | None = None,
) -> Contact:
    return Contact(
        id=id_ or kind.value.encode().ljust(16, b"."),
        user_id=b"ann.............",
        kind=kind,
        entered_by=by,
        confirmed_at=NOW if confirmed else None,
        changed_at=NOW,
    )


EMAIL = contact(ContactKind.EMAIL)
SMS_EMAIL = contact(ContactKind.SMS_EMAIL)
PHONE = contact(ContactKind.PHONE)


def test_ac_31_a_users_own_address_counts_once_it_is_confirmed() -> None:
    waits = contact(ContactKind.EMAIL, confirmed=False)
    assert (waits.state, waits.counts) == (ContactState.WAITING, False)
    assert (EMAIL.state, EMAIL.counts) == (ContactState.CONFIRMED, True)


def test_an_administrators_entry_counts_at_once_and_is_marked_unconfirmed() -> None:
    entered = contact(ContactKind.EMAIL, by=EnteredBy.ADMINISTRATOR, confirmed=False)
    assert (entered.state, entered.counts) == (ContactState.UNCONFIRMED, True)
    confirmed = contact(ContactKind.EMAIL, by=EnteredBy.ADMINISTRATOR)
    assert confirmed.state is ContactState.CONFIRMED


def test_the_old_address_counts_while_the_new_one_waits() -> None:
    waits = contact(ContactKind.EMAIL, confirmed=False, id_=b"new.............")
    for both in ([EMAIL, waits], [waits, EMAIL]):
        assert counting(both) == {ContactKind.EMAIL: EMAIL}
        assert waiting(both) == {ContactKind.EMAIL: waits}
        assert by_method(both) == {Method.EMAIL_CODE: (EMAIL.id,)}


def test_cs_2_a_code_goes_to_the_sms_email_where_there_is_one_else_to_the_email() -> None:
    assert destinations(Method.EMAIL_CODE, [EMAIL, SMS_EMAIL]) == (SMS_EMAIL, EMAIL)
    assert destinations(Method.EMAIL_CODE, [EMAIL]) == (EMAIL,)
    waits = contact(ContactKind.SMS_EMAIL, confirmed=False)
    assert destinations(Method.EMAIL_CODE, [EMAIL, waits]) == (EMAIL,)


def test_a_number_is_for_the_provider_and_for_nothing_else() -> None:
    assert by_method([PHONE]) == {Method.TEXT_CODE: (PHONE.id,)}
    assert by_method([EMAIL, SMS_EMAIL, PHONE]) == {
        Method.TEXT_CODE: (PHONE.id,),
        Method.EMAIL_CODE: (SMS_EMAIL.id, EMAIL.id),
    }
    assert by_method([]) == {}
    assert destinations(Method.AUTHENTICATOR, [EMAIL, PHONE]) == ()


@pytest.mark.parametrize(
    ("kind", "route"),
    [
        (ContactKind.EMAIL, Route.MAIL),
        (ContactKind.SMS_EMAIL, Route.TEXT_GATEWAY),
        (ContactKind.PHONE, Route.TEXT_PROVIDER),
    ],
)
def test_each_kind_has_its_route(kind: ContactKind, route: Route) -> None:
    assert route_to(kind) is route


@pytest.mark.parametrize("kind", list(ContactKind))
def test_a_code_through_a_gateway_is_worth_an_email(kind: ContactKind) -> None:
    """D-03."""
    phone = kind is ContactKind.PHONE
    assert method_to(kind) is (Method.TEXT_CODE if phone else Method.EMAIL_CODE)


def test_a_confirming_code_stands_five_tries_and_thirty_minutes() -> None:
    end = NOW + CODE_LASTS
    assert takes_tries(tries=CODE_TRIES - 1, ends_at=end, now=end - 1)
    assert not takes_tries(tries=CODE_TRIES, ends_at=end, now=NOW)
    assert not takes_tries(tries=0, ends_at=end, now=end)
