"""AC-71: no statement of a request can reach another environment's rows.

Heard where SQLAlchemy executes it, over everything that the pages can do: each SELECT, UPDATE and
DELETE, and each query inside of one, that touches a table with an environment says which one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import (
    Column,
    Delete,
    Integer,
    Join,
    LargeBinary,
    MetaData,
    Select,
    Table,
    Update,
    and_,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import BinaryExpression, BindParameter, BooleanClauseList
from sqlalchemy.sql.visitors import iterate

from tests.helpers.crawl import crawl
from tests.helpers.house import House
from tests.helpers.statements import clauses
from twostep.storage.tables import INSTALLATION_ID

EXCEPTIONS = {
    "select addresses": "by its origin a request finds out which environment is meant",
    "select attempts by network": "a network's wrong tries count in all environments together "
    "(SECURITY §5.4); the block is a keyed hash, and only a number comes back",
    "select messages by address": "messages to one address count in all environments together "
    "(AC-53); the address is a keyed hash, and only times come back",
    "select asked_resets": "the sender looks for those of all environments, as for "
    "messages; each is answered in its own",
    "select keys": "the key ring holds the keys of all; a box opens with its own environment's",
}


def queries_of(clause: Any) -> Iterator[Select[Any] | Update | Delete]:
    """The statement and every query inside of it."""
    for part in iterate(clause):
        if isinstance(part, Select | Update | Delete):
            yield part


def tables_of(query: Select[Any] | Update | Delete) -> Iterator[Table]:
    """The tables whose rows it reads or changes, without those of queries inside of it."""
    froms = query.get_final_froms() if isinstance(query, Select) else [query.table]
    of_the_query_around = getattr(query, "_correlate", None) or ()
    for each in (each for each in froms if each not in of_the_query_around):
        for part in iterate(each, {"no_subqueries": True}):
            if isinstance(part, Table):
                yield part
            elif isinstance(part, Select):
                break


def conjuncts(clause: Any) -> Iterator[Any]:
    """What must hold, each by itself: an OR is no condition on an environment."""
    if isinstance(clause, BooleanClauseList) and clause.operator is operators.and_:
        for part in clause.clauses:
            yield from conjuncts(part)
    elif clause is not None:
        yield clause


def conditions_of(query: Select[Any] | Update | Delete) -> Iterator[Any]:
    """What its WHERE demands, and what its joins do."""
    yield from conjuncts(query.whereclause)
    froms = query.get_final_froms() if isinstance(query, Select) else []
    for part in (part for each in froms for part in iterate(each)):
        if isinstance(part, Join):
            yield from conjuncts(part.onclause)


def without_environment(clause: Any) -> set[str]:
    """The tables that it reads or changes in any environment, with what it does to them."""
    found = set()
    for query in queries_of(clause):
        for table in unbound(query):
            name = f"{type(query).__name__.lower()} {table.name}"
            found.add(name + by_hash(query, table))
    return found


def unbound(query: Select[Any] | Update | Delete) -> set[Table]:
    """The tables of this query whose environment no condition sets equal to a value, to the one of
    a query around this one (which is asked about by itself), or to the one of a table beside it
    that is bound.
    """
    waiting = {table for table in tables_of(query) if "environment_id" in table.c}
    conditions = list(conditions_of(query))
    while True:
        bound = {table for table in waiting if any(binds(c, table, waiting) for c in conditions)}
        if not bound:
            return waiting
        waiting -= bound


def binds(condition: Any, table: Table, unbound_yet: set[Table]) -> bool:
    """A choice counts where it is between the environment and what belongs to the installation:
    properties are inherited from there.
    """
    if isinstance(condition, BooleanClauseList) and condition.operator is operators.or_:
        one, *others = condition.clauses
        inherited = [getattr(getattr(each, "right", None), "value", None) for each in others]
        return inherited == [INSTALLATION_ID] and all(
            binds(each, table, unbound_yet) for each in (one, *others)
        )
    if not isinstance(condition, BinaryExpression) or condition.operator is not operators.eq:
        return False
    sides = (condition.left, condition.right)
    own = [side for side in sides if side is table.c.environment_id]
    other = [side for side in sides if side is not table.c.environment_id]
    if len(own) != 1:
        return False
    if isinstance(other[0], Column):
        return other[0].name == "environment_id" and other[0].table not in unbound_yet
    return isinstance(other[0], BindParameter)


HASHES = {
    "attempts": ({"network", "wider_network"}, " by network"),
    "messages": ({"address_hash"}, " by address"),
}


def by_hash(query: Any, table: Table) -> str:
    columns, name = HASHES.get(table.name, (set(), ""))
    found = any(
        isinstance(each, BinaryExpression)
        and isinstance(each.left, Column)
        and each.left.name in columns
        for each in conjuncts(query.whereclause)
    )
    return name if found else ""


SAMPLE = Table(
    "sample",
    MetaData(),
    Column("environment_id", LargeBinary),
    Column("id", Integer),
)
OTHER = Table("other", SAMPLE.metadata, Column("environment_id", LargeBinary))


def test_a_statement_without_its_environment_is_found() -> None:
    here = SAMPLE.c.environment_id == b"here"
    by_id = SAMPLE.c.id == 1
    assert without_environment(select(SAMPLE).where(by_id)) == {"select sample"}
    assert without_environment(select(SAMPLE)) == {"select sample"}
    assert without_environment(update(SAMPLE).where(by_id).values(id=2)) == {"update sample"}
    assert without_environment(delete(SAMPLE).where(by_id)) == {"delete sample"}
    assert without_environment(select(SAMPLE).where(or_(here, by_id))) == {"select sample"}
    assert without_environment(select(SAMPLE).where(SAMPLE.c.environment_id != b"here"))
    assert without_environment(select(SAMPLE).where(or_(here, SAMPLE.c.environment_id == b"there")))
    joined = OTHER.join(SAMPLE, SAMPLE.c.environment_id == OTHER.c.environment_id)
    assert without_environment(select(SAMPLE).select_from(joined)) == {
        "select other",
        "select sample",
    }
    inner = select(SAMPLE.c.id).where(by_id).subquery()
    assert without_environment(select(func.count()).select_from(inner)) == {"select sample"}
    assert without_environment(select(OTHER.c.environment_id).where(exists().where(by_id))) == {
        "select other",
        "select sample",
    }


def test_a_statement_with_its_environment_is_not() -> None:
    here = SAMPLE.c.environment_id == b"here"
    by_id = SAMPLE.c.id == 1
    assert not without_environment(select(SAMPLE).where(and_(here, by_id)))
    assert not without_environment(update(SAMPLE).where(here, by_id).values(id=2))
    inner = select(SAMPLE.c.id).where(here).subquery()
    assert not without_environment(select(func.count()).select_from(inner))
    same = SAMPLE.c.environment_id == OTHER.c.environment_id
    linked = exists(select(SAMPLE.c.id).where(same).correlate(OTHER))
    joined = OTHER.join(SAMPLE, SAMPLE.c.environment_id == OTHER.c.environment_id)
    assert not without_environment(
        select(SAMPLE).select_from(joined).where(OTHER.c.environment_id == b"here")
    )
    inherited = or_(here, SAMPLE.c.environment_id == INSTALLATION_ID)
    assert not without_environment(select(SAMPLE).where(inherited))
    assert not without_environment(select(OTHER).where(OTHER.c.environment_id == b"here", linked))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_ac_71_every_statement_of_every_page_says_which_environment(house: House) -> None:
    with clauses() as heard:
        crawl(house)
    assert len(heard) > 1000
    kinds = {type(query).__name__ for clause in heard for query in queries_of(clause)}
    assert kinds >= {"Select", "Update", "Delete"}
    found = {name for clause in heard for name in without_environment(clause)}
    assert found - set(EXCEPTIONS) == set()
    assert set(EXCEPTIONS) - found == set(), "an exception that nothing needs"
