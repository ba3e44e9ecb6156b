"""From events to the views of **Audit log**, and to the lines of its files."""

from __future__ import annotations

from twostep.admin.audit_forms import PATH, Asked
from twostep.admin.audit_views import AuditLog, Datum, EventLine, EventShown, KindChoice
from twostep.core.audit import data_as_text
from twostep.core.reasons import Reason
from twostep.flows.audit_lists import Entry, Page, Somebody
from twostep.i18n import audit_sentences, times
from twostep.i18n.audit_words import GROUPS, Nameless
from twostep.i18n.messages import SENTENCES
from twostep.web.rendering import FieldError

CSV_PATH = "/admin/audit.csv"
JSON_LINES_PATH = "/admin/audit.jsonl"


def list_of(
    asked: Asked,
    found: Page,
    language: str,
    *,
    csrf: str,
    who: str,
    whom: str,
    errors: tuple[FieldError, ...] = (),
) -> AuditLog:
    """The page with the list."""
    older = found.older
    return AuditLog(
        csrf=csrf,
        who=who,
        who_was=asked.who,
        whom=whom,
        whom_was=asked.whom,
        kinds=tuple(
            KindChoice(value=group.value, words=words, chosen=group.value == asked.what)
            for group, words in GROUPS.items()
        ),
        one_kind="" if asked.what in set(GROUPS) else asked.what,
        from_day=asked.from_day,
        to_day=asked.to_day,
        filtered=asked.filtered,
        later_pages=asked.before is not None,
        lines=tuple(line_of(entry, language) for entry in found.entries),
        looked_to=older[0] if found.cut_short and older is not None else None,
        older=None if older is None else asked.at(older).path(),
        newest=asked.at(None).path(),
        csv=asked.at(None).path(CSV_PATH),
        json_lines=asked.at(None).path(JSON_LINES_PATH),
        errors=errors,
    )


def line_of(entry: Entry, language: str) -> EventLine:
    """One event in a line."""
    return EventLine(
        path=f"{PATH}/{entry.id.hex()}", at=entry.at, text=sentence_of(entry, language)
    )


def shown_of(entry: Entry, language: str) -> EventShown:
    """The page of one event."""
    visitor = entry.visitor
    return EventShown(
        text=sentence_of(entry, language),
        at=entry.at,
        exactly=iso(entry.at),
        kind="" if entry.kind is None else entry.kind.value,
        who=called(entry.who, language),
        who_path=None if entry.who is None else Asked(who=entry.who.id.hex()).path(),
        whom=called(entry.whom, language),
        whom_path=None if entry.whom is None else Asked(whom=entry.whom.id.hex()).path(),
        like_this=None if entry.kind is None else Asked(what=entry.kind.value).path(),
        reasons=tuple(reason for reason in entry.reasons if can_be_told(reason)),
        address="" if visitor is None else visitor.address,
        browser="" if visitor is None else visitor.browser,
        data=tuple(
            Datum(
                name=name,
                value=value if isinstance(value, str) else data_as_text({"": value})[4:-1],
            )
            for name, value in sorted(entry.data.items())
        ),
        note=entry.note,
        id=entry.id.hex(),
        number=entry.number,
        mac="" if entry.mac is None else entry.mac.hex(),
    )


def sentence_of(entry: Entry, language: str) -> str:
    """The event in words."""
    told = audit_sentences.Told(
        kind=entry.kind,
        who=None if entry.who is None else entry.who.called,
        whom=None if entry.whom is None else entry.whom.called,
        data=entry.data,
    )
    return audit_sentences.told(told, language)


def called(somebody: Somebody | None, language: str) -> str:
    """What a person is called; nothing for nobody."""
    if somebody is None:
        return ""
    party = somebody.called
    return party.sentence.in_language(language, {}) if isinstance(party, Nameless) else party


def can_be_told(reason: Reason) -> bool:
    """Whether there is a sentence for the reason, with the data that it has."""
    found = SENTENCES.get(reason.code)
    return found is not None and all(
        f"%({name})s" not in found.text or reason.get(name) is not None
        for name in ("until", "changed")
    )


def iso(at: int) -> str:
    """A moment to the millisecond, as programs read it: 2026-03-09T18:02:11.120Z."""
    return times.as_datetime(at).isoformat(timespec="milliseconds").replace("+00:00", "Z")
