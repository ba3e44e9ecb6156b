"""**System Properties**: what an administrator sees there, and saving it.

A save is one step: every property that was touched, its event, and what becomes void with it, or
nothing at all. Each wish carries the generation that its form was shown. Where the property has
changed since, the form loses, whatever else it carries, and is told by whom (two administrators who
do not know of each other are the ordinary case, not an attack).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from twostep.core.permissions import Permission
from twostep.core.policies import TwoStepVerification
from twostep.core.properties import (
    AT_ONCE,
    CATALOGUE,
    MODE,
    Property,
    Scope,
    Stored,
    effective,
    floor_of,
    policy_of,
    switched_on,
)
from twostep.core.sign_in import FRESH_FOR, SignedIn, next_step
from twostep.core.situations import Asked
from twostep.flows.audit import names_of
from twostep.flows.installation import Installation
from twostep.flows.properties import make_void, record, shuts_everybody_out
from twostep.flows.sessions import Person
from twostep.flows.situations import of_session
from twostep.flows.visitors import Browser
from twostep.storage import permissions, properties, sessions, users
from twostep.storage.database import Connection
from twostep.storage.properties import Row

TICKED = "on"
"""What a wish for *at once* holds; an empty text is the wish to leave it."""

Rows = Mapping[tuple[Scope, str], Row]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How one property stands in an environment.

    ``generation`` rises with every change that could show here. ``changed_at`` (milliseconds) and
    ``changed_by`` are of the value that holds; the name is None for the operator, and for somebody
    whose name was erased (``by_operator`` says which).
    """

    item: Property
    value: str
    source: Scope | None
    floor: str | None
    generation: int
    changed_at: int | None
    changed_by: str | None
    by_operator: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The page's facts, all of one moment.

    ``at_once_ahead``: *at once* is ticked for the day to come; ``at_once_generation`` rises with
    each change of it. ``with_step`` and ``without_step`` count the users who have a second step and
    those who do not. ``switched_on_at``: when the operator set the installation's switch (CS-5), in
    milliseconds; None where it is not on.
    """

    standings: Mapping[str, Standing]
    at_once_ahead: bool
    at_once_generation: int
    with_step: int
    without_step: int
    switched_on_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A value that was asked for, as it is stored, and the generation that its form was shown."""

    value: str
    seen: int


@dataclass(frozen=True, slots=True)
class Saved:
    """Done; the names of what has changed, which are none where all of it held already."""

    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class ChangedMeanwhile:
    """Nothing was saved: these have changed since the form was shown."""

    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class NobodyComesIn:
    """Nothing was saved: a second step would be asked for that nobody could have."""


@dataclass(frozen=True, slots=True)
class NotPermitted:
    """Nothing was saved: the person may not."""


@dataclass(frozen=True, slots=True)
class NotProven:
    """Nothing was saved: the session is over, or its proof is no longer fresh."""


Outcome = Saved | ChangedMeanwhile | NobodyComesIn | NotPermitted | NotProven


def overview(installation: Installation, environment_id: bytes) -> Overview:
    """What **System Properties** shows of an environment."""
    now = installation.clock()

    def look(connection: Connection) -> Overview:
        rows = properties.rows_of(connection, environment_id)
        by = {row.changed_by for row in rows.values() if row.changed_by is not None}
        names = names_of(connection, environment_id, by)
        having, lacking = users.count_by_second_step(connection, environment_id)
        return Overview(
            standings={name: _standing(item, rows, names) for name, item in CATALOGUE.items()},
            at_once_ahead=_at_once_ahead(rows, now),
            at_once_generation=_generation(rows, AT_ONCE),
            with_step=having,
            without_step=lacking,
            switched_on_at=_switched_on_at(rows, now),
        )

    return installation.database.read(look)


def save(
    installation: Installation, person: Person, wishes: Mapping[str, Wish], *, browser: Browser
) -> Outcome:
    """Save what was touched in one form, all of it or nothing.

    The keys of ``wishes`` are names of the catalogue, and ``AT_ONCE`` for its tick.
    """
    now = installation.clock()
    environment_id = person.user.environment_id

    def act(connection: Connection) -> Outcome:
        refused = _refused(connection, installation, person, now)
        if refused is not None:
            return refused
        properties.lock(connection, environment_id)
        rows = properties.rows_of(connection, environment_id)
        changed = _changed_meanwhile(rows, wishes, now)
        if changed:
            return ChangedMeanwhile(changed)
        after = _stored(rows) | _as_stored(_to_put(rows, wishes, now))
        if shuts_everybody_out(_stored(rows), after, now):
            return NobodyComesIn()
        return _save(connection, installation, person, rows, wishes, browser, now)

    return installation.database.write(act)


