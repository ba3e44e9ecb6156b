"""An environment that is taken to another installation: B-8, AC-70, AC-80."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from tests.helpers.codes_by_mail import confirmed
from tests.helpers.desk import give
from tests.helpers.house import House, Phone, enrolled, sign_in
from tests.helpers.one_house import house_on_sqlite
from tests.helpers.recovery import holder as holder_of_codes
from tests.helpers.sealed_rows import everything_in
from twostep.core.audit_chain import Intact
from twostep.core.environments import Origin
from twostep.core.permissions import Permission
from twostep.core.properties import find as property_of
from twostep.crypto import sealed_files
from twostep.crypto.secret import Secret
from twostep.flows import permissions
from twostep.flows.audit_chain import verify_environment
from twostep.flows.environment_exports import export_lines
from twostep.flows.environment_imports import (
    EnvironmentThere,
    FileChanged,
    Imported,
    import_environment,
)
from twostep.flows.environments import AddressTaken, EnvironmentNameTaken
from twostep.flows.export_reading import WrongExport
from twostep.flows.properties import set_default
from twostep.flows.sealing import seal
from twostep.flows.users import find
from twostep.storage.tables import contacts, devices

MAIL = "ann.lee@harbour.example"


@pytest.fixture
def there(tmp_path: Path) -> Iterator[House]:
    (tmp_path / "there").mkdir()
    with house_on_sqlite(tmp_path / "there") as made:
        yield made


@pytest.fixture
def here(tmp_path: Path, there: House) -> Iterator[House]:
    (tmp_path / "here").mkdir()
    with house_on_sqlite(tmp_path / "here") as made:
        made.clock.now = there.clock()
        yield made


def exported(house: House) -> list[bytes]:
    house.clock.forward(1_000)
    return list(export_lines(house.installation, house.harbour))


def moved(here: House, lines: Iterable[bytes], *, trusted: bool = True, **more: Any) -> Any:
    kept = list(lines)
    place = (Origin("http", "moved.localhost", here.port),)
    given = {"origins": place, "name": "Moved"} | more
    return import_environment(here.installation, lambda: kept, trusted=trusted, **given)


def with_end(lines: Iterable[bytes]) -> list[bytes]:
    """The lines with an end that fits them, as somebody would write who changed them."""
    kept = [line for line in lines if json.loads(line)["type"] != "end"]
    end = {"type": "end", "lines": len(kept), "sha256": hashlib.sha256(b"".join(kept)).hexdigest()}
    return [*kept, json.dumps(end).encode() + b"\n"]


def changed(lines: Iterable[bytes], kind: str, change: Any, *, which: int = 0) -> list[bytes]:
    """The lines with one of that type changed, and an end that fits."""
    found, seen = [], 0
    for line in lines:
        members = json.loads(line)
        if members["type"] == kind:
            if seen == which:
                change(members)
            seen += 1
        found.append(json.dumps(members, ensure_ascii=False).encode() + b"\n")
    assert seen > which
    return with_end(found)


def full(there: House) -> Phone:
    """Ann with an app, an address, a permission and a device; bob with a password."""
    phone = enrolled(there)
    ann = find(there.installation, there.harbour, "ann")
    assert ann is not None
    confirmed(there, ann, MAIL)
    give(there, ann, [Permission.AUDIT])
    there.add("bob")
    sign_in(there.client(), "bob")
    there.set(there.harbour, "session_hours", "8")
    return phone


def test_b_8_a_user_signs_in_here_with_the_password_and_the_app_of_there(
    there: House, here: House
) -> None:
    phone = full(there)
    outcome = moved(here, exported(there))
    assert isinstance(outcome, Imported)
    assert outcome.users == 2
    client = here.client(outcome.environment)
    assert sign_in(client, "ANN").location == "/sign-in/code"
    here.clock.forward(60_000)
    phone.clock = here.clock
    page = client.get("/sign-in/code")
    wrong = client.submit(page, "/sign-in/code", code=phone.wrong_code())
    assert wrong.status == 403
    assert client.submit(wrong, "/sign-in/code", code=phone.code()).location == "/"
    assert MAIL.split("@")[1] in client.get("/security").text
    assert sign_in(here.client(outcome.environment), "bob").location == "/"


def test_permissions_devices_and_properties_come_along(there: House, here: House) -> None:
    full(there)
    outcome = moved(here, exported(there))
    ann = find(here.installation, outcome.environment, "ann")
    assert ann is not None
    held = permissions.held_by(here.installation, outcome.environment, ann)
    assert held == {Permission.AUDIT}
    assert outcome.differences == ()

    def look(connection: Any) -> Any:
        return connection.execute(
            select(devices.c.verified_at, devices.c.passes_until, contacts.c.confirmed_at)
            .join(contacts, contacts.c.user_id == devices.c.user_id)
            .where(devices.c.user_id == ann.id)
        ).all()

    (row,) = here.installation.database.read(look)
    assert (row.verified_at, row.passes_until) == (None, None)
    assert row.confirmed_at is not None


def test_ac_66_the_audit_log_goes_on_where_it_ended_and_is_in_order(
    there: House, here: House
) -> None:
    full(there)
    lines = exported(there)
    outcome = moved(here, lines)
    sign_in(here.client(outcome.environment), "bob")
    seal(here.installation, now=here.clock())
    found = verify_environment(
        here.installation.database,
        here.installation.keys,
        outcome.environment.id,
        now=here.clock(),
    )
    assert found.in_order
    assert isinstance(found.chain, Intact)
    assert found.chain.head.number > outcome.events > 5
    kinds = [json.loads(line).get("kind") for line in lines]
    assert kinds[-2] == "operator:everything:exported"


def test_ac_70_an_export_holds_nothing_of_another_environment(there: House) -> None:
    full(there)
    far = enrolled(there, "zelda", there.northside)
    text = b"".join(exported(there))
    assert b"zelda" not in text
    assert there.northside.id.hex().encode() not in text
    assert far.key.hex().encode() not in text


def test_what_no_longer_opens_anything_does_not_come_along(there: House, here: House) -> None:
    """Recovery codes, sessions: each would be worth something to whoever has the file."""
    holder_of_codes(there)
    there.add("bob")
    sign_in(there.client(), "bob")
    outcome = moved(here, exported(there))
    assert outcome.without_codes == 1
    tables = everything_in(here.installation.database)
    for table in ("sessions", "sign_ins", "recovery_codes", "links", "messages"):
        assert tables[table] == []


def test_ac_80_addresses_of_a_file_that_anybody_could_write_are_unconfirmed(
    there: House, here: House
) -> None:
    full(there)
    outcome = moved(here, exported(there), trusted=False)
    assert isinstance(outcome, Imported)
    rows = here.installation.database.read(
        lambda c: c.execute(select(contacts.c.entered_by, contacts.c.confirmed_at)).all()
    )
    assert [tuple(row) for row in rows] == [("administrator", None)]


HOSTILE = "$argon2id$v=19$m=4194304,t=3,p=1$" + "A" * 22 + "$" + "A" * 43


@pytest.mark.parametrize(
    ("kind", "change", "why"),
    [
        ("user", lambda m: m["password"].update(hash=HOSTILE), "more memory"),
        ("user", lambda m: m["password"].update(hash="$2b$12$abc"), "no known form"),
        ("user", lambda m: m.update(surprise=1), "members are others"),
        ("user", lambda m: m.pop("devices"), "members are others"),
        ("user", lambda m: m.update(name="a\u200bb"), "not the name"),
        ("user", lambda m: m.update(name="x" * 151), "no text of this length"),
        ("user", lambda m: m.update(made_at=-1), "no whole number"),
        ("user", lambda m: m.update(made_at=True), "no whole number"),
        ("user", lambda m: m.update(id="zz"), "hexadecimal"),
        ("user", lambda m: m["grants"].append({"permission": "root"}), "members"),
        ("property", lambda m: m.update(value="-1"), "no such property"),
        ("property", lambda m: m.update(name="nothing"), "no such property"),
        ("event", lambda m: m.update(at=m["at"] + 1), "not what was sealed"),
        ("event", lambda m: m.update(number=7), "not what was sealed"),
        ("event", lambda m: m["data"].update(password="x"), "no event holds"),
        ("person", lambda m: m.update(content={"html": "x"}), "content"),
        ("twostep export", lambda m: m.update(version=2), "another version"),
        ("audit_key", lambda m: m.update(key="00" * 32), "not what was sealed"),
    ],
)
def test_ac_80_a_line_that_is_wrong_is_named_and_nothing_is_imported(
    kind: str, change: Any, why: str, there: House, here: House
) -> None:
    ann = there.add()
    give(there, ann, [Permission.AUDIT])
    there.set(there.harbour, "session_hours", "8")
    lines = changed(exported(there), kind, change)
    before = everything_in(here.installation.database)
    with pytest.raises(WrongExport) as wrong:
        moved(here, lines)
    assert why in " ".join(line.why for line in wrong.value.lines)
    assert everything_in(here.installation.database) == before


def test_ac_80_names_that_a_person_takes_for_one_are_refused(there: House, here: House) -> None:
    there.add("ann")
    there.add("bob")
    lines = exported(there)
    numbers = [n for n, line in enumerate(lines, 1) if json.loads(line)["type"] == "user"]
    for twin in ("ANN", "Ａnn", "bob", "Bob"):
        both = changed(lines, "user", lambda m, to=twin: m.update(name=to), which=0)
        both = changed(both, "user", lambda m, to=twin: m.update(name=to.lower()), which=1)
        with pytest.raises(WrongExport) as wrong:
            moved(here, both)
        assert [line.number for line in wrong.value.lines] == [numbers[1]]


def test_every_wrong_line_is_named(there: House, here: House) -> None:
    for name in ("ann", "bob", "cleo"):
        there.add(name)
    lines = exported(there)
    for which in (0, 2):
        lines = changed(lines, "user", lambda m: m.update(made_at=None), which=which)
    with pytest.raises(WrongExport) as wrong:
        moved(here, lines)
    assert len(wrong.value.lines) == 2


def test_a_file_that_was_cut_off_or_changed_is_refused(there: House, here: House) -> None:
    there.add()
    lines = exported(there)
    for broken in (lines[:-1], lines[:-2] + lines[-1:], lines[1:], [], [b"x" * 2_000_000]):
        with pytest.raises(WrongExport):
            moved(here, broken)
    assert find(here.installation, here.harbour, "ann") is None


def test_a_file_that_changes_while_it_is_read_leaves_nothing(there: House, here: House) -> None:
    there.add("ann")
    first = exported(there)
    there.add("bob")
    second = exported(there)
    files = iter([first, second])
    before = everything_in(here.installation.database)
    with pytest.raises(FileChanged):
        import_environment(
            here.installation,
            lambda: next(files),
            trusted=True,
            origins=(Origin("http", "moved.localhost", here.port),),
            name="Moved",
        )
    assert everything_in(here.installation.database) == before


def test_what_breaks_in_the_middle_leaves_nothing(there: House, here: House) -> None:
    full(there)
    lines = exported(there)
    before = everything_in(here.installation.database)
    passes = 0

    def breaking() -> Iterator[bytes]:
        nonlocal passes
        passes += 1
        for number, line in enumerate(lines):
            if passes == 2 and number == len(lines) - 2:
                raise OSError("the disk is gone")
            yield line

    with pytest.raises(OSError, match="gone"):
        import_environment(
            here.installation,
            breaking,
            trusted=True,
            origins=(Origin("http", "moved.localhost", here.port),),
            name="Moved",
        )
    assert everything_in(here.installation.database) == before


def test_it_comes_once_and_takes_nobodys_place(there: House, here: House) -> None:
    there.add()
    lines = exported(there)
    assert moved(here, lines, name="Harbour clinic") == EnvironmentNameTaken()
    taken = moved(here, lines, origins=(here.harbour.primary,))
    assert taken == AddressTaken(str(here.harbour.primary))
    assert isinstance(moved(here, lines), Imported)
    assert moved(here, lines, name="Again") == EnvironmentThere()


def test_what_holds_otherwise_here_is_said(there: House, here: House) -> None:
    set_default(there.installation, property_of("session_idle_minutes"), "5")
    there.add()
    outcome = moved(here, exported(there))
    assert [(d.name, d.there, d.here) for d in outcome.differences] == [
        ("session_idle_minutes", "5", "60")
    ]


def test_a_sealed_file_gives_back_the_same_lines(there: House, tmp_path: Path) -> None:
    there.add()
    lines = exported(there)
    file = tmp_path / "export"
    passphrase = Secret("a passphrase of some length")
    file.write_bytes(b"".join(sealed_files.sealed(lines, passphrase)))
    assert b"ann" not in file.read_bytes()
    with file.open("rb") as opened:
        assert b"".join(sealed_files.opened(opened, passphrase)) == b"".join(lines)
