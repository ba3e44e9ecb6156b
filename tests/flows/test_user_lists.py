"""The list of users: what is noted of each by the acts themselves, and what a page says."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from tests.helpers.clocks import DAY, HOUR, MINUTE
from tests.helpers.codes_by_mail import allow, confirmed, enter
from tests.helpers.house import PASSWORD, House, enrolled, phone_from, sign_in
from twostep.core.lockouts import LIMITS
from twostep.core.user_filters import UserState, Wanted
from twostep.core.users import SecondStep
from twostep.crypto.secret import Secret
from twostep.flows import lockouts, user_lists, users
from twostep.flows.user_lists import Line, Page, Place, Whom
from twostep.storage import contacts, search_terms, user_marks
from twostep.storage.tables import users as table

LOCKED = Wanted(state=UserState.LOCKED)
DIALOG = "/security/two-step"
WRONG = "a wrong password of some length"


def page(house: House, wanted: Wanted | None = None, **more: object) -> Page:
    return user_lists.page(
        house.installation,
        house.harbour.id,
        wanted or Wanted(),
        **more,  # type: ignore[arg-type]
    )


def names(found: Page) -> list[str]:
    return [line.name for line in found.lines]


def line(house: House, name: str = "ann") -> Line:
    (found,) = (each for each in page(house).lines if each.name == name)
    return found


def having(house: House, step: SecondStep) -> list[str]:
    return names(page(house, Wanted(second_steps=frozenset({step}))))


def fail(house: House, times: int = 5, name: str = "ann") -> None:
    for _ in range(times):
        sign_in(house.client(), name, WRONG)


def test_a_new_user_is_found_by_their_names_and_has_nothing_yet(house: House) -> None:
    added = users.add(
        house.installation,
        house.harbour,
        name="a.lee",
        full_name="Ann Lee",
        password=Secret(PASSWORD),
    )
    house.add("bo")
    for words in (("ann",), ("lee",), ("a.l",), ("le", "an")):
        assert names(page(house, Wanted(words=words))) == ["a.lee"]
    (shown,) = page(house, Wanted(words=("ann",))).lines
    assert shown == Line(
        user_id=getattr(added, "id", b""),
        name="a.lee",
        full_name="Ann Lee",
        second_step=SecondStep.NONE,
        recovery_codes=0,
        last_sign_in_at=None,
        locked=False,
        locked_until=None,
        paused_until=None,
        disabled_at=None,
    )


def test_a_user_who_is_called_otherwise_is_found_by_that_and_no_more_by_the_old(
    house: House,
) -> None:
    user = house.add("ann")
    house.installation.database.write(
        lambda c: search_terms.put(c, house.harbour.id, user.id, ("bert",))
    )
    assert names(page(house, Wanted(words=("bert",)))) == ["ann"]
    assert names(page(house, Wanted(words=("ann",)))) == []


def test_the_second_step_is_noted_when_an_app_is_set_up_replaced_and_turned_off(
    house: House,
) -> None:
    house.add("bo")
    phone = enrolled(house, "ann")
    assert (having(house, SecondStep.APP), having(house, SecondStep.NONE)) == (["ann"], ["bo"])
    client = house.client()
    code_page = client.follow(sign_in(client))
    client.submit(code_page, "/sign-in/code", code=phone.code())
    page_of_new_key = client.follow(client.submit(client.get(DIALOG), f"{DIALOG}/new-key"))
    new_phone = phone_from(page_of_new_key, house.clock)
    house.clock.forward(MINUTE)
    client.submit(page_of_new_key, f"{DIALOG}/verify", code=new_phone.code())
    assert having(house, SecondStep.APP) == ["ann"]
    off = client.submit(client.get(DIALOG), f"{DIALOG}/turn-off")
    assert off.location == "/security?said=turned-off"
    assert having(house, SecondStep.APP) == []
    assert having(house, SecondStep.NONE) == ["ann", "bo"]


def test_a_sign_in_is_noted_when_it_earns_a_session_and_not_before(house: House) -> None:
    phone = enrolled(house, "ann")
    before = line(house).last_sign_in_at
    house.clock.forward(DAY)
    client = house.client()
    code_page = client.follow(sign_in(client))
    assert line(house).last_sign_in_at == before
    client.submit(code_page, "/sign-in/code", code=phone.code())
    assert line(house).last_sign_in_at == house.clock()


def test_lists_by_the_last_sign_in_count_days_back_from_now(house: House) -> None:
    for name in ("ann", "bo", "cleo"):
        house.add(name)
    sign_in(house.client(), "bo")
    house.clock.forward(40 * DAY)
    sign_in(house.client(), "ann")
    now = house.clock()
    assert names(page(house, Wanted(never_signed_in=True))) == ["cleo"]
    assert names(page(house, Wanted(signed_in_before=now - 30 * DAY))) == ["bo"]
    assert names(page(house, Wanted(signed_in_from=now - 7 * DAY))) == ["ann"]


def test_whoever_is_locked_is_listed_as_locked_until_it_is_over(house: House) -> None:
    house.add("ann")
    house.add("bo")
    fail(house, 4)
    assert names(page(house, LOCKED)) == []
    fail(house, 1)
    assert names(page(house, LOCKED)) == ["ann"]
    assert line(house).locked
    assert line(house).locked_until == house.clock() + 30_000
    assert not line(house, "bo").locked
    house.clock.forward(30_000)
    assert names(page(house, LOCKED)) == []
    assert not line(house).locked


def test_the_sign_in_after_a_lockout_forgets_it(house: House) -> None:
    user = house.add("ann")
    fail(house)
    house.clock.forward(MINUTE)
    assert _noted(house, user.id) is not None
    assert sign_in(house.client()).location == "/"
    assert _noted(house, user.id) is None


def test_wrong_codes_lock_as_wrong_passwords_do(house: House) -> None:
    phone = enrolled(house, "ann")
    client = house.client()
    code_page = client.follow(sign_in(client))
    for _ in range(5):
        client.submit(code_page, "/sign-in/code", code=phone.wrong_code())
    assert line(house).locked
    assert names(page(house, LOCKED)) == ["ann"]


def test_whoever_is_unlocked_is_no_longer_listed(house: House) -> None:
    user = house.add("ann")
    fail(house)
    users.unlock(house.installation, house.harbour, user)
    assert names(page(house, LOCKED)) == []
    assert not line(house).locked
    assert _noted(house, user.id) is None


def test_whoever_only_unlocking_helps_is_locked_without_an_end(house: House) -> None:
    schedule = replace(LIMITS.password, delays=(), hard_stop=6)
    stopping = replace(house.installation, limits=replace(LIMITS, password=schedule))
    user = house.add("ann")
    fail(house)
    # A sixth one, counted by an installation that stops there.
    house.clock.forward(DAY)
    fail(house, 1)
    found = user_lists.page(stopping, house.harbour.id, Wanted())
    assert (found.lines[0].locked, found.lines[0].locked_until) == (True, None)
    house.installation.database.write(
        lambda c: user_marks.note_locked(c, house.harbour.id, user.id, until=user_marks.FOREVER)
    )
    house.clock.forward(300 * DAY)
    assert names(user_lists.page(stopping, house.harbour.id, LOCKED)) == ["ann"]


def test_a_note_that_is_no_longer_true_is_not_shown(house: House) -> None:
    """What a page says is what the counters say at that moment, whatever was noted."""
    user = house.add("ann")
    house.installation.database.write(
        lambda c: user_marks.note_locked(c, house.harbour.id, user.id, until=house.clock() + HOUR)
    )
    assert not line(house).locked
    assert names(page(house, LOCKED)) == []


def test_a_lockout_whose_last_try_was_never_settled_is_noted_at_the_next_one(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process that compared it was killed: the try counts, and nobody has noted what it did."""
    user = house.add("ann")
    fail(house, 4)
    with monkeypatch.context() as patched:
        patched.setattr(lockouts, "_note_locked", lambda *_: None)
        fail(house, 1)
    assert _noted(house, user.id) is None
    fail(house, 1)
    assert _noted(house, user.id) == house.clock() + 30_000


