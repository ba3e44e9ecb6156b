"""Codes by email and text belong to one thing each, are good once, and are no way round the
counters: AC-09, AC-11, AC-18, R-08, R-10, R-12, R-25, R-38.

Any order of acts at all stands in test_ways.py, many at once in test_sent_codes_at_once.py.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from dataclasses import replace
from itertools import cycle

import pytest
from sqlalchemy import select, update

from tests.attacks.test_budgets_apart import counted
from tests.helpers.clocks import DAY, HOUR, MINUTE, SECOND
from tests.helpers.code_readers import Reader, a_reader, evaluated, with_gateway
from tests.helpers.codes_by_mail import allow, enter
from tests.helpers.house import NO_LIMITS, PASSWORD, House
from tests.helpers.letters import another_code, last_code
from tests.helpers.sealed_rows import everything_in
from twostep.core import contacts as contact_rules
from twostep.core import messages
from twostep.core import sent_codes as code_rules
from twostep.core.contacts import ContactKind
from twostep.core.keys import KeyPurpose
from twostep.core.lockouts import Purpose
from twostep.core.messages import Cap, MessageKind
from twostep.core.policies import Method
from twostep.core.sent_codes import SentFor
from twostep.core.users import User
from twostep.core.ways import Way
from twostep.crypto.identifiers import new_id
from twostep.flows import contacts, step_up
from twostep.flows.codes import CodesPaused
from twostep.flows.contact_codes import CodeSent, Confirmed, confirm_own
from twostep.flows.mint import Minted
from twostep.flows.sent_code_checks import SentCodeRefused, Why
from twostep.flows.sent_codes import NotYet, Sent, hashed
from twostep.storage import contacts as stored_contacts
from twostep.storage import sent_codes
from twostep.storage.sent_codes import Bound
from twostep.storage.tables import contacts as contact_table
from twostep.storage.tables import messages as message_table
from twostep.storage.tables import sent_codes as table

pytestmark = pytest.mark.sqlite_alone


@pytest.fixture
def house(shared_house: House) -> House:
    shared_house.clock.forward(DAY)
    return shared_house


@pytest.fixture
def open_house(house: House) -> House:
    """The same house with the counters out of the way."""
    other = copy(house)
    other.installation = replace(house.installation, limits=NO_LIMITS)
    return other


# --- AC-09: what a code belongs to

Door = Callable[[str], bool]


@pytest.fixture
def many_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    """A code stands as many wrong tries, and a person is sent as many, as the matrix has rows."""
    monkeypatch.setattr(step_up, "MOST_WRONG", 100)
    monkeypatch.setattr(messages, "PER_USER", (Cap(most=100, within=DAY),))
    for module in (code_rules, sent_codes):
        monkeypatch.setattr(module, "TRIES", 100)
    monkeypatch.setattr(contact_rules, "CODE_TRIES", 100)
    monkeypatch.setattr(stored_contacts, "CODE_TRIES", 100)


def at_sign_in(reader: Reader, way: Way = Way.EMAIL) -> tuple[str, Door]:
    code = reader.get_code(way)
    return code, lambda digits: isinstance(reader.type(digits, way), Minted)


def at_fresh_proof(reader: Reader) -> tuple[str, Door]:
    code = reader.get_fresh_code()
    return code, lambda digits: isinstance(reader.prove(digits), Minted)


def at_address(reader: Reader) -> tuple[str, Door]:
    house, person = reader.house, reader.me()
    house.clock.forward(1)
    begun = contacts.change_own(
        house.installation,
        person,
        ContactKind.EMAIL,
        f"new.{person.user.name}@northside.example",
        language="en",
        browser=reader.browser_in_session,
    )
    assert isinstance(begun, CodeSent), begun
    code = last_code(house.installation)

    def door(digits: str) -> bool:
        done = confirm_own(
            house.installation,
            person,
            ContactKind.EMAIL,
            digits,
            browser=reader.browser_in_session,
        )
        return isinstance(done, Confirmed)

    return code, door


def every_door(house: House) -> dict[str, tuple[str, Door]]:
    """A code of each purpose, sent just now, and the page that takes it."""
    ann, name = a_reader(house)
    for environment in (house.northside, house.harbour):
        allow(house, environment, "email", "text")
        house.set(environment, "text_countries", "US")
    enter(house, ann, "+12125552368", ContactKind.PHONE)
    there = house.add(name, house.harbour)
    enter(house, there, f"{name}@harbour.example")
    house.set(house.harbour, "two_step_verification", "required")
    _, other = a_reader(house)
    session = Reader(house, house.northside, name=name)
    session.get_in()
    house.clock.forward(5 * MINUTE + 1)
    begun = {
        "sign-in": Reader(house, house.northside, name=name),
        "another sign-in": Reader(house, house.northside, name=name),
        "another user": Reader(house, house.northside, name=other),
        "another environment": Reader(house, house.harbour, name=name),
    }
    for reader in begun.values():
        reader.begin()
    doors = {}
    for what, reader in begun.items():
        doors[what] = at_sign_in(reader)
        house.clock.forward(30 * SECOND)
    house.set(house.harbour, "two_step_verification", "optional")
    doors["another method"] = at_sign_in(begun["sign-in"], Way.PHONE)
    doors["fresh proof"] = at_fresh_proof(session)
    doors["address"] = at_address(session)
    return doors


@pytest.mark.usefixtures("many_tries")
def test_ac_09_no_code_is_good_at_the_door_of_another(open_house: House) -> None:
    """AC-09, R-25: every purpose, sign-in, user, environment, method and address against every
    other one; and each is good at its own.
    """
    doors = every_door(open_house)
    codes = {what: code for what, (code, _) in doors.items()}
    assert len(codes) == 7
    taken = [
        (of, at)
        for at, (own, door) in doors.items()
        for of, code in codes.items()
        if of != at and code != own and door(code)
    ]
    assert taken == []
    # The last one of each user first: what is taken in a session gives it another token.
    order = ["another method", "another sign-in", "another user", "fresh proof"]
    assert [what for what in order if not doors[what][1](codes[what])] == []


def test_ac_09_what_is_stored_covers_everything_that_a_code_belongs_to(house: House) -> None:
    """AC-09: any one thing that differs gives another hash, beside the row in which it is found."""
    key = house.installation.keys.current(KeyPurpose.CODE)
    bound = Bound(
        environment_id=new_id(),
        user_id=new_id(),
        sign_in_id=new_id(),
        purpose=SentFor.SIGN_IN,
    )
    other, contact, method = new_id(), new_id(), Method.EMAIL_CODE
    all_of_them = [
        hashed(key, bound, method, contact, "123456"),
        *(
            hashed(key, replace(bound, **{part: other}), method, contact, "123456")  # type: ignore[arg-type]
            for part in ("environment_id", "user_id", "sign_in_id")
        ),
        hashed(key, replace(bound, purpose=SentFor.FRESH_PROOF), method, contact, "123456"),
        hashed(key, bound, Method.TEXT_CODE, contact, "123456"),
        hashed(key, bound, method, other, "123456"),
        hashed(key, bound, method, contact, "0123456"),
    ]
    assert len(set(all_of_them)) == 8


@pytest.mark.both_databases
@pytest.mark.parametrize("moved", ["sign_in_id", "user_id", "contact_id", "method"])
def test_ac_09_a_row_that_somebody_changes_is_good_for_nothing(
    open_house: House, moved: str
) -> None:
    """AC-09, AC-65: whoever can write to the database, but has no key, makes a code that they have
    read that of another sign-in, user, address or method.
    """
    house = open_house
    ann, name = a_reader(house)
    with_gateway(house, ann)
    thief, other = a_reader(house)
    allow(house, house.northside, "text")
    house.set(house.northside, "text_countries", "US")
    enter(house, ann, "+12125552368", ContactKind.PHONE)
    victim = Reader(house, house.northside, name=name)
    begun = victim.begin()
    theirs = Reader(house, house.northside, name=other if moved == "user_id" else name)
    theirs.begin()
    code = (theirs if moved in {"user_id", "sign_in_id"} else victim).get_code()
    changes: dict[str, dict[str, object]] = {
        "sign_in_id": {"sign_in_id": begun.sign_in.id},
        "user_id": {"user_id": ann.id, "sign_in_id": begun.sign_in.id},
        "contact_id": {"contact_id": contact_id(house, ann, "sms_email")},
        "method": {"method": "text_code"},
    }
    whose = thief.id if moved == "user_id" else ann.id
    change = update(table).where(table.c.user_id == whose).values(**changes[moved])
    house.installation.database.write(lambda connection: connection.execute(change))
    answer = victim.type(code, Way.PHONE if moved == "method" else Way.EMAIL)
    assert isinstance(answer, SentCodeRefused), answer
    assert answer.why is Why.NO_MATCH


def contact_id(house: House, user: User, kind: str) -> bytes:
    found = house.installation.database.read(
        lambda c: c.execute(
            select(contact_table.c.id).where(
                contact_table.c.user_id == user.id, contact_table.c.kind == kind
            )
        ).scalar_one()
    )
    return bytes(found)


# --- AC-11, R-08, R-10, R-12: guesses and sends


@pytest.mark.both_databases
def test_ac_11_no_mixture_of_acts_gets_more_guesses_than_the_budget(house: House) -> None:
    """AC-11, R-10, R-12, I-11: a day of new sign-ins, new codes, other addresses and fresh proofs;
    twenty are evaluated, and then the right one is not.
    """
    user, name = a_reader(house)
    with_gateway(house, user)
    inside = Reader(house, house.northside, name=name)
    inside.get_in()
    house.clock.forward(30 * SECOND)
    ways = cycle([Way.EMAIL, Way.SMS_EMAIL])
    with evaluated() as compared:
        for round_ in range(40):
            house.clock.forward(30 * MINUTE)
            reader = Reader(house, house.northside, f"203.0.113.{round_}", name=name)
            reader.begin()
            for way in [next(ways), next(ways)][: 2 if round_ == 0 else 1]:
                house.clock.forward(30 * SECOND)
                if not isinstance(reader.ask(way), Sent):
                    continue
                for _ in range(5):
                    reader.type("000000", way)
                    house.clock.forward(30 * SECOND)
            if round_ == 2 and inside.person():
                inside.get_fresh_code()
                inside.prove("000000")
        assert len(compared) == 20
        late = Reader(house, house.northside, name=name)
        late.begin()
        asked = late.ask()
        right = last_code(house.installation, MessageKind.CODE)
        assert not isinstance(late.type(right), Minted), asked
        assert len(compared) == 20
    assert counted(house, user, Purpose.SECOND_STEP) == 20
    times = sends_to(house, user)
    assert len(times) <= 15
    assert all(len([t for t in times if at <= t < at + HOUR]) <= 5 for at in times)


def sends_to(house: House, user: User) -> list[int]:
    rows = house.installation.database.read(
        lambda c: c.execute(
            select(message_table.c.made_at).where(
                message_table.c.user_id == user.id, message_table.c.kind == "code"
            )
        ).scalars()
    )
    return sorted(rows)


def test_ac_11_a_code_stands_five_tries_and_a_new_one_resets_nothing(open_house: House) -> None:
    """AC-11: of eight guesses at each of two codes five are evaluated, and all of these count."""
    house = open_house
    user, name = a_reader(house)
    reader = Reader(house, house.northside, name=name)
    reader.begin()
    with evaluated() as compared:
        for number in (1, 2):
            code = reader.get_code()
            for _ in range(8):
                assert not isinstance(reader.type(another_code(code)), Minted)
            assert not isinstance(reader.type(code), Minted), "dead after five"
            assert len(compared) == 5 * number
            house.clock.forward(30 * SECOND)
    failed = house.installation.database.read(
        lambda c: c.exec_driver_sql("select subject from attempts where state = 'failed'").all()
    )
    assert [bytes(row.subject) for row in failed].count(user.id) == 10


def test_ac_11_a_user_is_sent_five_an_hour_and_fifteen_a_day(house: House) -> None:
    """AC-11 and §5.4: by whatever sign-in, way and purpose; half a minute apart; to the second."""
    user, name = a_reader(house)
    with_gateway(house, user)
    sent, last = [], house.clock()
    ways = cycle([Way.EMAIL, Way.SMS_EMAIL])
    for _ in range(6):
        for _ in range(6):
            reader = Reader(house, house.northside, name=name)
            reader.begin()
            answer = reader.ask(next(ways))
            if isinstance(answer, Sent):
                sent.append(house.clock())
                house.clock.forward(31 * SECOND)
            else:
                assert isinstance(answer, NotYet)
                last = answer.until
        house.clock.forward(HOUR)
    assert len(sent) == 15
    assert all(len([t for t in sent if at <= t < at + HOUR]) <= 5 for at in sent)
    assert last == sent[0] + DAY


def test_ac_11_an_address_gets_one_in_half_a_minute_whoever_asks(house: House) -> None:
    """§5.4, AC-53: two people with one mailbox, and nobody learns of the other more than a time."""
    _, first = a_reader(house)
    second, name = a_reader(house)
    enter(house, second, f"{first.upper()}@Northside.example")
    readers = [Reader(house, house.northside, name=who) for who in (first, name)]
    for reader in readers:
        reader.begin()
    assert isinstance(readers[0].ask(), Sent)
    at = house.clock()
    refused = readers[1].ask()
    assert refused == NotYet(at + 30 * SECOND)
    house.clock.now = at + 30 * SECOND - 2
    assert refused == readers[1].ask()
    assert isinstance(readers[1].ask(), Sent)


def test_r_08_one_counter_whatever_the_name_is_written_like_and_wherever_the_code_went(
    house: House,
) -> None:
    """R-08, AC-15: the account is what is counted."""
    user, name = a_reader(house)
    with_gateway(house, user)
    ways = cycle([Way.SMS_EMAIL, Way.EMAIL])
    wide = "".join(chr(ord(character) + 0xFEE0) for character in name)
    with evaluated() as compared:
        for spelling in (name, name.upper(), f" {name} ", wide, name.title()):
            reader = Reader(house, house.northside, name=spelling)
            reader.begin()
            house.clock.forward(31 * SECOND)
            way = next(ways)
            wrong = another_code(reader.get_code(way))
            assert isinstance(reader.type(wrong, way), SentCodeRefused)
        assert counted(house, user, Purpose.SECOND_STEP) == 5
        late = Reader(house, house.northside, name=name)
        late.sign_in(name)
        assert not isinstance(late.type("000000"), SentCodeRefused)
        assert len(compared) == 5


def test_r_12_while_codes_are_paused_no_door_compares_one(house: House) -> None:
    """R-12, AC-16: the pages that were open already, by every way, in a sign-in and a session."""
    user, name = a_reader(house)
    with_gateway(house, user)
    session = Reader(house, house.northside, name=name)
    session.get_in()
    house.clock.forward(5 * MINUTE + 1)
    fresh = session.get_fresh_code()
    reader = Reader(house, house.northside, name=name)
    begun = reader.begin()
    house.clock.forward(30 * SECOND)
    code = reader.get_code()
    for _ in range(5):
        reader.type(another_code(code), waiting=begun)
    later = Reader(house, house.northside, "198.51.100.3", name=name)
    with evaluated() as compared:
        for way in (Way.EMAIL, Way.SMS_EMAIL):
            answer = reader.type(code, way, waiting=begun)
            assert isinstance(answer, CodesPaused | SentCodeRefused), answer
        assert isinstance(session.prove(fresh), CodesPaused)
        later.sign_in(name)
        assert not isinstance(later.ask(), Sent), "nothing is sent that would not be looked at"
        assert compared == []
    assert session.person() is not None


# --- AC-18: budgets apart


def test_ac_18_a_right_sent_code_forgives_only_its_own_browser(house: House) -> None:
    """AC-18, R-09: what others got wrong stays counted; and a right password, a new code and
    another address forgive nothing.
    """
    user, name = a_reader(house)
    thief = Reader(house, house.northside, "192.0.2.1", name=name)
    thief.begin()
    wrong = another_code(thief.get_code())
    for _ in range(3):
        thief.type(wrong)
    house.clock.forward(31 * SECOND)
    owner = Reader(house, house.northside, name=name)
    owner.begin()
    code = owner.get_code()
    owner.type(another_code(code))
    assert counted(house, user, Purpose.SECOND_STEP) == 4
    assert isinstance(owner.type(code), Minted)
    assert counted(house, user, Purpose.SECOND_STEP) == 3
    enter(house, user, f"other.{name}@northside.example")
    Reader(house, house.northside, name=name).begin()
    assert counted(house, user, Purpose.SECOND_STEP) == 3
    for other in (Purpose.PASSWORD, Purpose.RECOVERY_CODE):
        assert counted(house, user, other) == 0


def test_ac_18_a_right_sent_code_forgives_no_wrong_passwords_of_others(house: House) -> None:
    """AC-18: and wrong passwords take no code away."""
    user, name = a_reader(house)
    for _ in range(3):
        Reader(house, house.northside, "192.0.2.1").sign_in(name, "not the password")
    owner = Reader(house, house.northside, name=name)
    owner.get_in()
    assert counted(house, user, Purpose.PASSWORD) == 3
    assert counted(house, user, Purpose.SECOND_STEP) == 0


# --- replays, and what lies in the database


def test_r_25_a_used_code_is_used(house: House) -> None:
    """R-25, AC-08: in the same sign-in, in another one, and for a fresh proof."""
    _, name = a_reader(house)
    reader = Reader(house, house.northside, name=name)
    begun = reader.begin()
    code = reader.get_code()
    assert isinstance(reader.type(code), Minted)
    assert not isinstance(reader.type(code, waiting=begun), Minted)
    house.clock.forward(5 * MINUTE + 1)
    assert not isinstance(reader.prove(code), Minted)
    fresh = reader.get_fresh_code()
    assert isinstance(reader.prove(fresh), Minted)
    assert not isinstance(reader.prove(fresh), Minted)
    house.clock.forward(31 * SECOND)
    again = Reader(house, house.northside, name=name)
    again.begin()
    again.get_code()
    for used in {code, fresh} - {last_code(house.installation, MessageKind.CODE)}:
        assert not isinstance(again.type(used), Minted)


def test_r_25_what_was_sent_in_a_sign_in_that_was_given_up_is_good_for_nothing(
    house: House,
) -> None:
    """R-25, AC-04: nor in one that waited too long."""
    _, name = a_reader(house)
    reader = Reader(house, house.northside, name=name)
    begun = reader.begin()
    house.clock.forward(10 * MINUTE)
    code = reader.get_code()
    house.clock.forward(5 * MINUTE)
    assert not isinstance(reader.type(code, waiting=begun), Minted)


@pytest.mark.both_databases
def test_r_38_what_waits_holds_no_secret(house: House) -> None:
    """R-38, D-07: neither the digits nor the password nor the address, nor the key without which
    no row tells which of a million codes it is of.
    """
    user, name = a_reader(house)
    reader = Reader(house, house.northside, name=name)
    begun = reader.begin()
    code = reader.get_code()
    keys = house.installation.keys.current(KeyPurpose.CODE)
    secrets = [keys.secret.reveal(), PASSWORD.encode(), f"{name}@northside.example".encode()]
    rows = everything_in(house.installation.database)
    for columns in (row for found in rows.values() for row in found):
        as_bytes = [v.encode() if isinstance(v, str) else v for v in columns]
        pieces = [piece for piece in as_bytes if isinstance(piece, bytes)]
        assert not [secret for secret in secrets for piece in pieces if secret in piece]
        assert code.encode() not in pieces
    bound = Bound(
        environment_id=user.environment_id,
        user_id=user.id,
        sign_in_id=begun.sign_in.id,
        purpose=SentFor.SIGN_IN,
    )
    found = house.installation.database.read(lambda c: sent_codes.newest(c, bound))
    assert found is not None
    assert found.code_hash == hashed(keys, bound, found.method, found.contact_id, code)
    other = replace(keys, secret=type(keys.secret)(bytes(32)))
    assert found.code_hash != hashed(other, bound, found.method, found.contact_id, code)
