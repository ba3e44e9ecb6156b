"""``/admin/report``: how it was on any day, and the same as a file (B-9, AC-35)."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from twostep.admin.audit_forms import DAY_MS, Asked, moment_of, read
from twostep.admin.audit_page import CSV_PATH as EVENTS_CSV_PATH
from twostep.admin.audit_page import called, iso, line_of
from twostep.admin.csv_files import headed, written
from twostep.admin.holders import HolderDoor
from twostep.admin.report_views import Counted, Removal, RemovedBy, Report
from twostep.core.audit import EventKind
from twostep.core.permissions import Permission
from twostep.flows import two_step_reports
from twostep.flows.audit_lists import Entry, Somebody
from twostep.flows.two_step_reports import REMOVALS_MS, Line, Summary
from twostep.i18n.audit_notices import AuditNotice
from twostep.i18n.audit_words import HAD, LEVELS, Nameless, report_headings
from twostep.i18n.notices import said
from twostep.web.notices import notice_of
from twostep.web.rendering import FieldError
from twostep.web.signed_in import SignedInPages
from twostep.web.site import Site, visit_of

PATH: Final = "/admin/report"
CSV_PATH: Final = "/admin/report.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Day:
    """The day that is reported: as text, and when it begins (ms)."""

    text: str
    starts_at: int
    errors: tuple[FieldError, ...] = ()


class ReportPages:
    """The report of one environment."""

    def __init__(self, site: Site, signed_in: SignedInPages) -> None:
        self._site = site
        self._door = HolderDoor(site, signed_in, Permission.AUDIT)

    @property
    def routes(self) -> list[Route]:
        """Where these are."""
        return [
            Route(PATH, self.show, methods=["GET"]),
            Route(CSV_PATH, self.download, methods=["GET"]),
        ]

    async def show(self, request: Request) -> Response:
        """The report of the day that the address asks for."""
        person = await self._door.shown(request)
        if isinstance(person, Response):
            return person
        day = self._day(request)
        found = await self._site.run(
            two_step_reports.summary,
            self._site.installation,
            person.user.environment_id,
            day.starts_at,
        )
        view = _report(day, found, self._today(), visit_of(request).language)
        return await self._site.page(request, view, person=person, notice=notice_of(request))

    async def download(self, request: Request) -> Response:
        """Everybody, and what they had at the end of that day, written while it is read."""
        person = await self._door.shown(request)
        if isinstance(person, Response):
            return person
        day, visit = self._day(request), visit_of(request)
        await self._site.run(
            two_step_reports.note_download,
            self._site.installation,
            person,
            day=day.text,
            visitor=visit.visitor,
        )
        return StreamingResponse(
            self._written(person.user.environment_id, day, visit.language),
            media_type="text/csv",
            headers={"content-disposition": f'attachment; filename="report-{day.text}.csv"'},
        )

    async def _written(self, environment_id: bytes, day: _Day, language: str) -> AsyncIterator[str]:
        yield headed(report_headings(language))
        after: bytes | None = b""
        while after is not None:
            found = await self._site.run(
                two_step_reports.piece,
                self._site.installation,
                environment_id,
                day.starts_at + DAY_MS,
                after=after,
            )
            yield written(_cells(line, day, language) for line in found.lines)
            after = found.last

    def _day(self, request: Request) -> _Day:
        """The day of the address; today where it names none that has begun."""
        typed = request.query_params.get("day", "").strip()[:40]
        today = self._today()
        starts_at = moment_of(typed)
        if starts_at is None or starts_at > self._site.installation.clock():
            notice = AuditNotice.DAY_TO_COME if starts_at else AuditNotice.NO_DAY_TO_REPORT
            errors = (FieldError(field="day", said=said(notice)),) if typed else ()
            return _Day(text=today, starts_at=moment_of(today) or 0, errors=errors)
        return _Day(text=typed, starts_at=starts_at)

    def _today(self) -> str:
        return iso(self._site.installation.clock())[:10]


def _report(day: _Day, found: Summary, today: str, language: str) -> Report:
    first = iso(day.starts_at + DAY_MS - REMOVALS_MS)[:10]
    month = read({"what": EventKind.TWO_STEP_REMOVED.value, "from": first, "to": day.text})
    counts = found.counts
    early = found.begins_at is not None and day.starts_at < found.begins_at
    return Report(
        day=day.text,
        today=today,
        starts_at=day.starts_at,
        counts=None
        if counts is None
        else tuple(Counted(words=words, number=counts[had]) for had, words in HAD.items()),
        sign_ins=tuple(
            Counted(words=words, number=found.sign_ins[level]) for level, words in LEVELS.items()
        ),
        removed_by=_by_whom(found.removals, month, language),
        removals=tuple(
            Removal(path=line.path, at=line.at, text=line.text)
            for line in (line_of(entry, language) for entry in found.removals)
        ),
        more_removals=found.more_removals,
        begins_at=found.begins_at if early else None,
        csv=f"{CSV_PATH}?day={day.text}",
        removals_csv=month.path(EVENTS_CSV_PATH),
        errors=day.errors,
    )


def _by_whom(removals: Sequence[Entry], month: Asked, language: str) -> tuple[RemovedBy, ...]:
    """Whoever removed most stands first."""
    people: dict[bytes, Somebody] = {}
    counted: Counter[bytes] = Counter()
    for entry in removals:
        if entry.who is not None:
            people[entry.who.id] = entry.who
            counted[entry.who.id] += 1
    return tuple(
        RemovedBy(
            who=called(people[id_], language),
            number=number,
            path=read(
                {
                    "who": id_.hex(),
                    "what": month.what,
                    "from": month.from_day,
                    "to": month.to_day,
                }
            ).path(),
        )
        for id_, number in counted.most_common()
    )


def _cells(line: Line, day: _Day, language: str) -> tuple[str, ...]:
    name = line.called
    return (
        name.sentence.in_language(language, {}) if isinstance(name, Nameless) else name,
        HAD[line.had].in_language(language, {}),
        day.text,
        line.id.hex(),
    )