def test_a_lockout_of_a_name_that_nobody_has_is_nobody_s(house: House) -> None:
    house.add("ann")
    fail(house, 6, "nobody")
    assert names(page(house, LOCKED)) == []


def test_a_shorter_lockout_ends_no_longer_one(house: House) -> None:
    user = house.add("ann")
    place, now = (house.harbour.id, user.id), house.clock()
    for until in (now + DAY, now + HOUR):
        house.installation.database.write(
            lambda c, until=until: user_marks.note_locked(c, *place, until=until)  # type: ignore[misc]
        )
    assert _noted(house, user.id) == now + DAY


def test_codes_that_are_turned_on_and_off_are_noted(house: House) -> None:
    allow(house, house.harbour)
    confirmed(house, house.add("ann"))
    client = house.client()
    sign_in(client)
    client.submit(client.get(f"{DIALOG}/codes"), f"{DIALOG}/codes")
    assert having(house, SecondStep.CODES) == ["ann"]
    assert having(house, SecondStep.NONE) == []


def test_whoever_has_an_app_and_codes_is_listed_as_having_both(house: House) -> None:
    allow(house, house.harbour)
    phone = enrolled(house, "ann")
    (ann,) = users.listing(house.installation, house.harbour)
    confirmed(house, ann.user)
    place = (house.harbour.id, ann.user.id)
    house.installation.database.write(lambda c: contacts.want_codes(c, *place, since=1))
    assert having(house, SecondStep.APP_AND_CODES) == ["ann"]
    client = house.client()
    client.submit(client.follow(sign_in(client)), "/sign-in/code", code=phone.code())
    client.submit(client.get(DIALOG), f"{DIALOG}/turn-off")
    assert having(house, SecondStep.CODES) == ["ann"]


