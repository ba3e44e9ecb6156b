"""What a recovery code is, and what is still read as one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.situations import (
    KEY,
    NOW,
    OTHER_KEY,
    code_shown,
    live,
    password_shown,
    policy,
    recovery_code_shown,
    situation,
)
from twostep.core.policies import Method
from twostep.core.recovery_codes import (
    ALPHABET,
    CHARACTERS,
    CODES,
    LONGEST_TYPED,
    RANDOM_BYTES,
    NotARecoveryCode,
    RecoveryCode,
    are_of_use,
    few,
    may_be_made,
    new_code,
    newest_second_step_is_one,
    read_code,
)
from twostep.core.sign_in import MINUTE
from twostep.core.situations import Asked, Credentials, Proof, Situation

slots = st.integers(1, CODES)
randoms = st.binary(min_size=RANDOM_BYTES, max_size=RANDOM_BYTES)
codes = st.builds(new_code, slots, randoms)

LOOK_ALIKES = {"0": "0Oo", "1": "1IiLl"}
BETWEEN = ["", "", "", " ", "-", "–", "\u00a0", "\u200b", "\t", "\uff0d"]


@st.composite
def mistyped(draw: st.DrawFn, code: RecoveryCode) -> str:
    """The code as somebody may type it who reads it off paper."""
    typed = ""
    for character in code.shown.replace(" ", "").replace("-", ""):
        alike = LOOK_ALIKES.get(character, character + character.lower())
        typed += draw(st.sampled_from(alike)) + draw(st.sampled_from(BETWEEN))
    return typed


def test_a_code_is_shown_in_groups_behind_its_slot() -> None:
    assert new_code(7, bytes(10)).shown == "07 0000-0000-0000-0000"
    assert new_code(10, b"\xff" * 10).shown == "10 ZZZZ-ZZZZ-ZZZZ-ZZZZ"
    assert new_code(1, bytes(9) + b"\x21").shown == "01 0000-0000-0000-0011"


@given(st.data(), codes)
def test_whatever_a_person_makes_of_a_code_is_read_as_what_was_printed(
    data: st.DataObject, code: RecoveryCode
) -> None:
    assert read_code(code.shown) == code
    assert read_code(data.draw(mistyped(code))) == code


@given(randoms, randoms)
def test_no_two_codes_that_were_made_differently_are_read_alike(one: bytes, other: bytes) -> None:
    """All 80 bits count: a code can be turned back into its ten bytes."""
    first, second = new_code(3, one), new_code(3, other)
    assert (read_code(first.shown) == read_code(second.shown)) == (one == other)
    number = 0
    for character in first.characters:
        number = number * 32 + ALPHABET.index(character)
    assert number.to_bytes(RANDOM_BYTES, "big") == one


def test_a_code_has_80_bits_in_characters_that_cannot_be_confused() -> None:
    assert len(ALPHABET) == len(set(ALPHABET)) == 32
    assert not set(ALPHABET) & set("ILOU")
    assert len(ALPHABET) ** CHARACTERS == 2 ** (8 * RANDOM_BYTES) == 2**80


@given(st.text())
def test_any_other_text_is_refused_and_nothing_else_happens(text: str) -> None:
    try:
        read = read_code(text)
    except NotARecoveryCode:
        return
    assert read_code(read.shown) == read


@pytest.mark.parametrize(
    "text",
    [
        "",
        "4XKQ-9TDM-2H8R-P6WZ",
        "07 4XKQ-9TDM-2H8R-P6W",
        "07 4XKQ-9TDM-2H8R-P6WZ0",
        "00 4XKQ-9TDM-2H8R-P6WZ",
        "11 4XKQ-9TDM-2H8R-P6WZ",
        "7X 4XKQ-9TDM-2H8R-P6WZ",
        "٠٧ 4XKQ-9TDM-2H8R-P6WZ",
        "07 4XKQ-9TDM-2H8R-P6WU",
        "07 4XKQ-9TDM-2H8R-P6WÉ",
        "07 4XKQ.9TDM.2H8R.P6WZ",
        "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$dGFn",
        "07 4XKQ-9TDM-2H8R-P6WZ" + " " * LONGEST_TYPED,
        "ﷺ" * LONGEST_TYPED,
    ],
)
def test_what_cannot_be_a_code_is_refused(text: str) -> None:
    """R-18: a stored hash is not even read as a code."""
    with pytest.raises(NotARecoveryCode) as refused:
        read_code(text)
    assert text == "" or text not in str(refused.value)


@pytest.mark.parametrize(("slot", "random"), [(0, bytes(10)), (11, bytes(10)), (1, bytes(9))])
def test_no_code_is_made_of_anything_but_ten_bytes_in_one_of_ten_slots(
    slot: int, random: bytes
) -> None:
    with pytest.raises(ValueError, match="ten random bytes"):
        new_code(slot, random)


def test_a_code_does_not_print_by_accident() -> None:
    assert "ZZZZ" not in repr(new_code(10, b"\xff" * 10))


def test_fewer_than_three_are_few() -> None:
    """ASVS 6.4.5."""
    assert [left for left in range(CODES + 1) if few(left)] == [0, 1, 2]


# --- when codes are of use, and may be made

ALL = Credentials(has_password=True, authenticators=frozenset({KEY}), recovery_codes=9)


def of_ann(*proofs: Proof, **changes: object) -> Situation:
    """Ann's live session, five minutes after her sign-in at the most."""
    asked = Asked(greatest_age=5 * MINUTE, act="recovery-codes")
    return live(situation(*proofs, **{"credentials": ALL, "asked": asked} | changes))


