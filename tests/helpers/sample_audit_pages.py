"""The pages of the audit log in their situations, as ``sample_pages`` has the others."""

from __future__ import annotations

from dataclasses import replace

from twostep.admin.audit_forms import Asked, read
from twostep.admin.audit_page import list_of, shown_of
from twostep.admin.audit_views import AuditLog
from twostep.admin.report_views import Counted, Removal, RemovedBy, Report
from twostep.core.audit import EventKind, Visitor
from twostep.core.reasons import Code, because
from twostep.flows.audit_lists import Entry, Page, Somebody
from twostep.i18n.audit_notices import AuditNotice
from twostep.i18n.audit_words import HAD, LEVELS, Nameless
from twostep.i18n.notices import said
from twostep.web.rendering import FieldError, View

TODAY = 1_775_989_860_000
"""12 April 2026, 10:31 UTC, as in the other samples."""

BO = Somebody(id=b"b" * 16, called="bo.leeds")
ANN = Somebody(id=b"a" * 16, called="ann.lee")
LONG = Somebody(
    id=b"c" * 16,
    called="bartholomäus-maximilian.von-und-zu-hohenlohe-schillingsfürst@northside.example",
)

REMOVED = Entry(
    id=bytes(15) + b"\x01",
    at=TODAY,
    kind=EventKind.TWO_STEP_REMOVED,
    who=BO,
    whom=ANN,
    visitor=Visitor(address="203.0.113.7", browser="Firefox on Linux"),
    reasons=(),
    data={"reason": "lost_phone", "proven_by": "second_step", "set_up_code": True},
    number=41_207,
    mac=b"m" * 32,
)
SIGNED_IN = replace(
    REMOVED,
    kind=EventKind.SIGN_IN_COMPLETED,
    who=LONG,
    whom=LONG,
    reasons=(because(Code.BOTH_STEPS_PROVEN), because(Code.DEVICE_REMEMBERED, until=TODAY)),
    data={"level": "2", "sign_in": "00" * 16},
)
OF_ERASED = replace(REMOVED, whom=replace(ANN, called=Nameless.ERASED), visitor=None)
BY_OPERATOR = replace(
    REMOVED, kind=EventKind.KEYS_ROTATED, who=None, whom=None, visitor=None, data={}
)
WAITS = replace(REMOVED, number=None, mac=None)
UNREADABLE = replace(BY_OPERATOR, kind=None)


def log(
    *found: Entry,
    asked: Asked | None = None,
    who: str = "",
    whom: str = "",
    cut_short: bool = False,
    errors: tuple[FieldError, ...] = (),
) -> AuditLog:
    """The list."""
    older = (TODAY, bytes(16)) if len(found) > 3 or cut_short else None
    page = Page(entries=found, older=older, cut_short=cut_short)
    return list_of(asked or Asked(), page, "en", csrf="a-token", who=who, whom=whom, errors=errors)


def wrong(field: str, notice: AuditNotice) -> FieldError:
    """One field that says something."""
    return FieldError(field=field, said=said(notice))


REPORT = Report(
    day="2026-04-11",
    today="2026-04-12",
    starts_at=TODAY,
    counts=tuple(Counted(words=words, number=12) for words in HAD.values()),
    sign_ins=tuple(Counted(words=words, number=1_204) for words in LEVELS.values()),
    removed_by=(RemovedBy(who="bo.leeds", number=2, path="/admin/audit?who=" + "62" * 16),),
    removals=(
        Removal(
            path="/admin/audit/" + "00" * 16,
            at=TODAY,
            text="bo.leeds removed the 2-step verification of ann.lee.",
        ),
    ),
    more_removals=True,
    begins_at=None,
    csv="/admin/report.csv?day=2026-04-11",
    removals_csv="/admin/audit.csv?what=admin%3Atwo_step%3Aremoved",
)

AUDIT_VIEWS: dict[str, View] = {
    "audit": log(REMOVED, SIGNED_IN, OF_ERASED, BY_OPERATOR, UNREADABLE),
    "audit-none": log(),
    "audit-filtered": log(
        REMOVED,
        asked=read(
            {
                "who": "62" * 16,
                "whom": "61" * 16,
                "what": "two-step",
                "from": "2026-04-01",
                "to": "2026-04-12",
            }
        ),
        who="bo.leeds",
        whom="ann.lee",
    ),
    "audit-one-kind": log(asked=read({"what": EventKind.TWO_STEP_REMOVED.value})),
    "audit-looked-far": log(asked=Asked(who="62" * 16), who="bo.leeds", cut_short=True),
    "audit-older": log(asked=Asked(before=(TODAY, bytes(16)))),
    "audit-wrong": log(
        asked=read({"from": "1 April"}),
        who="nobody",
        errors=(
            wrong("who", AuditNotice.NO_SUCH_USER),
            wrong("from", AuditNotice.NOT_A_DAY),
        ),
    ),
    "audit-event": shown_of(REMOVED, "en"),
    "audit-event-with-reasons": shown_of(SIGNED_IN, "en"),
    "audit-event-erased": shown_of(OF_ERASED, "en"),
    "audit-event-waits": shown_of(WAITS, "en"),
    "audit-event-unreadable": shown_of(UNREADABLE, "en"),
    "report": REPORT,
    "report-early": replace(
        REPORT, begins_at=TODAY, counts=None, removed_by=(), removals=(), more_removals=False
    ),
    "report-no-day": replace(REPORT, errors=(wrong("day", AuditNotice.NO_DAY_TO_REPORT),)),
}
"""Each page of the audit log that a test looks at, by a name for it."""