def test_disabled_users_and_those_whose_second_step_is_paused_are_listed(house: House) -> None:
    ann = house.add("ann")
    house.add("bo")
    users.disable(house.installation, house.harbour, ann)
    assert names(page(house, Wanted(state=UserState.DISABLED))) == ["ann"]
    assert line(house).disabled_at == house.clock()
    users.enable(house.installation, house.harbour, ann)
    assert names(page(house, Wanted(state=UserState.DISABLED))) == []
    assert names(page(house, Wanted(state=UserState.PAUSED))) == []


def test_a_whole_address_finds_whoever_has_it_and_whoever_is_called_so(house: House) -> None:
    ann = house.add("ann")
    enter(house, ann, "both@harbour.example")
    named = house.add("both@harbour.example")
    whom = user_lists.find(house.installation, house.harbour.id, " Both@harbour.example ")
    assert whom.user_id == named.id
    assert whom.words == ()
    found = page(house, Wanted(user_id=whom.user_id, address_hash=whom.address_hash))
    assert names(found) == ["ann", "both@harbour.example"]
    assert user_lists.name_of(house.installation, house.harbour.id, named.id) == named.name
    assert user_lists.name_of(house.installation, house.northside.id, named.id) is None


def test_an_address_that_nobody_has_finds_nobody(house: House) -> None:
    enter(house, house.add("ann"), "ann@harbour.example")
    for typed in ("bo@harbour.example", "+12125550123"):
        whom = user_lists.find(house.installation, house.harbour.id, typed)
        assert whom.address_hash is not None
        assert names(page(house, Wanted(address_hash=whom.address_hash))) == []


@pytest.mark.parametrize(
    ("typed", "words"),
    [("Ann Lee", ("ann", "lee")), ("ann@", ("ann@",)), ("", ()), ("+44", ("+44",))],
)
def test_what_is_no_whole_address_is_words_of_a_name(
    house: House, typed: str, words: tuple[str, ...]
) -> None:
    assert user_lists.find(house.installation, house.harbour.id, typed) == Whom(words=words)


def test_pages_lead_on_and_back_and_the_first_one_is_whole(house: House) -> None:
    everybody = [f"user{number:02}" for number in range(7)]
    for name in everybody:
        house.add(name)
    first = page(house, most=3)
    assert (names(first), first.previous) == (everybody[:3], None)
    second = page(house, place=first.next, most=3)
    assert names(second) == everybody[3:6]
    third = page(house, place=second.next, most=3)
    assert (names(third), third.next) == (everybody[6:], None)
    back = page(house, place=third.previous, backwards=True, most=3)
    assert names(back) == everybody[3:6]
    assert names(page(house, place=back.next, most=3)) == everybody[6:]
    # From the second page there are two users before the fourth one at most.
    whole = page(house, place=Place(user_id=back.lines[-1].user_id), backwards=True, most=6)
    assert (names(whole), whole.previous) == (everybody[:6], None)
    assert whole.next is not None


def test_a_page_past_the_end_leads_back(house: House) -> None:
    house.add("ann")
    end = page(house, place=Place(user_id=line(house).user_id))
    assert (names(end), end.next) == ([], None)
    assert names(page(house, place=end.previous, backwards=True)) == ["ann"]


def _noted(house: House, user_id: bytes) -> int | None:
    query = select(table.c.locked_until).where(table.c.id == user_id)
    until: int | None = house.installation.database.read(lambda c: c.execute(query).scalar_one())
    return until
