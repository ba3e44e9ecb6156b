"""The words around the sign-in form are no passwords (ASVS 6.1.2, 6.2.11)."""

from pathlib import Path

import pytest

from twostep.core.passwords import (
    Context,
    Problem,
    ProblemKind,
    Rules,
    context_words,
    problems,
)

CONTEXT = Context(
    environment_name="Northside Housing",
    hosts=("login.northside.example", "sign-in.nsh.example.org"),
    user_name="ann.oakley@example.org",
)


def found(password: str, *, context: Context = CONTEXT) -> tuple[Problem, ...]:
    return problems(password, rules=Rules(), context=context, is_common=lambda _password: False)


@pytest.mark.parametrize(
    ("password", "source"),
    [
        ("NorthsideHousing", "environment"),
        ("northside housing", "environment"),
        ("N0rths1de-H0us1ng!", "environment"),
        ("northsidehousing2026", "environment"),
        ("2026northsidehousing", "environment"),
        ("northsidenorthside", "environment"),
        ("NORTHSIDE.northside.x", "environment"),
        ("Housing Housing 123", "environment"),
        ("TwostepTwostep1", "product"),
        ("2-step verification", "product"),
        ("ann.oakley@example.org", "user_name"),
        ("AnnOakleyAnnOakley", "user_name"),
        ("oakley oakley 1999", "user_name"),
        ("loginloginlogin", "host"),
        ("northside twostep 26", "environment"),
        ("North\u015b\u00efde-H\u00f3us\u00efng", "environment"),
    ],
)
def test_context_words_alone_repeated_or_together_are_refused(password: str, source: str) -> None:
    assert Problem(ProblemKind.CONTEXT_WORD, (("source", source),)) in found(password)


@pytest.mark.parametrize(
    "password",
    [
        "northsidehousing 20260",
        "my northside flat",
        "oakley prefers tea",
        "ann and bob and eve",
        "the twosteps danced",
    ],
)
def test_a_context_word_among_five_other_characters_is_accepted(password: str) -> None:
    assert found(password) == ()


def test_every_source_gives_its_words() -> None:
    assert context_words(CONTEXT) == {
        "twostep": "product",
        "2stepverification": "product",
        "step": "product",
        "verification": "product",
        "northsidehousing": "environment",
        "northside": "environment",
        "housing": "environment",
        "iogin": "host",
        "exampie": "host",
        "signin": "host",
        "sign": "host",
        "annoakieyaexampieorg": "user_name",
        "annoakiey": "user_name",
        "oakiey": "user_name",
    }


def test_every_source_stands_in_the_document() -> None:
    document = (Path(__file__).parents[2] / "docs" / "operate" / "passwords.md").read_text()
    for source in set(context_words(CONTEXT).values()):
        assert f"| `{source}` |" in document


def test_a_host_of_one_label_is_a_context_word() -> None:
    context = Context(environment_name="N", hosts=("localhost",), user_name="ann")
    assert [problem.kind for problem in found("localhostlocalhost", context=context)] == [
        ProblemKind.CONTEXT_WORD
    ]


def test_a_longer_word_is_seen_before_a_shorter_one_that_it_begins_with() -> None:
    context = Context(environment_name="Northside", hosts=(), user_name="north")
    problem = Problem(ProblemKind.CONTEXT_WORD, (("source", "environment"),))
    assert problem in found("Northside northside", context=context)


def test_the_last_label_of_a_host_is_no_context_word() -> None:
    context = Context(environment_name="N", hosts=("login.northside.museum",), user_name="ann")
    assert found("museum-museum-123", context=context) == ()
    assert found("northside-login-123", context=context) != ()
