"""``twostep key``. What a rotation does, and that it may be killed, is tested in tests/flows."""

from tests.helpers.command_line import CommandLine
from tests.helpers.house import PASSWORD
from twostep.core.keys import OF_INSTALLATION

HARBOUR = ("-e", "Harbour Clinic")


def versions(operator: CommandLine, purpose: str) -> list[tuple[str, int, object]]:
    report = operator.run("key", "report", "--json").json
    return sorted(
        (key["environment"], key["version"], key["rows"])
        for key in report
        if key["purpose"] == purpose
    )


def test_a_rotation_seals_everything_anew(operator: CommandLine) -> None:
    operator.done("user", "add", "ann", *HARBOUR, typed=f"{PASSWORD}\n")
    assert versions(operator, "box") == [("Harbour Clinic", 1, 1), ("Northside Housing", 1, 0)]
    assert "1 row was sealed anew" in operator.done("key", "rotate")
    assert versions(operator, "box") == [
        ("Harbour Clinic", 1, 0),
        ("Harbour Clinic", 2, 1),
        ("Northside Housing", 1, 0),
        ("Northside Housing", 2, 0),
    ]
    assert "Harbour Clinic" in operator.done("key", "report")


def test_the_master_key_is_changed_in_its_file(operator: CommandLine) -> None:
    file = operator.folder / "twostep.key"
    before = file.read_bytes()
    masters = {key["master_key"] for key in operator.run("key", "report", "--json").json}
    assert len(masters) == 1
    said = operator.done("key", "rotate", "--master")
    assert f"{len(OF_INSTALLATION) + 4} keys" in said
    assert file.read_bytes() != before
    assert file.stat().st_mode & 0o777 == 0o600
    after = {key["master_key"] for key in operator.run("key", "report", "--json").json}
    assert len(after) == 1
    assert after != masters
    assert "an unbroken chain" in operator.done("audit", "verify")
