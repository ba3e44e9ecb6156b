"""The codes of RFC 4226 appendix D and RFC 6238 appendix B."""

import json
from pathlib import Path

import pytest

from twostep.core.authenticators import (
    NEW_KEY,
    NO_STEP,
    Accepted,
    Algorithm,
    Parameters,
    code_at,
    match_code,
    step_at,
)

VECTORS = json.loads((Path(__file__).parent / "vectors" / "rfc-vectors.json").read_text())
KEY = bytes.fromhex(VECTORS["rfc4226"]["seed_hex"])


@pytest.mark.parametrize(("counter", "expected"), list(enumerate(VECTORS["rfc4226"]["hotp"])))
def test_counter_gives_the_code_of_rfc_4226_appendix_d(counter: int, expected: str) -> None:
    assert code_at(KEY, counter, NEW_KEY) == expected


@pytest.mark.parametrize(
    "vector",
    VECTORS["rfc6238"]["vectors"],
    ids=lambda vector: f"{vector['algorithm']}-{vector['time']}",
)
def test_time_gives_the_code_of_rfc_6238_appendix_b(vector: dict[str, str | int]) -> None:
    algorithm = Algorithm(str(vector["algorithm"]))
    key = bytes.fromhex(VECTORS["rfc6238"]["seeds"][algorithm]["hex"])
    eight = Parameters(algorithm=algorithm, digits=8, period_seconds=30)
    six = Parameters(algorithm=algorithm, digits=6, period_seconds=30)
    step = step_at(int(vector["time"]) * 1000, eight)
    assert step == int(str(vector["T_hex"]), 16)
    assert code_at(key, step, eight) == vector["totp"]
    assert code_at(key, step, six) == vector["totp6"]


@pytest.mark.parametrize("vector", VECTORS["rfc6238"]["vectors"])
def test_a_vector_typed_in_its_own_second_is_accepted(vector: dict[str, str | int]) -> None:
    algorithm = Algorithm(str(vector["algorithm"]))
    key = bytes.fromhex(VECTORS["rfc6238"]["seeds"][algorithm]["hex"])
    parameters = Parameters(algorithm=algorithm, digits=8, period_seconds=30)
    now = int(vector["time"]) * 1000
    found = match_code(
        key,
        str(vector["totp"]),
        now=now,
        parameters=parameters,
        last_step=NO_STEP,
        spent=(),
    )
    assert found == Accepted(step=step_at(now, parameters))
