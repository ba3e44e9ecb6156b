"""Events as a file: comma-separated values (RFC 4180) for a spreadsheet, or JSON lines.

Threat: a user's name that begins like a formula is run by the spreadsheet that opens the file
(CWE-1236, AC-80): see ``csv_files``. Both files are written page by page, so that a
log of any size does not lie in memory. They are for reading. What shows tampering is the sealed
export, ``twostep audit export``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from twostep.admin.audit_page import called, can_be_told, iso, sentence_of
from twostep.admin.csv_files import headed, written
from twostep.core.audit import data_as_text
from twostep.flows.audit_lists import Entry
from twostep.i18n import audit_words, messages


def heading(language: str) -> str:
    """The first line of the CSV file."""
    return headed(audit_words.headings(language))


def csv_lines(entries: Iterable[Entry], language: str, *, now: int) -> str:
    """A line of comma-separated values for each event."""
    return written(_cells(entry, language, now) for entry in entries)


def json_lines(entries: Iterable[Entry], language: str) -> str:
    """A line of JSON for each event."""
    return "".join(
        f"{json.dumps(_members(each, language), ensure_ascii=False)}\n" for each in entries
    )


def _cells(entry: Entry, language: str, now: int) -> tuple[str, ...]:
    visitor = entry.visitor
    reasons = [
        messages.sentence(reason, language, now=now)
        for reason in entry.reasons
        if can_be_told(reason)
    ]
    return (
        iso(entry.at),
        "" if entry.number is None else str(entry.number),
        sentence_of(entry, language),
        called(entry.who, language),
        called(entry.whom, language),
        "" if entry.kind is None else entry.kind.value,
        " ".join(reasons),
        "" if visitor is None else visitor.address,
        "" if visitor is None else visitor.browser,
        data_as_text(entry.data) if entry.data else "",
        entry.id.hex(),
    )


def _members(entry: Entry, language: str) -> dict[str, object]:
    people = {"who": entry.who, "whom": entry.whom}
    return {
        "at": entry.at,
        "time": iso(entry.at),
        "number": entry.number,
        "id": entry.id.hex(),
        "kind": entry.kind,
        "sentence": sentence_of(entry, language),
        **{
            name: None if one is None else {"id": one.id.hex(), "name": called(one, language)}
            for name, one in people.items()
        },
        "reasons": [reason.as_json() for reason in entry.reasons],
        "address": None if entry.visitor is None else entry.visitor.address,
        "browser": None if entry.visitor is None else entry.visitor.browser,
        "data": entry.data,
    }
