"""The list of users as a file of comma-separated values (RFC 4180), in UTF-8.

No cell is a formula (``csv_files.harmless``, AC-80), and moments are written as a
spreadsheet and a script read them (ISO 8601, in UTC). No address stands in it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC

from twostep.admin.csv_files import headed, written
from twostep.flows.user_lists import Line
from twostep.i18n import user_lists as words
from twostep.i18n.sentences import Sentence
from twostep.i18n.times import as_datetime


def heading(language: str) -> str:
    """The first line."""
    return headed([_said(each, language) for each in words.HEADINGS])


def lines(found: Iterable[Line], language: str) -> str:
    """A line for each user."""
    return written([_cells(line, language) for line in found])


def _cells(line: Line, language: str) -> tuple[str, ...]:
    stopped = line.locked and line.locked_until is None
    return (
        line.name,
        line.full_name,
        _said(words.SECOND_STEPS[line.second_step], language),
        str(line.recovery_codes),
        _moment(line.last_sign_in_at),
        _said(words.UNTIL_UNLOCKED, language) if stopped else _moment(line.locked_until),
        _moment(line.paused_until),
        _moment(line.disabled_at),
    )


def _said(sentence: Sentence, language: str) -> str:
    return sentence.in_language(language, {})


def _moment(at: int | None) -> str:
    return "" if at is None else as_datetime(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
