"""**Edit**: names and addresses, what is wrong beside its field, and nothing typed is lost."""

from __future__ import annotations

import pytest

from tests.helpers.clocks import MINUTE
from tests.helpers.codes_by_mail import enter
from tests.helpers.desk import desk, do, path_of, section, words_of
from tests.helpers.house import PASSWORD, House, sign_in
from tests.helpers.http import Answer
from twostep.core.permissions import Permission

MANAGE = Permission.MANAGE_USERS


def test_new_names_stand_on_the_page_and_sign_in(house: House) -> None:
    ann, client = house.add(), desk(house, MANAGE)
    done = do(client, ann, "edit", user_name="anne.lee", full_name="Anne Lee")
    assert done.location == f"{path_of(ann)}?said=user-edited"
    page = client.follow(done)
    assert "<h1>Anne Lee</h1>" in page.text
    assert "User name: anne.lee" in words_of(page)
    assert sign_in(house.client(), "anne.lee").location == "/"


@pytest.mark.parametrize(
    ("user_name", "full_name", "says"),
    [
        ("bo", "Ann Lee", "There is a user of that name already."),
        ("", "Ann Lee", "This is needed. Please fill it in."),
        ("a\u200bnn", "Ann Lee", "A user name has no blank at its beginning or end"),
        ("ann", "A" * 300, "This name is too long"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_typed_is_lost(
    user_name: str, full_name: str, says: str, house: House
) -> None:
    ann, client = house.add(), desk(house, MANAGE)
    house.add("bo")
    answer = do(client, ann, "edit", user_name=user_name, full_name=full_name)
    assert answer.status == 422
    assert says in words_of(answer)
    fields = answer.form(path_of(ann, "edit")).fields
    assert (fields["user_name"], fields["full_name"]) == (user_name, full_name)


def test_what_was_typed_is_kept_while_a_proof_is_asked(house: House) -> None:
    ann, client = house.add(), desk(house, MANAGE)
    house.clock.forward(6 * MINUTE)
    path = path_of(ann, "edit")
    answer = client.submit(client.get(path), path, user_name="anne", password="wrong password")
    assert answer.status == 422
    assert answer.form(path).fields["user_name"] == "anne"
    done = client.submit(answer, path, password=PASSWORD)
    assert done.location == f"{path_of(ann)}?said=user-edited"


def both_edit(house: House, first: dict[str, str], second: dict[str, str]) -> tuple[Answer, Answer]:
    """Two administrators open the dialog, and save one after the other: the second one's answer,
    and the same sent once more as it stands.
    """
    ann = house.add()
    path = path_of(ann, "edit")
    kim, lou = desk(house, MANAGE), desk(house, MANAGE, name="lou")
    page = lou.get(path)
    assert do(kim, ann, "edit", **first).status == 303
    answer = lou.submit(page, path, **second)
    again = lou.submit(answer, path) if answer.status == 422 else answer
    return answer, lou.follow(again)


def test_two_who_edit_the_same_name_at_once_hear_of_each_other(house: House) -> None:
    answer, after = both_edit(house, {"full_name": "Ann Lee"}, {"full_name": "Ann Leigh"})
    assert answer.status == 422
    assert "Somebody else has changed this to “Ann Lee” meanwhile" in words_of(answer)
    assert 'value="Ann Leigh"' in answer.text
    assert "<h1>Ann Leigh</h1>" in after.text


def test_a_name_that_was_emptied_meanwhile_is_said_to_be(house: House) -> None:
    ann, client = house.add(), desk(house, MANAGE)
    do(client, ann, "edit", full_name="Ann Lee")
    page = client.get(path_of(ann, "edit"))
    do(client, ann, "edit", full_name="")
    answer = client.submit(page, path_of(ann, "edit"), full_name="Ann Leigh")
    assert "Somebody else has emptied this meanwhile" in words_of(answer)


def test_two_who_edit_different_names_undo_nothing(house: House) -> None:
    answer, after = both_edit(house, {"full_name": "Ann Lee"}, {"user_name": "ann.lee"})
    assert answer.status == 303
    assert "<h1>Ann Lee</h1>" in after.text
    assert "User name: ann.lee" in words_of(after)


def test_a_mistake_between_does_not_hide_what_somebody_else_wrote(house: House) -> None:
    ann, client = house.add(), desk(house, MANAGE)
    path = path_of(ann, "edit")
    page = client.get(path)
    do(client, ann, "edit", full_name="Ann Lee")
    wrong = client.submit(page, path, full_name="Ann Leigh", user_name="")
    answer = client.submit(wrong, path, user_name="ann")
    assert "Somebody else has changed this to “Ann Lee” meanwhile" in words_of(answer)


def test_a_new_address_counts_and_is_shown_masked(house: House) -> None:
    ann, client = house.add(), desk(house, MANAGE)
    done = do(client, ann, "addresses/email", address="ann.lee@northside.example")
    assert done.location == f"{path_of(ann)}?said=address-entered"
    page = client.follow(done)
    assert "a•••@northside.example · not confirmed" in section(page, "methods")
    assert "ann.lee@" not in page.text


def test_an_address_that_is_none_is_said_beside_the_field_and_kept(house: House) -> None:
    ann, client = house.add(), desk(house, MANAGE)
    path = path_of(ann, "addresses/email")
    answer = do(client, ann, "addresses/email", address="two@a.example, more@a.example")
    assert answer.status == 422
    assert "This is not one email address." in words_of(answer)
    assert answer.form(path).fields["address"] == "two@a.example, more@a.example"
    assert "Type the address" in words_of(do(client, ann, "addresses/email", address=" "))


def test_the_number_of_a_telephone_is_read_as_one(house: House) -> None:
    ann, client = house.add(), desk(house, MANAGE)
    assert do(client, ann, "addresses/phone", address="+1 212 555 2368").status == 303
    assert "•••• 68" in section(client.get(path_of(ann)), "methods")


def test_an_address_is_removed_after_a_question(house: House) -> None:
    ann, client = house.add(), desk(house, MANAGE)
    enter(house, ann)
    dialog = client.get(path_of(ann, "addresses/email/remove"))
    assert "Remove a•••@northside.example of ann?" in words_of(dialog)
    done = do(client, ann, "addresses/email/remove")
    assert done.location == f"{path_of(ann)}?said=user-address-removed"
    assert "Email: none" in section(client.follow(done), "methods")
    gone = client.get(path_of(ann, "addresses/email/remove"))
    assert gone.location == f"{path_of(ann)}?said=no-address"


def test_who_has_no_permission_to_change_sees_no_way_to(house: House) -> None:
    ann = house.add()
    page = desk(house, Permission.HELP_DESK_CODES).get(path_of(ann))
    assert path_of(ann, "addresses") not in page.text
    assert path_of(ann, "edit") not in page.text
