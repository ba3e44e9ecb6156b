"""AC-83: **Export data** and **Erase**, through the pages."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select, text

from tests.helpers.clocks import MINUTE
from tests.helpers.codes_by_mail import enter
from tests.helpers.desk import desk, do, give, path_of, words_of
from tests.helpers.house import House, enrolled, set_up, sign_in
from tests.helpers.one_house import house_on_sqlite
from tests.helpers.sealed_rows import everything_in
from twostep.core.permissions import ALL, Permission
from twostep.flows.audit_chain import verify_environment
from twostep.flows.sealing import seal
from twostep.flows.users import find
from twostep.storage.erasures import tables_of_users
from twostep.storage.person_data import COLUMNS, ELSEWHERE
from twostep.storage.tables import events, users

MANAGE = Permission.MANAGE_USERS
NAME = "zelda.quill"
MAIL = "zelda.quill@harbour.example"


def zelda(house: House) -> bytes:
    """A user with whatever a user can have, whose name is hers alone."""
    enrolled(house, NAME)
    user = find(house.installation, house.harbour, NAME)
    assert user is not None
    enter(house, user, MAIL)
    return user.id


def grep(house: House, *words: str) -> set[str]:
    """The tables in which one of the words stands, in whatever column."""
    return {
        f"{table}: {word}"
        for table, rows in everything_in(house.installation.database).items()
        for row in rows
        for word in words
        if word in repr(row)
    }


def in_order(house: House) -> bool:
    seal(house.installation, now=house.clock())
    return verify_environment(
        house.installation.database,
        house.installation.keys,
        house.harbour.id,
        now=house.clock(),
    ).in_order


def test_ac_83_nothing_personal_is_left_after_an_erasure_and_the_log_is_in_order(
    house: House,
) -> None:
    id_, client = zelda(house), desk(house, MANAGE)
    do(client, id_, "edit", full_name="Zelda Ottoline Quill")
    assert grep(house, "zelda", "Ottoline") != set()
    before = house.installation.database.read(
        lambda c: len(c.execute(select(events).where(events.c.target_id == id_)).all())
    )
    done = do(client, id_, "erase", user_name_again=NAME)
    assert done.location == "/admin/users?said=user-erased"
    assert "The user is erased." in words_of(client.follow(done))
    assert grep(house, "zelda", "Zelda", "Ottoline", "ottoline") == set()
    after = house.installation.database.read(
        lambda c: len(c.execute(select(events).where(events.c.target_id == id_)).all())
    )
    assert after > before
    assert in_order(house)


def test_who_was_erased_is_gone_everywhere_at_once(house: House) -> None:
    id_, client, hers = zelda(house), desk(house, MANAGE, Permission.AUDIT), house.client()
    pending = house.client()
    assert sign_in(pending, NAME).location == "/sign-in/code"
    do(client, id_, "erase", user_name_again=NAME)
    assert client.get(path_of(id_)).status == 404
    assert client.get(path_of(id_, "erase")).status == 404
    assert sign_in(hers, NAME).status == 403
    assert pending.get("/sign-in/code").status == 303
    assert "An erased person" in words_of(client.get("/admin/audit"))
    # The name is free again, and the next one of this name is somebody else.
    again = house.add(NAME)
    assert again.id != id_
    assert sign_in(house.client(), NAME).location == "/"


def test_a_live_session_ends_with_its_person(house: House) -> None:
    ann, client, hers = house.add(), desk(house, MANAGE), house.client()
    sign_in(hers)
    set_up(house, hers)
    do(client, ann, "erase", user_name_again="ann")
    assert (hers.get("/security").location or "").startswith("/sign-in")


def test_the_right_name_is_to_be_typed(house: House) -> None:
    ann, client = house.add(), desk(house, MANAGE)
    before = everything_in(house.installation.database)["users"]
    wrong = do(client, ann, "erase", user_name_again="anne")
    assert wrong.status == 422
    assert "That is not the user name of this person." in words_of(wrong)
    assert everything_in(house.installation.database)["users"] == before
    assert do(client, ann, "erase", user_name_again=" ANN ").status == 303


@pytest.mark.parametrize("act", ["erase", "export-data"])
def test_ac_36_who_may_not_is_refused_by_hand_too(act: str, house: House) -> None:
    ann, boss = house.add(), house.add("boss")
    give(house, boss, ALL)
    far = house.add("ann", house.northside)
    typed = {"user_name_again": "ann"}
    for held, target, status in (
        ((Permission.AUDIT,), ann.id, 403),
        ((MANAGE,), boss.id, 403),
        ((MANAGE,), far.id, 404),
        ((MANAGE,), bytes(16), 404),
    ):
        client = desk(house, *held, name=f"kim{held[0]}{target.hex()[:6]}")
        before = everything_in(house.installation.database)["users"]
        assert client.get(path_of(target, act)).status == status
        csrf = client.get("/security").form().fields["csrf"]
        assert client.post(path_of(target, act), {"csrf": csrf} | typed).status == status
        assert len(everything_in(house.installation.database)["users"]) == len(before)


@pytest.mark.parametrize("act", ["erase", "export-data"])
def test_a_proof_is_asked_after_five_minutes(act: str, house: House) -> None:
    ann, client = house.add(), desk(house, MANAGE)
    house.clock.forward(6 * MINUTE)
    page = client.get(path_of(ann, act))
    assert 'name="password"' in page.text
    wrong = client.submit(
        page, path_of(ann, act), user_name_again="ann", password="not the right one at all"
    )
    assert wrong.status == 422
    assert client.get(path_of(ann)).status == 200


def test_ac_83_a_copy_holds_everything_about_one_person_and_nothing_about_others(
    house: House,
) -> None:
    id_, client = zelda(house), desk(house, MANAGE, name="kim.desk")
    house.add("bob.bystander")
    sign_in(house.client(), "bob.bystander")
    do(client, id_, "unlock")
    answer = do(client, id_, "export-data")
    assert answer.status == 200
    disposition = answer.header("content-disposition") or ""
    assert disposition.startswith('attachment; filename="person-')
    document = json.loads(answer.text)
    assert document["user"]["name"] == NAME
    assert [each["address"] for each in document["addresses"]] == [MAIL]
    assert document["devices"]
    kinds = {event["what"] for event in document["events"]}
    assert {"account:authenticator:set_up", "sign_in:sign_in:completed"} <= kinds
    by = {event["what"]: event["by"] for event in document["events"]}
    assert by["admin:user:unlocked"] == "somebody else"
    assert "kim" not in answer.text
    assert "bob" not in answer.text
    kim = find(house.installation, house.harbour, "kim.desk")
    assert kim is not None
    assert kim.id.hex() not in answer.text
    assert "argon2" not in answer.text


def test_what_somebody_did_to_others_is_told_without_saying_to_whom(house: House) -> None:
    ann, boss = house.add(), desk(house, *ALL, name="boss")
    kim_client = desk(house, MANAGE, name="kim")
    do(kim_client, ann, "unlock")
    kim = find(house.installation, house.harbour, "kim")
    assert kim is not None
    document = json.loads(do(boss, kim.id, "export-data").text)
    (unlocked,) = (each for each in document["events"] if each["what"] == "admin:user:unlocked")
    assert (unlocked["by"], unlocked["to"]) == ("the person", "somebody else")
    assert "data" not in unlocked
    assert ann.id.hex() not in json.dumps(document)


def test_the_log_knows_who_took_a_copy_and_who_erased(house: House) -> None:
    ann, client = house.add(), desk(house, MANAGE, Permission.AUDIT)
    do(client, ann, "export-data")
    do(client, ann, "erase", user_name_again="ann")
    page = words_of(client.get("/admin/audit"))
    assert "kim erased an erased person" in page or "kim erased An erased person" in page


def test_looking_changes_nothing(house: House) -> None:
    ann, client = house.add(), desk(house, MANAGE)
    before = everything_in(house.installation.database)
    for act in ("erase", "export-data"):
        assert client.get(path_of(ann, act)).status == 200
    assert everything_in(house.installation.database) == before
    assert house.installation.database.read(
        lambda c: c.execute(select(users.c.id).where(users.c.id == ann.id)).first()
    )


def test_every_table_with_rows_of_users_is_in_the_copy_or_said_not_to_be() -> None:
    given = {table.name for table in COLUMNS} | ELSEWHERE
    assert {table.name for table in tables_of_users()} == given


def test_ac_83_nothing_is_left_in_the_bytes_of_the_file_either(tmp_path: Path) -> None:
    """Every connection overwrites what it deletes; what moving pages about has left behind is gone
    after VACUUM, as the operating guide says.
    """
    file = tmp_path / "twostep.db"
    with house_on_sqlite(tmp_path) as house:
        id_, client = zelda(house), desk(house, MANAGE)
        do(client, id_, "edit", full_name="Zelda Ottoline Quill")
        assert house.installation.database.write(
            lambda c: c.execute(text("PRAGMA secure_delete")).scalar()
        )
        do(client, id_, "erase", user_name_again=NAME)
    with closing(sqlite3.connect(file)) as database:
        database.execute("VACUUM")
    left = file.read_bytes().lower()
    assert b"kim" in left
    assert b"zelda" not in left
    assert b"ottoline" not in left
