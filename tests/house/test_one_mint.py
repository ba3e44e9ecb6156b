"""One place makes a session, and one place compares a proof.

Most ways around a second step that other systems had were second roads: a page, an import or a
command that made a session by itself, or checked a code without counting the attempt (AC-16).
"""

import ast
import re
from collections.abc import Iterable

from tests.house.source import (
    Module,
    full_name,
    function_around,
    imported_names,
    mentions,
    module,
    modules,
    strings,
)

TABLE = "twostep.storage.tables.sessions"
HARMLESS = {"select", "update", "delete", "exists", "join", "outerjoin", "select_from"}
INSERT_TEXT = re.compile(r"\b(insert|replace|copy|merge)\b[^;]*\bsessions\b", re.IGNORECASE)


def where_sessions_are_inserted(tree: Iterable[Module]) -> set[str]:
    """Each function that hands the table of sessions to anything but a harmless statement.

    So an insert under another name (a dialect's, a helper's, a bulk one) is found as well.
    """
    return {
        f"{of.name}.{function_around(of, node)}"
        for of in tree
        for node in ast.walk(of.tree)
        if isinstance(node, ast.Call) and may_insert(node, of)
    } | {
        f"{of.name}.{function_around(of, node)}"
        for of in tree
        for node in strings(of)
        if of.layer == "storage" and INSERT_TEXT.search(str(node.value))
    }


def may_insert(call: ast.Call, of: Module) -> bool:
    meanings = imported_names(of)
    called = full_name(call.func, meanings) or ast.unparse(call.func)
    if called == f"{TABLE}.insert":
        return True
    given = (*call.args, *(keyword.value for keyword in call.keywords))
    if not any(full_name(value, meanings) == TABLE for value in given):
        return False
    if called.rsplit(".", 1)[-1] in HARMLESS:
        return False
    # A module that has no insert at all may hand the table round within itself, as tidying does.
    stays_here = called.isidentifier()
    return not stays_here or any("insert" in name.lower() for _, name in mentions(of))


def where_mentioned(name: str, tree: Iterable[Module]) -> set[str]:
    """Each function outside the name's own module that calls it or hands it on."""
    return {
        f"{of.name}.{function_around(of, node)}"
        for of in tree
        if not name.startswith(f"{of.name}.")
        for node, meaning in mentions(of)
        if meaning == name
    }


def where_called_as_method(names: set[str], tree: Iterable[Module], *, outside: str) -> set[str]:
    return {
        f"{of.name}.{function_around(of, node)}"
        for of in tree
        if of.layer != outside
        for node in ast.walk(of.tree)
        if isinstance(node, ast.Attribute) and node.attr in names
    }


def test_an_insert_of_a_session_is_found_under_any_name() -> None:
    for text in (
        (
            "from sqlalchemy import insert\n"
            "from twostep.storage.tables import sessions\n"
            "def f(connection): connection.execute(insert(sessions).values(level='2'))"
        ),
        (
            "from twostep.storage import tables\n"
            "def f(connection): connection.execute(tables.sessions.insert())"
        ),
        (
            "from twostep.storage.conflicts import insert_once\n"
            "from twostep.storage.tables import sessions as rows\n"
            "def f(connection): insert_once(connection, table=rows)"
        ),
        "def f(connection): connection.execute(text('INSERT INTO sessions VALUES (1)'))",
    ):
        sample = module("twostep.storage.sample", text)
        assert where_sessions_are_inserted([sample]) == {"twostep.storage.sample.f"}, text
    reading = (
        "from sqlalchemy import select\n"
        "from twostep.storage.tables import sessions\n"
        "def f(): return select(sessions).where(sessions.c.ended_at.is_(None))"
    )
    assert where_sessions_are_inserted([module("twostep.storage.sample", reading)]) == set()


def test_one_function_of_storage_inserts_sessions() -> None:
    assert where_sessions_are_inserted(modules()) == {"twostep.storage.sessions.add"}


def test_one_function_of_one_flow_asks_storage_to_insert_a_session() -> None:
    sample = module(
        "twostep.flows.shortcut",
        "from twostep.storage import sessions as rows\ndef sign_in(): return partial(rows.add)",
    )
    found = where_mentioned("twostep.storage.sessions.add", [sample])
    assert found == {"twostep.flows.shortcut.sign_in"}
    minting = where_mentioned("twostep.storage.sessions.add", modules())
    assert {name.rsplit(".", 1)[0] for name in minting} == {"twostep.flows.mint"}
    assert len(minting) == 1


def test_ac_16_one_flow_compares_codes() -> None:
    """AC-16: no other door can check a code, so none can do it without counting the attempt."""
    comparing = where_mentioned("twostep.core.authenticators.match_code", modules())
    assert len(comparing) == 1, comparing
    assert next(iter(comparing)).startswith("twostep.flows.")


def test_ac_16_one_flow_compares_recovery_codes() -> None:
    """AC-16: the hash behind a code is compared where its try was reserved, and nowhere else."""
    comparing = where_mentioned("twostep.flows.passwords.compare_hash", modules())
    assert comparing == {"twostep.flows.recovery_checks.compare"}
    spending = where_mentioned("twostep.storage.recovery_codes.use_up", modules())
    assert spending == {"twostep.flows.recovery_checks.spend"}


def test_ac_16_one_flow_compares_passwords() -> None:
    """AC-16: the same for passwords, the work done for an unknown user included."""
    verifying = {"verify", "verify_nothing"}
    sample = module("twostep.pages.api", "def f(ticket): return ticket.verify(stored, typed)")
    assert where_called_as_method(verifying, [sample], outside="crypto")
    comparing = where_called_as_method(verifying, modules(), outside="crypto")
    assert len(comparing) == 1, comparing
    assert next(iter(comparing)).startswith("twostep.flows.")
