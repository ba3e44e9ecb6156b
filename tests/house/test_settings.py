"""A setting that is not described does not exist for the operator who needs it."""

import re

from tests.house.source import ROOT
from twostep.settings import Settings

DESCRIPTION = ROOT / "docs" / "operate" / "settings.md"


def undescribed(fields: set[str], text: str) -> set[str]:
    described = set(re.findall(r"\bTWOSTEP_[A-Z0-9_]+\b", text))
    return {f"TWOSTEP_{field.upper()}" for field in fields} - described


def invented(fields: set[str], text: str) -> set[str]:
    """What the page describes and the program does not know. A secret may be named with _FILE."""
    known = {f"TWOSTEP_{field.upper()}{end}" for field in fields for end in ("", "_FILE")}
    return set(re.findall(r"\bTWOSTEP_[A-Z0-9_]+\b", text)) - known


def test_every_setting_is_described_and_every_described_setting_exists() -> None:
    assert undescribed({"address", "port"}, "`TWOSTEP_ADDRESS`") == {"TWOSTEP_PORT"}
    assert invented({"key"}, "`TWOSTEP_KEY`, `TWOSTEP_KEY_FILE`, `TWOSTEP_LOCK`") == {
        "TWOSTEP_LOCK"
    }
    text = DESCRIPTION.read_text(encoding="utf-8")
    fields = set(Settings.model_fields)
    assert fields
    assert undescribed(fields, text) == set()
    assert invented(fields, text) == set()
