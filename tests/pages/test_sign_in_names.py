"""A user name that was typed is shown once more, without what no document may hold."""

from __future__ import annotations

from tests.helpers.house import House, sign_in


def test_control_characters_of_a_user_name_do_not_come_back(house: House) -> None:
    house.add()
    answer = sign_in(house.client(), "a\0n\x1bn\x7f o'<b>", "not it at all, is it")
    assert answer.status == 403
    assert answer.form("/sign-in").fields["user_name"] == "ann o'<b>"
    assert not any(byte < 32 and byte != 10 for byte in answer.body)


def test_they_make_no_other_name_of_it(house: House) -> None:
    """Whoever pastes a name with one of them means that name (AC-15: one counter)."""
    house.add()
    assert sign_in(house.client(), "an\0n").location == "/"
