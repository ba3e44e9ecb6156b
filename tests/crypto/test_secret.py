import copy
import json
import logging
import pickle
import traceback

import pytest

from twostep.crypto.secret import KeyVersion, Secret

WORD = "correct horse battery staple"


def test_a_secret_gives_its_value_only_when_asked_for_it() -> None:
    assert Secret(WORD).reveal() == WORD


@pytest.mark.parametrize(
    "shown",
    [
        str(Secret(WORD)),
        repr(Secret(WORD)),
        f"{Secret(WORD)} {Secret(WORD)!r} {Secret(WORD):>40}",
        "{}".format(Secret(WORD)),  # noqa: UP032  Each way to format has its own road.
        "%s %r" % (Secret(WORD), Secret(WORD)),  # noqa: UP031
        repr([Secret(WORD.encode())]),
        repr(KeyVersion(version=1, secret=Secret(WORD.encode()))),
        json.dumps(Secret(WORD), default=str, ensure_ascii=False),
    ],
)
def test_printing_a_secret_in_any_way_shows_nothing_of_it(shown: str) -> None:
    assert "horse" not in shown
    assert "Secret(…)" in shown


def test_a_log_line_shows_nothing_of_a_secret(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("test").warning("password %s of %r", Secret(WORD), {"password": Secret(WORD)})
    assert "Secret(…)" in caplog.text
    assert "horse" not in caplog.text


def test_a_traceback_with_local_variables_shows_nothing_of_a_secret() -> None:
    def fails(password: Secret[str]) -> None:
        raise RuntimeError(password)

    with pytest.raises(RuntimeError) as caught:
        fails(Secret(WORD))
    told = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    shown = "".join(told.format())
    assert "Secret(…)" in shown
    assert "password = Secret" in shown


def test_a_secret_is_not_written_away_by_accident() -> None:
    for write in (pickle.dumps, json.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            write(Secret(WORD))


def test_secrets_are_compared_by_value_and_are_no_keys_of_a_table() -> None:
    assert Secret(b"a") == Secret(b"a")
    assert Secret(b"a") != Secret(b"b")
    assert Secret("ä") == Secret("ä")
    assert Secret("a") != Secret(b"a")
    assert Secret("a") != "a"
    with pytest.raises(TypeError):
        hash(Secret("a"))
