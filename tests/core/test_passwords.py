"""Which new passwords are refused, and that everything else is accepted."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twostep.core.password_patterns import follows_a_pattern, repeated_half
from twostep.core.passwords import (
    LONGEST,
    Context,
    Problem,
    ProblemKind,
    Rules,
    context_words,
    normalise_password,
    problems,
)

CONTEXT = Context(
    environment_name="Northside Housing",
    hosts=("login.northside.example", "sign-in.nsh.example.org"),
    user_name="ann.oakley@example.org",
)
COMMON = frozenset({"manchesterunited", "sunshine", "dragonfly"})


def found(password: str, *, shortest: int = 15, context: Context = CONTEXT) -> tuple[Problem, ...]:
    return problems(
        password, rules=Rules(shortest=shortest), context=context, is_common=COMMON.__contains__
    )


def kinds(password: str, *, shortest: int = 15) -> list[ProblemKind]:
    return [problem.kind for problem in found(password, shortest=shortest)]


# --- length


def test_fifteen_characters_are_enough_and_fourteen_are_not() -> None:
    assert found("plum tree harbo") == ()
    assert found("plum tree harb") == (Problem(ProblemKind.TOO_SHORT, (("least", 15),)),)


@pytest.mark.parametrize("shortest", [8, 15, 64])
def test_the_environment_sets_the_shortest(shortest: int) -> None:
    text = "plum tree harbour violet candle pony seven grapes walnut umbrella"
    assert kinds(text[: shortest - 1], shortest=shortest) == [ProblemKind.TOO_SHORT]
    assert kinds(text[:shortest], shortest=shortest) == []


@pytest.mark.parametrize("shortest", [7, 65, 0, -1])
def test_a_minimum_outside_8_to_64_is_refused(shortest: int) -> None:
    with pytest.raises(ValueError, match="between 8 and 64"):
        Rules(shortest=shortest)


def test_sixty_four_128_and_256_characters_are_accepted_and_257_refused() -> None:
    text = "".join(chr(0x4E00 + 37 * number) for number in range(257))
    for length in (64, 128, 256):
        assert found(text[:length]) == ()
    assert found(text) == (Problem(ProblemKind.TOO_LONG, (("most", LONGEST),)),)


def test_the_longest_password_has_at_most_1024_bytes() -> None:
    text = "".join(chr(0x20000 + 37 * number) for number in range(LONGEST))
    assert found(text) == ()
    assert len(normalise_password(text).encode()) == 1024


def test_length_is_counted_after_normalisation() -> None:
    """Hangul syllables fall into two or three code points each where they are decomposed."""
    syllables = "".join(chr(0xAC00 + 37 * number) for number in range(LONGEST))
    fourteen = unicodedata.normalize("NFD", syllables[:14])
    assert len(fourteen) > 15
    assert kinds(fourteen) == [ProblemKind.TOO_SHORT]
    longest = unicodedata.normalize("NFD", syllables)
    assert len(longest) > 2 * LONGEST
    assert found(longest) == ()


def test_a_text_that_cannot_become_short_enough_is_refused_unread() -> None:
    assert found("e\u0301" * 600) == (Problem(ProblemKind.TOO_LONG, (("most", LONGEST),)),)


def test_an_emoji_counts_as_one_character() -> None:
    emoji = "\U0001f600\U0001f422\U0001f98a\U0001f419\U0001f98b\U0001f41d\U0001f433"
    assert kinds(emoji, shortest=8) == [ProblemKind.TOO_SHORT]
    assert found(emoji + "\U0001f355", shortest=8) == ()


# --- spelling


def test_composed_and_decomposed_accents_are_the_same_password() -> None:
    assert normalise_password("caf\u00e9") == normalise_password("cafe\u0301") == "caf\u00e9"


@given(st.text())
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    once = normalise_password(text)
    assert normalise_password(once) == once


@given(st.text(alphabet=st.characters(codec="ascii")))
def test_ascii_is_left_exactly_as_it_was_typed(text: str) -> None:
    assert normalise_password(text) == text


@pytest.mark.parametrize("mark", ["\x00", "\n", "\t", "\x1b", "\x7f", "\x85", "\udfff"])
def test_control_characters_and_half_characters_are_refused(mark: str) -> None:
    assert kinds(f"plum tree {mark} harbour") == [ProblemKind.UNUSABLE_CHARACTER]


@pytest.mark.parametrize("mark", [" ", "\u00a0", "\u200d", "\ufe0f", "\ue000", "\U0002fffd"])
def test_blanks_joiners_and_characters_yet_unknown_are_allowed(mark: str) -> None:
    assert found(f"plum tree {mark} harbour") == ()


# --- no composition rules


letters = st.characters(exclude_categories=["Cc", "Cs"])


@given(st.text(alphabet=letters, min_size=15, max_size=80))
def test_any_text_of_fifteen_characters_is_accepted_unless_a_rule_names_it(text: str) -> None:
    normal = normalise_password(text)
    expected = set[ProblemKind]()
    if len(normal) < 15:
        expected.add(ProblemKind.TOO_SHORT)
    elif follows_a_pattern(normal):
        expected.add(ProblemKind.PATTERN)
    assert set(kinds(text)) <= expected | {ProblemKind.CONTEXT_WORD}


@given(st.text(alphabet="jxqzvkwbp", min_size=15, max_size=40))
def test_one_kind_of_characters_is_enough(text: str) -> None:
    assert kinds(text) == ([ProblemKind.PATTERN] if follows_a_pattern(text) else [])


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery staple",
        "colourless green ideas",
        "en un lugar de la Mancha",
        "Der Mond ist aufgegangen",
        "我们的祖国是花园花园里花朵真鲜艳",
        "tu5%Gz!pQ2#mW9&k",
        "8271940385629471",
        "northern lights over my house",
        "annually twelve steps to go",
    ],
)
def test_phrases_and_random_passwords_are_accepted(password: str) -> None:
    assert found(password) == ()


# --- common


def test_a_common_password_is_refused() -> None:
    assert kinds("manchesterunited") == [ProblemKind.COMMON]


def test_a_common_password_twice_is_refused_as_common() -> None:
    assert kinds("sunshinesunshine") == [ProblemKind.COMMON]
    assert kinds("sunshinedragonfly") == []


def test_the_list_is_asked_for_the_normalised_password() -> None:
    asked = list[str]()

    def is_common(password: str) -> bool:
        asked.append(password)
        return False

    problems("cafe\u0301 au lait sil", rules=Rules(), context=CONTEXT, is_common=is_common)
    assert asked == ["caf\u00e9 au lait sil"]


@pytest.mark.parametrize("password", ["", "\x00", "a" * 300, "short"])
def test_the_list_is_not_asked_about_what_is_refused_anyway(password: str) -> None:
    def is_common(_password: str) -> bool:
        raise AssertionError

    assert problems(password, rules=Rules(), context=CONTEXT, is_common=is_common)


# --- patterns


@pytest.mark.parametrize(
    "password",
    [
        "aaaaaaaaaaaaaaa",
        "AAAAAAAAaaaaaaaa",
        "abcabcabcabcabc",
        "abcabcabcabcabca",
        "abcdefghijklmno",
        "onmlkjihgfedcba",
        "123456789012345",
        "098765432109876",
        "qwertyuiopasdfg",
        "QWERTYUIOPASDFG",
        "qwertzuiopasdfghjkl",
        "azertyuiopqsdfghjklm",
        "1qaz2wsx3edc4rfv",
        "1qay2wsx3edc4rfv",
        "asdf1234qwer5678",
        "!@#$%^&*()_+!@#$",
        "aaaabbbbccccdddd",
        "111222333444555",
        "correctcorrectcorrect",
        "\u0430\u0431\u0432\u0433\u0434\u0435\u0436\u0437\u0438\u0439\u043a\u043b\u043c\u043d\u043e",
    ],
)
def test_walks_runs_and_repetitions_are_refused_whatever_their_length(password: str) -> None:
    assert ProblemKind.PATTERN in kinds(password)


@pytest.mark.parametrize("password", ["qwer5h8xqwer5h8x", "abcd9k2mzt4wqp7", "asdfjklp04729561"])
def test_a_pattern_with_enough_else_is_not_a_pattern(password: str) -> None:
    assert kinds(password) == []


def test_a_half_is_only_what_comes_exactly_twice() -> None:
    assert repeated_half("dragondragon") == "dragon"
    assert repeated_half("dragondragons") is None
    assert repeated_half("") is None
    assert repeated_half("a") is None


@given(st.text(alphabet=letters, max_size=300))
def test_no_problem_repeats_a_part_of_the_password(text: str) -> None:
    sources = set(context_words(CONTEXT).values())
    for problem in found(text):
        assert {value for _, value in problem.data} <= {15, LONGEST, *sources}
