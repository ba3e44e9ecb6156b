"""How environments present themselves, in SQL."""

from __future__ import annotations

from tests.helpers.filled import ENVIRONMENT, fill
from twostep.core.looks import NO_LOOK, Look
from twostep.storage import looks
from twostep.storage.database import Database

NOW = 1_767_225_600_000
OTHER = b"another environm"


def put(database: Database, look: Look, logo: bytes | None = None) -> Look:
    database.write(lambda c: looks.put(c, ENVIRONMENT, look, now=NOW, logo=logo))
    return database.read(lambda c: looks.of_environment(c, ENVIRONMENT))


def logo(database: Database, name: str, environment_id: bytes = ENVIRONMENT) -> bytes | None:
    return database.read(lambda c: looks.logo(c, environment_id, name))


def test_a_look_is_kept_and_its_logo_until_there_is_another(database: Database) -> None:
    fill(database, now=NOW)
    whole = Look(sender="a@a.example", sender_name="A", bounces="b@a.example", accent="#0b6e6e")
    assert put(database, whole) == whole
    with_logo = Look(accent="#0b6e6e", logo_name="one")
    assert put(database, with_logo, b"picture") == with_logo
    assert put(database, Look(logo_name="one")) == Look(logo_name="one")
    assert logo(database, "one") == b"picture"
    assert logo(database, "two") is None
    assert logo(database, "one", OTHER) is None
    assert put(database, Look(logo_name="two"), b"another").logo_name == "two"
    assert (logo(database, "one"), logo(database, "two")) == (None, b"another")
    assert put(database, NO_LOOK) == NO_LOOK
    assert logo(database, "two") is None
    assert database.read(lambda c: looks.of_environment(c, OTHER)) == NO_LOOK
