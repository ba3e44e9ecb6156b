"""The book of the rules about devices is no second copy of the code: it imports nothing of it."""

from __future__ import annotations

import ast
import sys

from tests.house.source import ROOT

BOOK = ROOT / "tests" / "helpers" / "device_rules.py"


def imported(source: str) -> set[str]:
    """The first part of each module that a file imports, wherever it does."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {name.name.partition(".")[0] for name in node.names}
        if isinstance(node, ast.ImportFrom):
            found.add("." if node.level else (node.module or "").partition(".")[0])
    return found


def test_what_is_imported_is_found() -> None:
    source = "import a.b, c\nfrom d.e import f\nfrom . import g\ndef h():\n    import i"
    assert imported(source) == {"a", "c", "d", ".", "i"}


def test_the_book_imports_nothing_but_the_standard_library() -> None:
    """Neither twostep.core, nor a helper that does: no rule can be right by being the same one."""
    source = BOOK.read_text(encoding="utf-8")
    assert imported(source) - set(sys.stdlib_module_names) == set()
    assert "importlib" not in source
    assert "__import__" not in source
