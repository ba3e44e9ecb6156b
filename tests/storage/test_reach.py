"""How people can be reached is noted with each change, and with the end of each message."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from tests.helpers.many_messages import ANN, HERE, NOW, add_people, id_of, message
from twostep.core.contacts import Contact, ContactKind, EnteredBy
from twostep.core.messages import DAY, GaveUp, MessageState
from twostep.storage import contacts, messages, reach
from twostep.storage.contacts import COUNTING, WAITING, Code, StoredContact
from twostep.storage.database import Connection, Database
from twostep.storage.tables import contacts as addresses
from twostep.storage.tables import users

EMAIL, SMS, PHONE = ContactKind.EMAIL, ContactKind.SMS_EMAIL, ContactKind.PHONE
HASH, OTHER_HASH = b"h" * 32, b"o" * 32


@pytest.fixture(autouse=True)
def _people(database: Database) -> None:
    add_people(database)


def address(
    kind: ContactKind = EMAIL,
    *,
    counts: bool = True,
    by: EnteredBy = EnteredBy.USER,
    gateway: str | None = None,
    hashed: bytes = HASH,
) -> StoredContact:
    confirmed = counts and by is EnteredBy.USER
    return StoredContact(
        environment_id=HERE,
        contact=Contact(
            id=f"{kind} {counts}".encode().ljust(16)[:16],
            user_id=ANN,
            kind=kind,
            entered_by=by,
            confirmed_at=NOW if confirmed else None,
            changed_at=NOW,
        ),
        sealed=b"sealed",
        key_version=1,
        masked="a•••@a.example",
        address_hash=hashed,
        language="en",
        gateway=gateway,
        code=None if counts else Code(hashed=b"c" * 32, key_version=1, ends_at=NOW + 10),
    )


def put(database: Database, new: StoredContact) -> StoredContact:
    database.write(lambda c: contacts.put(c, new))
    return new


def noted(database: Database) -> tuple[str, str, str | None, str | None]:
    """Of Ann here; nobody else's row ever changes."""

    def look(connection: Connection) -> tuple[str, str, str | None, str | None]:
        found = {
            (row.environment_id, row.id): (
                row.email_reach,
                row.text_reach,
                row.gateway,
                row.address_failed,
            )
            for row in connection.execute(select(users))
        }
        mine: tuple[str, str, str | None, str | None] = found.pop((HERE, ANN))
        assert set(found.values()) == {("none", "none", None, None)}
        return mine

    return database.read(look)


def test_each_change_of_an_address_is_noted(database: Database) -> None:
    assert noted(database) == ("none", "none", None, None)
    waits = put(database, address(counts=False))
    assert noted(database) == ("waiting", "none", None, None)
    database.write(lambda c: contacts.confirm(c, HERE, ANN, waits.contact, now=NOW))
    assert noted(database) == ("confirmed", "none", None, None)
    put(database, address(PHONE, by=EnteredBy.ADMINISTRATOR))
    assert noted(database) == ("confirmed", "unconfirmed", None, None)
    put(database, address(SMS, gateway="vtext.com"))
    assert noted(database) == ("confirmed", "unconfirmed", "vtext.com", None)
    for kind in (EMAIL, SMS, PHONE):
        database.write(lambda c, k=kind: contacts.remove(c, HERE, ANN, k, state=COUNTING))  # type: ignore[misc]
    assert noted(database) == ("none", "none", None, None)


def test_a_change_that_is_forgotten_is_noted(database: Database) -> None:
    put(database, address(counts=False))
    database.write(lambda c: contacts.remove(c, HERE, ANN, EMAIL, state=WAITING))
    assert noted(database) == ("none", "none", None, None)


def ended(
    database: Database,
    result: MessageState,
    number: int = 1,
    *,
    reason: GaveUp | None = None,
    hashed: bytes = HASH,
) -> str | None:
    """A message to Ann ended like this; what is noted of failures then."""
    database.write(lambda c: messages.add(c, message(number, address_hash=hashed)))
    database.write(lambda c: reach.note_result(c, HERE, id_of(number), result, reason))
    return noted(database)[3]


@pytest.mark.parametrize(
    "result", [MessageState.REFUSED, MessageState.GIVEN_UP, MessageState.BOUNCED]
)
def test_a_failure_is_noted_until_a_message_arrives(
    database: Database, result: MessageState
) -> None:
    put(database, address())
    assert ended(database, result) == result.value
    assert ended(database, MessageState.ACCEPTED, 2) is None


def test_a_failure_at_another_address_or_for_another_reason_is_not_noted(
    database: Database,
) -> None:
    put(database, address())
    put(database, address(PHONE, counts=False, hashed=OTHER_HASH))
    assert ended(database, MessageState.REFUSED, 1, hashed=b"x" * 32) is None
    assert ended(database, MessageState.REFUSED, 2, hashed=OTHER_HASH) is None, "it waits"
    no_route = GaveUp.NO_ROUTE
    assert ended(database, MessageState.GIVEN_UP, 3, reason=no_route) is None
    assert ended(database, MessageState.REFUSED, 4) == "refused"
    assert ended(database, MessageState.GIVEN_UP, 5, reason=no_route) == "refused"
    assert ended(database, MessageState.SENT, 6) is None


def test_a_new_address_begins_without_the_failures_of_the_old_one(database: Database) -> None:
    put(database, address())
    assert ended(database, MessageState.REFUSED) == "refused"
    put(database, address(hashed=OTHER_HASH))
    assert noted(database)[3] is None


def test_a_message_that_changes_nothing_locks_nobody(database: Database) -> None:
    """A sender of thousands must not wait for people who are signing in."""
    put(database, address())
    ended(database, MessageState.ACCEPTED)
    before = noted(database)
    wrong = update(users).where(users.c.id == ANN, users.c.environment_id == HERE)
    database.write(lambda c: c.execute(wrong.values(email_reach="none")).close())
    ended(database, MessageState.ACCEPTED, 2)
    assert noted(database)[0] == "none" != before[0], "nothing was written anew"


def used_at(database: Database) -> list[int | None]:
    """Of all addresses, those of other people among them."""
    return database.read(
        lambda c: list(c.execute(select(addresses.c.used_at).order_by(addresses.c.kind)).scalars())
    )


def test_ac_79_a_message_that_was_taken_is_noted_once_a_day_at_the_address_it_went_to(
    database: Database,
) -> None:
    """AC-79: not at another one, and not at one that waits for its code."""
    put(database, address(EMAIL))
    put(database, address(SMS, hashed=OTHER_HASH))
    put(database, address(EMAIL, counts=False))
    database.write(lambda c: messages.add(c, message(7, address_hash=HASH)))

    def note(at: int) -> None:
        database.write(lambda c: reach.note_use(c, HERE, id_of(7), now=at))

    assert used_at(database) == [None, None, None]
    note(NOW)
    assert sorted(used_at(database), key=str) == [NOW, None, None]
    note(NOW + DAY - 1)
    assert NOW + DAY - 1 not in used_at(database)
    note(NOW + DAY)
    assert sorted(used_at(database), key=str) == [NOW + DAY, None, None]
