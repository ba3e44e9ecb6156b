"""Reasons: stored, read again, compared."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twostep.core.reasons import Code, Reason, because, from_json

data = st.dictionaries(
    st.text(min_size=1).filter(lambda name: name != "code"), st.integers() | st.text(), max_size=3
)


def test_a_reason_gives_its_data_by_name() -> None:
    reason = because(Code.TOO_MANY_CODES, until=5, by="clock")
    assert (reason.get("until"), reason.get("by"), reason.get("else")) == (5, "clock", None)
    assert reason == because(Code.TOO_MANY_CODES, by="clock", until=5)
    assert len({reason, because(Code.TOO_MANY_CODES, by="clock", until=5)}) == 1


@given(st.sampled_from(Code), data)
def test_what_is_stored_is_what_is_read(code: Code, values: dict[str, int | str]) -> None:
    reason = Reason(code, tuple(sorted(values.items())))
    assert from_json(reason.as_json()) == reason


def test_a_code_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="friday"):
        from_json({"code": "friday"})
