"""The sealed export: each line in one spelling, and an end that is signed."""

import json
from dataclasses import replace

import pytest

from tests.core.test_audit_chain import ENVIRONMENT, KEYS, LOG
from twostep.core.audit_chain import BEGINNING, Seal, SealedEvent
from twostep.core.audit_exports import (
    LONGEST_LINE,
    Header,
    NotAnExport,
    end_line,
    entry_line,
    header_line,
    is_end,
    read_end,
    read_entry,
    read_header,
)

HEADER = Header(environment_id=ENVIRONMENT, environment="Harbour Clinic ⚓", at=1_000)
HEAD = Seal(number=8, mac=LOG[-1].mac)
END = end_line(HEADER, HEAD, key_version=2, key=KEYS[2])


def read(line: str, last: Seal = BEGINNING) -> SealedEvent:
    return read_entry(line, last=last, key_version=1)


def test_a_header_reads_back() -> None:
    assert read_header(header_line(HEADER)) == HEADER


@pytest.mark.parametrize(
    "line",
    [
        *("", "[]", "{}", '{"type": "another"}', "7", '"text"', header_line(HEADER)[:-20]),
        header_line(HEADER).replace(',"environment"', ', "environment"'),
        header_line(HEADER).replace('"at":1000', '"at":"1000"'),
        header_line(HEADER).replace('"at":1000', '"at":1000.0'),
        header_line(HEADER).replace('"6565', '"65 65'),
        header_line(HEADER).replace('"Harbour Clinic ⚓"', "null"),
        header_line(HEADER).replace('"at":', '"about":"another log","at":'),
        header_line(HEADER).replace("export 1", "export 2"),
    ],
)
def test_what_does_not_begin_like_an_export_is_none(line: str) -> None:
    with pytest.raises(NotAnExport):
        read_header(line)


@pytest.mark.parametrize("entry", LOG, ids=lambda entry: str(entry.number))
def test_an_entry_reads_back_as_it_was_sealed(entry: SealedEvent) -> None:
    assert read(entry_line(entry)) == entry


def test_references_read_back_too() -> None:
    event = LOG[0].event
    assert event is not None
    entry = replace(LOG[0], event=replace(event, actor=b"a" * 16, target=b"b" * 16))
    assert read(entry_line(entry)) == entry


def test_an_entry_that_the_database_could_not_read_stays_one() -> None:
    entry = replace(LOG[0], event=None)
    assert read(entry_line(entry)) == entry


@pytest.mark.parametrize(
    "changed",
    [
        entry_line(LOG[2]).replace('"number":3', '"number":3,"note":"put in"'),
        entry_line(LOG[2]).replace('"number":3', '"number": 3'),
        entry_line(LOG[2]).replace('"note":""', '"note":"","note":""'),
        entry_line(LOG[2]).replace('"number":3', '"number":true'),
        entry_line(LOG[2]).replace("sign_in:session:started", "no:such:kind"),
        entry_line(LOG[2])[:-1],
        "[]",
        "[" * LONGEST_LINE,
        " " * (LONGEST_LINE + 1),
        "",
    ],
    ids=range(10),
)
def test_a_line_of_another_spelling_is_an_entry_that_cannot_be_read_in_its_place(
    changed: str,
) -> None:
    last = Seal(number=2, mac=LOG[1].mac)
    assert read(changed, last) == SealedEvent(number=3, event=None, mac=b"", key_version=1)


def test_an_unreadable_line_keeps_the_key_that_it_names() -> None:
    """So that a key which is not at hand is told from a change."""
    changed = entry_line(replace(LOG[2], key_version=9)).replace('"number"', '"nombre"')
    assert read(changed).key_version == 9


def test_an_end_reads_back() -> None:
    assert is_end(END)
    assert read_end(END, HEADER, key_of=KEYS.__getitem__) == HEAD
    assert not is_end(entry_line(LOG[0]))


@pytest.mark.parametrize(
    "changes", [{"number": 7}, {"mac": "00" * 32}, {"at": 2}, {"key_version": 7}, {"more": 1}]
)
def test_an_end_that_was_changed_is_none(changes: dict[str, object]) -> None:
    line = json.dumps({**json.loads(END), **changes}, sort_keys=True, separators=(",", ":"))
    assert is_end(line)
    assert read_end(line, HEADER, key_of=KEYS.__getitem__) is None


def test_an_end_of_another_export_is_none() -> None:
    """Otherwise an older one, put behind a log that was cut off there, would hide that."""
    for other in (
        replace(HEADER, at=999),
        replace(HEADER, environment_id=b"f" * 16),
        replace(HEADER, environment="Northside Housing"),
    ):
        assert read_end(END, other, key_of=KEYS.__getitem__) is None


def test_an_end_whose_number_is_none_is_none() -> None:
    odd = Seal(number="8", mac=HEAD.mac)  # type: ignore[arg-type]
    line = end_line(HEADER, odd, key_version=2, key=KEYS[2])
    assert read_end(line, HEADER, key_of=KEYS.__getitem__) is None
