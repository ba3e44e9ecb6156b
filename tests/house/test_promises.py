"""Each attack that this version must withstand is a named test, or a promise with a date to it.

AC-16 is proven by a test that carries AC-16 in its docstring, or ac_16 in its name. Where the part
that could be attacked does not exist yet, docs/develop/promises.md says which issue brings it.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.house.source import ROOT

PROMISES = ROOT / "docs" / "develop" / "promises.md"
NAME = re.compile(r"\b(AC|R)[-_](\d\d)(?!\d)", re.IGNORECASE)
IN_A_TEST_NAME = re.compile(r"(?:^|_)(ac|r)_(\d\d)(?=_|$)")


def numbered(kind: str, numbers: Iterable[int]) -> set[str]:
    return {f"{kind}-{number:02}" for number in numbers}


DUE = (
    numbered("AC", (*range(1, 6), 7, 8, *range(12, 22), 51, 54, *range(63, 73), 74))
    | numbered("R", (6, 7, 9, 11, 13, 14, 15, 28, 29, 31))
    # Remembered devices, and everything that a user does for themselves.
    | numbered("AC", (10, *range(22, 31), 32, 34, 84, 85))
    | numbered("R", (1, 3, 4, 5, 19, 20, 22, 34, 36, 39, 40))
    # Codes by email and text message, and what became of each.
    | numbered("AC", (6, 9, 11, 31, 52, 53, 79))
    | numbered("R", (8, 10, 12, 24, 25, 38))
    # Forgotten passwords, invitations and lists of new users.
    | numbered("AC", (33, 80))
    | numbered("R", (37,))
    # What an administrator does to one user.
    | numbered("AC", (36,))
    | numbered("R", (21,))
    # Permissions.
    | numbered("AC", (75, 76))
    | numbered("R", (35,))
)


def named_by(source: str) -> set[str]:
    """The names that the tests of a file carry: the file's, a class's and each test's own."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            found |= names_in(NAME, ast.get_docstring(node) or "")
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            found |= names_in(IN_A_TEST_NAME, node.name)
    return found


def names_in(pattern: re.Pattern[str], text: str) -> set[str]:
    return {f"{kind.upper()}-{number}" for kind, number in pattern.findall(text)}


def files_of_tests() -> Iterator[Path]:
    here = Path(__file__)
    return (path for path in sorted((ROOT / "tests").rglob("test_*.py")) if path != here)


def promised(page: str) -> dict[str, str]:
    """Each name of the table, with the issue that brings it."""
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in page.splitlines()
        if line.startswith("|")
    ]
    return {
        name: cells[-1] for cells in rows for name in names_in(NAME, cells[0]) if len(cells) == 3
    }


def test_a_name_counts_where_a_test_carries_it() -> None:
    assert named_by('def test_x():\n    """AC-07, on both databases; R-13."""') == {"AC-07", "R-13"}
    assert named_by("def test_ac_07_and_r_13(): ...") == {"AC-07", "R-13"}
    assert named_by("x = 'AC-07'  # AC-08") == set()
    assert named_by("def test_ac_071(): ...") == set()


def test_each_attack_that_is_due_is_a_test_or_a_promise() -> None:
    kept = set().union(*(named_by(path.read_text(encoding="utf-8")) for path in files_of_tests()))
    missing = DUE - kept - set(promised(PROMISES.read_text(encoding="utf-8")))
    assert sorted(missing) == []


def test_each_promise_says_which_issue_brings_it() -> None:
    assert promised("| AC-22 | a device stays open | issue 3 |") == {"AC-22": "issue 3"}
    promises = promised(PROMISES.read_text(encoding="utf-8"))
    assert {name for name, issue in promises.items() if not re.search(r"\d", issue)} == set()
