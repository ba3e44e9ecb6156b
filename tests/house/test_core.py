"""core holds the rules and nothing else, so that a rule can be read and tried by itself."""

import ast
import sys

from tests.house.source import Module, module, modules

IMPURE = {
    "_thread",
    "asyncio",
    "concurrent",
    "ctypes",
    "ftplib",
    "http",
    "imaplib",
    "importlib",
    "io",
    "locale",
    "logging",
    "multiprocessing",
    "os",
    "pathlib",
    "platform",
    "random",
    "secrets",
    "select",
    "selectors",
    "shutil",
    "signal",
    "smtplib",
    "socket",
    "socketserver",
    "sqlite3",
    "ssl",
    "subprocess",
    "sys",
    "tempfile",
    "threading",
    "time",
    "uuid",
    "warnings",
}
OUTSIDE = {"open", "input", "print", "exec", "eval", "__import__", "breakpoint"}


def impure_imports(of: Module) -> list[str]:
    found = []
    for node in ast.walk(of.tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or "."]
        else:
            continue
        found += [f"{of.line_of(node)} {name}" for name in names if not may_import(name)]
    return found


def may_import(name: str) -> bool:
    if name == "twostep.core" or name.startswith("twostep.core."):
        return True
    root = name.split(".", maxsplit=1)[0]
    if root == "urllib":
        return name == "urllib.parse"
    return root in sys.stdlib_module_names and root not in IMPURE


def calls_outside(of: Module) -> list[str]:
    return [
        f"{of.line_of(node)} {node.id}"
        for node in ast.walk(of.tree)
        if isinstance(node, ast.Name) and node.id in OUTSIDE
    ]


def core() -> list[Module]:
    return [of for of in modules() if of.layer == "core"]


def test_core_imports_the_standard_library_without_its_clock_dice_sockets_and_logs() -> None:
    for line in (
        "import time",
        "from random import choice",
        "import secrets, hmac",
        "from urllib.request import urlopen",
        "import sqlalchemy",
        "from twostep.storage import sessions",
        "from . import users",
    ):
        assert impure_imports(module("twostep.core.sample", line)), line
    assert not impure_imports(module("twostep.core.sample", "import hmac\nfrom enum import Enum"))
    assert core()
    assert [line for of in core() for line in impure_imports(of)] == []


def test_core_opens_prints_and_evaluates_nothing() -> None:
    assert calls_outside(module("twostep.core.sample", "def f(name):\n    return open(name)"))
    assert [line for of in core() for line in calls_outside(of)] == []
