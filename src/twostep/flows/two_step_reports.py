"""The report of a day: who had a second step, who lost it by whom and why, how people signed in.

Each answer is read from the log, for any day as far back as the log reaches. Before that, people
whose second step was never changed since are known, and others are not: the report says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from twostep.core.audit import EventKind, Visitor
from twostep.core.sessions import Level
from twostep.core.two_step_reports import NOBODY, Had, had_at
from twostep.flows import audit, audit_lists
from twostep.flows.audit_lists import Entry, Filter, Party, party_of
from twostep.flows.installation import Installation
from twostep.flows.sessions import Person
from twostep.storage import audit_lists as stored_lists
from twostep.storage import two_step_reports
from twostep.storage.database import Connection

AT_A_TIME: Final = 1_000
"""People that are read at once."""

MOST_COUNTED: Final = 20_000
"""People who are counted for the page, in about a second. Of more, the file has each."""

MOST_REMOVALS: Final = 500

DAY_MS: Final = 24 * 60 * 60 * 1_000
REMOVALS_MS: Final = 30 * DAY_MS
"""Removals are counted by whom over the month that ends with the day: of one day they are few."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One person, and what they had on that day."""

    id: bytes
    called: Party
    had: Had


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Some people, in the order of their ids. ``last``: behind whom there are more, or None."""

    lines: Sequence[Line]
    last: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The report of a day without the list of people.

    ``counts`` is None where there are too many people to be counted at once. ``removals`` are those
    of the month that ends with the day, the newest first; ``more_removals``: there were more.
    ``begins_at``: from which moment on (ms) the log is whole, None: from its beginning.
    """

    counts: Mapping[Had, int] | None
    sign_ins: Mapping[Level, int]
    removals: Sequence[Entry]
    more_removals: bool
    begins_at: int | None


def piece(installation: Installation, environment_id: bytes, moment: int, *, after: bytes) -> Piece:
    """What the next people had just before that moment, beginning after the id ``after``."""

    def look(connection: Connection) -> Piece:
        people = two_step_reports.people(connection, environment_id, after, most=AT_A_TIME)
        last = people[-1].id if len(people) == AT_A_TIME else None
        changes = two_step_reports.changes(connection, environment_id, after, last)
        users = {person.id: person for person in people}
        gone = stored_lists.referred(connection, environment_id, set(changes) - set(users))
        lines = [
            Line(
                id=person.id,
                called=person.name,
                had=had_at(moment, changes.get(person.id, ()), person.today),
            )
            for person in people
            if person.made_at < moment
        ]
        # Whoever is no user any more is listed where they had something.
        lines += [
            Line(id=id_, called=party_of(who), had=had)
            for id_, who in gone.items()
            if (had := had_at(moment, changes[id_], NOBODY)) is not Had.NONE
        ]
        lines.sort(key=lambda line: line.id)
        return Piece(lines=lines, last=last)

    return installation.database.read(look)


def summary(installation: Installation, environment_id: bytes, day_at: int) -> Summary:
    """The report of the day that begins at that moment (ms)."""
    to_at = day_at + DAY_MS
    removals = audit_lists.page(
        installation,
        environment_id,
        Filter(
            kinds=frozenset({EventKind.TWO_STEP_REMOVED}), from_at=to_at - REMOVALS_MS, to_at=to_at
        ),
        most=MOST_REMOVALS,
    )

    def look(connection: Connection) -> tuple[Mapping[Level, int], int | None]:
        place = connection, environment_id
        levels = two_step_reports.sign_ins_by_level(*place, from_at=day_at, to_at=to_at)
        return levels, two_step_reports.begins_at(*place)

    levels, begins_at = installation.database.read(look)
    return Summary(
        counts=_counts(installation, environment_id, to_at),
        sign_ins=levels,
        removals=removals.entries,
        more_removals=removals.older is not None,
        begins_at=begins_at,
    )


def note_download(
    installation: Installation, person: Person, *, day: str, visitor: Visitor
) -> None:
    """Write down that somebody took the report of a day away as a file."""
    installation.database.write(
        lambda connection: audit.record(
            connection,
            installation,
            EventKind.REPORT_DOWNLOADED,
            environment_id=person.user.environment_id,
            now=installation.clock(),
            actor=person.user.id,
            visitor=visitor,
            day=day,
        )
    )


def _counts(
    installation: Installation, environment_id: bytes, moment: int
) -> Mapping[Had, int] | None:
    if installation.database.read(
        lambda c: two_step_reports.more_people_than(c, environment_id, MOST_COUNTED)
    ):
        return None
    counted: Counter[Had] = Counter()
    after: bytes | None = b""
    while after is not None:
        found = piece(installation, environment_id, moment, after=after)
        counted.update(line.had for line in found.lines)
        after = found.last
    return {had: counted[had] for had in Had}