def test_the_app_is_missing_where_a_recovery_code_was_the_last_proof() -> None:
    early, late = NOW - MINUTE, NOW
    assert not newest_second_step_is_one(of_ann(password_shown()))
    assert not newest_second_step_is_one(of_ann(password_shown(), code_shown()))
    assert newest_second_step_is_one(of_ann(password_shown(), recovery_code_shown()))
    both = [code_shown(at=early), recovery_code_shown(at=late)]
    assert newest_second_step_is_one(of_ann(password_shown(), *both))
    back = [recovery_code_shown(at=early), code_shown(at=late)]
    assert not newest_second_step_is_one(of_ann(password_shown(), *back))
    lost = [recovery_code_shown(at=early), code_shown(at=late, key=OTHER_KEY)]
    assert newest_second_step_is_one(of_ann(password_shown(), *lost))


@pytest.mark.parametrize(
    ("changes", "use"),
    [
        ({}, True),
        ({"policy": policy("required")}, True),
        ({"policy": policy("off")}, False),
        ({"credentials": Credentials(has_password=True, recovery_codes=9)}, False),
        ({"policy": replace(policy(), methods=frozenset({Method.AUTHENTICATOR}))}, False),
        ({"policy": replace(policy(), methods=frozenset({Method.RECOVERY_CODE}))}, False),
    ],
)
def test_codes_are_of_use_where_they_can_stand_in_for_an_app_that_is_asked_for(
    changes: dict[str, object], use: bool
) -> None:
    there = of_ann(password_shown(), code_shown(), **changes)
    assert are_of_use(there) == use
    assert may_be_made(there, NOW) == use


def test_codes_are_made_with_a_fresh_code_of_the_app_and_with_nothing_else() -> None:
    stale = NOW - 5 * MINUTE - 1
    assert may_be_made(of_ann(password_shown(), code_shown(at=NOW - 5 * MINUTE)), NOW)
    assert not may_be_made(of_ann(password_shown(), code_shown(at=stale)), NOW)
    assert not may_be_made(of_ann(password_shown()), NOW)
    assert not may_be_made(of_ann(password_shown(), recovery_code_shown()), NOW)
    old_and_new = [code_shown(at=stale), recovery_code_shown()]
    assert not may_be_made(of_ann(password_shown(), *old_and_new), NOW)
    both = [code_shown(), recovery_code_shown()]
    assert may_be_made(of_ann(password_shown(), *both), NOW)
    asked = Asked(greatest_age=5 * MINUTE, takes_recovery_code=True)
    assert not may_be_made(of_ann(password_shown(), code_shown(), asked=asked), NOW)