def _refused(
    connection: Connection, installation: Installation, person: Person, now: int
) -> NotPermitted | NotProven | None:
    """Both are asked here once more, in the transaction that saves, whatever page led here."""
    environment_id, user_id = person.user.environment_id, person.user.id
    users.locked(connection, environment_id, user_id)
    held = permissions.of_user(connection, environment_id, user_id)
    if Permission.SYSTEM_PROPERTIES not in held:
        return NotPermitted()
    live = sessions.locked(connection, environment_id, person.session.id)
    if live is None:
        return NotProven()
    asked = Asked(greatest_age=FRESH_FOR, act="properties")
    situation = of_session(connection, installation, live, now=now, asked=asked)
    return None if isinstance(next_step(situation, now), SignedIn) else NotProven()


def _changed_meanwhile(rows: Rows, wishes: Mapping[str, Wish], now: int) -> frozenset[str]:
    return frozenset(
        name
        for name, wish in wishes.items()
        if _generation(rows, name) != wish.seen and _value(rows, name, now) != wish.value
    )


def _save(
    connection: Connection,
    installation: Installation,
    person: Person,
    rows: Rows,
    wishes: Mapping[str, Wish],
    browser: Browser,
    now: int,
) -> Saved:
    environment_id, user_id = person.user.environment_id, person.user.id
    own = Scope.ENVIRONMENT
    changes = {
        name: properties.put(
            connection, environment_id, own, name, text, now=now, changed_by=user_id
        )
        for name, text in _to_put(rows, wishes, now).items()
    }
    make_void(connection, environment_id, _stored(rows), now=now)
    for name, change in changes.items():
        record(
            connection,
            installation,
            environment_id,
            name,
            own,
            change,
            now=now,
            actor=user_id,
            visitor=browser.visitor,
        )
    return Saved(frozenset(changes))


def _to_put(rows: Rows, wishes: Mapping[str, Wish], now: int) -> Mapping[str, str]:
    """What is to be written: what does not hold already, and when *at once* is or will be."""
    before = _stored(rows)
    texts = {
        name: wish.value
        for name, wish in wishes.items()
        if name != AT_ONCE and effective(before, name).value != wish.value
    }
    after = before | _as_stored(texts)
    ticked = wishes[AT_ONCE].value == TICKED if AT_ONCE in wishes else _at_once_ahead(rows, now)
    mark = _mark(before, after, ticked=ticked, now=now)
    return texts if mark is None else texts | {AT_ONCE: mark}


def _mark(before: Stored, after: Stored, *, ticked: bool, now: int) -> str | None:
    """Until when a session must have begun to be held to *Required*: now, or the day from which it
    holds. None where what stands there stays.

    Of a tick that was for a day to come nothing is left once the tick, or *Required*, is gone. One
    that has done its work stays: it holds nobody who has signed in since.
    """
    standing = before.get((Scope.ENVIRONMENT, AT_ONCE), "")
    ahead = standing != "" and int(standing) > now
    if not ticked or effective(after, MODE).value != TwoStepVerification.REQUIRED:
        return "" if ahead else None
    wanted = str(policy_of(after, now).required_from or now)
    return None if wanted == standing else wanted


def _standing(item: Property, rows: Rows, names: Mapping[bytes, str]) -> Standing:
    stored = _stored(rows)
    holds = effective(stored, item.name)
    row = None if holds.source is None else rows[holds.source, item.name]
    by = None if row is None else row.changed_by
    return Standing(
        item=item,
        value=holds.value,
        source=holds.source,
        floor=floor_of(stored, item.name),
        generation=_generation(rows, item.name),
        changed_at=None if row is None else row.changed_at,
        changed_by=None if by is None else names.get(by),
        by_operator=row is not None and by is None,
    )


def _generation(rows: Rows, name: str) -> int:
    """Of all that may decide the value together: each of them only ever rises."""
    return sum(row.generation for (_, of), row in rows.items() if of == name)


def _value(rows: Rows, name: str, now: int) -> str:
    if name == AT_ONCE:
        return TICKED if _at_once_ahead(rows, now) else ""
    return effective(_stored(rows), name).value


def _at_once_ahead(rows: Rows, now: int) -> bool:
    row = rows.get((Scope.ENVIRONMENT, AT_ONCE))
    return row is not None and row.value != "" and int(row.value) > now


def _switched_on_at(rows: Rows, now: int) -> int | None:
    return rows[Scope.FLOOR, MODE].changed_at if switched_on(_stored(rows), now) else None


def _as_stored(texts: Mapping[str, str]) -> dict[tuple[Scope, str], str]:
    return {(Scope.ENVIRONMENT, name): text for name, text in texts.items()}


def _stored(rows: Rows) -> dict[tuple[Scope, str], str]:
    return {key: row.value for key, row in rows.items()}
