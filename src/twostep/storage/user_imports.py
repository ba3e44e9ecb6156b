"""Lists of new users, in SQL: read into lines, and checked.

    reading ──► checked ──► switched ──► done
       └───────────┴──► dropped

Until the switch (``user_import_switch``) no line is a user: nobody finds one, nor signs in as
one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Row, and_, func, insert, select, update

from twostep.core.user_lists import BadLine, Import, ImportState
from twostep.storage.database import Connection
from twostep.storage.tables import import_lines, imports, users

OPEN = (ImportState.READING.value, ImportState.CHECKED.value)


def begin(connection: Connection, new: Import) -> None:
    """Write a list that has no lines yet. Whatever else its maker has begun is dropped."""
    mine = imports.c.made_by == new.made_by if new.made_by else imports.c.made_by.is_(None)
    connection.execute(
        update(imports)
        .where(imports.c.environment_id == new.environment_id, mine, imports.c.state.in_(OPEN))
        .values(state=ImportState.DROPPED.value, changed_at=new.made_at)
    )
    connection.execute(insert(imports).values({name: getattr(new, name) for name in new.__slots__}))


def add_lines(
    connection: Connection,
    environment_id: bytes,
    import_id: bytes,
    lines: Sequence[Mapping[str, object]],
    *,
    now: int,
) -> bool:
    """Write lines, each with all columns but these two; False where the list was dropped."""
    still = connection.execute(
        update(imports)
        .where(*is_list(environment_id, import_id), imports.c.state == ImportState.READING.value)
        .values(lines=imports.c.lines + len(lines), changed_at=now)
        .returning(imports.c.id)
    ).first()
    if still is None:
        return False
    whose = {"environment_id": environment_id, "import_id": import_id}
    connection.execute(insert(import_lines), [{**line, **whose} for line in lines])
    return True


def check(
    connection: Connection, environment_id: bytes, import_id: bytes, *, now: int
) -> Import | None:
    """Find the names that are there twice or taken, and count what is wrong. None where the list
    was dropped, or is imported already.
    """
    _mark(connection, environment_id, import_id)
    bad, invited = _counts(connection, environment_id, import_id)
    row = connection.execute(
        update(imports)
        .where(*is_list(environment_id, import_id), imports.c.state.in_(OPEN))
        .values(state=ImportState.CHECKED.value, bad=bad, invited=invited, changed_at=now)
        .returning(imports)
    ).first()
    return None if row is None else from_row(row)


def _mark(connection: Connection, environment_id: bytes, import_id: bytes) -> None:
    """Mark the lines whose name is there twice, or taken."""
    twice = _again(connection, environment_id, import_id)
    for at in range(0, len(twice), NUMBERS_AT_ONCE):
        some = import_lines.c.number.in_(twice[at : at + NUMBERS_AT_ONCE])
        _mark_lines(connection, (*lines_of(environment_id, import_id), some), "twice")
    taken = (
        select(users.c.id)
        .where(
            users.c.environment_id == environment_id, users.c.name_key == import_lines.c.name_key
        )
        .correlate(import_lines)
    )
    for piece in pieces_of(connection, environment_id, import_id):
        _mark_lines(connection, (*piece, taken.exists()), "taken")


def _mark_lines(connection: Connection, which: tuple[Any, ...], problem: str) -> None:
    unmarked = import_lines.c.problem.is_(None)
    connection.execute(update(import_lines).where(*which, unmarked).values(problem=problem))


def _again(connection: Connection, environment_id: bytes, import_id: bytes) -> Sequence[int]:
    """The lines whose name stands in a line before them.

    Read in one pass in the order of the names. As a join PostgreSQL compared each line with each
    other one for as long as it had not counted the table, which is a minute after it was filled.
    """
    place = func.row_number().over(
        partition_by=import_lines.c.name_key, order_by=import_lines.c.number
    )
    placed = (
        select(import_lines.c.number, place.label("place"))
        .where(*lines_of(environment_id, import_id))
        .subquery()
    )
    return connection.execute(select(placed.c.number).where(placed.c.place > 1)).scalars().all()


def _counts(connection: Connection, environment_id: bytes, import_id: bytes) -> tuple[int, int]:
    """How many lines are wrong, and how many people are to be invited."""
    counted = select(func.count()).select_from(import_lines)
    of_list = lines_of(environment_id, import_id)
    bad = connection.execute(
        counted.where(*of_list, import_lines.c.problem.is_not(None))
    ).scalar_one()
    invited = connection.execute(
        counted.where(*of_list, import_lines.c.problem.is_(None), import_lines.c.invite)
    ).scalar_one()
    return bad, invited


def by_id(connection: Connection, environment_id: bytes, import_id: bytes) -> Import | None:
    """The list of that id, or None."""
    row = connection.execute(select(imports).where(*is_list(environment_id, import_id))).first()
    return None if row is None else from_row(row)


def drop(connection: Connection, environment_id: bytes, import_id: bytes, *, now: int) -> bool:
    """Throw a list away that was not imported; False where there is none, or it was."""
    dropped = connection.execute(
        update(imports)
        .where(*is_list(environment_id, import_id), imports.c.state.in_(OPEN))
        .values(state=ImportState.DROPPED.value, changed_at=now)
        .returning(imports.c.id)
    ).first()
    return dropped is not None


def bad_lines(
    connection: Connection, environment_id: bytes, import_id: bytes, *, after: int, most: int
) -> Sequence[BadLine]:
    """Lines that are wrong, beginning after that number."""
    rows = connection.execute(
        select(
            import_lines.c.number,
            import_lines.c.name,
            import_lines.c.name_key,
            import_lines.c.problem,
        )
        .where(
            *lines_of(environment_id, import_id),
            import_lines.c.problem.is_not(None),
            import_lines.c.number > after,
        )
        .order_by(import_lines.c.number)
        .limit(most)
    ).all()
    names = {row.name_key for row in rows}
    first = _first_of(connection, environment_id, import_id, names)
    return [
        BadLine(number=row.number, name=row.name, problem=row.problem, first=first[row.name_key])
        for row in rows
    ]


def _first_of(
    connection: Connection, environment_id: bytes, import_id: bytes, names: Collection[str]
) -> Mapping[str, int]:
    """The first line of each of these names."""
    rows = connection.execute(
        select(import_lines.c.name_key, func.min(import_lines.c.number).label("first"))
        .where(*lines_of(environment_id, import_id), import_lines.c.name_key.in_(names))
        .group_by(import_lines.c.name_key)
    ).all()
    return {row.name_key: row.first for row in rows}


def lines(
    connection: Connection, environment_id: bytes, import_id: bytes, *, most: int
) -> Sequence[Row[Any]]:
    """The first lines, with all their columns."""
    return connection.execute(
        select(import_lines)
        .where(*lines_of(environment_id, import_id))
        .order_by(import_lines.c.number)
        .limit(most)
    ).all()


LINES_AT_ONCE: Final = 5_000
"""In one statement: none is to last so long that PostgreSQL takes it for stuck."""

NUMBERS_AT_ONCE: Final = 1_000
"""In one statement that names them."""


def pieces_of(
    connection: Connection, environment_id: bytes, import_id: bytes
) -> Iterator[tuple[Any, ...]]:
    """The conditions for all lines of a list, some thousands at a time."""
    of_list = lines_of(environment_id, import_id)
    last = connection.execute(select(func.max(import_lines.c.number)).where(*of_list)).scalar_one()
    for begin in range(0, (last or 0) + 1, LINES_AT_ONCE):
        number = import_lines.c.number
        yield *of_list, number >= begin, number < begin + LINES_AT_ONCE


def is_list(environment_id: bytes, import_id: bytes) -> tuple[Any, Any]:
    """The condition for one list."""
    return imports.c.environment_id == environment_id, imports.c.id == import_id


def lines_of(environment_id: bytes, import_id: bytes) -> tuple[Any]:
    """The condition for its lines."""
    return (
        and_(
            import_lines.c.environment_id == environment_id,
            import_lines.c.import_id == import_id,
        ),
    )


def from_row(row: Row[Any]) -> Import:
    """The list of a row with all columns of ``imports``."""
    fields = {name: getattr(row, name) for name in Import.__slots__}
    return Import(**fields | {"state": ImportState(row.state)})
