"""The source tree as the house rules look at it: modules, their syntax trees, who calls whom."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "twostep"

LAYERS = (
    "cli",
    "app",
    "pages",
    "admin",
    "api",
    "oidc",
    "forward_auth",
    "settings",
    "web",
    "flows",
    "storage",
    "delivery",
    "crypto",
    "clock",
    "i18n",
    "core",
)
"""Of docs/develop/layers.md, from the outside in."""


@dataclass(frozen=True)
class Module:
    """One module of the package. ``name`` is dotted and full, ``layer`` its second word."""

    name: str
    text: str
    tree: ast.Module

    @property
    def layer(self) -> str:
        return self.name.split(".")[1] if "." in self.name else ""

    @property
    def word(self) -> str:
        return self.name.rsplit(".", 1)[-1]

    def line_of(self, node: ast.expr | ast.stmt) -> str:
        return f"{self.name}:{node.lineno}"


def module(name: str, text: str) -> Module:
    """A module that exists only in a test: the sample that a rule must find fault with."""
    return Module(name, text, ast.parse(text))


@cache
def modules() -> tuple[Module, ...]:
    """Every module of the package but the migrations: those are written once and never again."""
    return tuple(of for of in _all_modules() if ".migrations" not in of.name)


@cache
def migrations() -> tuple[Module, ...]:
    return tuple(of for of in _all_modules() if ".migrations" in of.name)


@cache
def _all_modules() -> tuple[Module, ...]:
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        name = ".".join(parts).removesuffix(".__init__")
        found.append(module(name, path.read_text(encoding="utf-8")))
    return tuple(found)


@cache
def imported_names(of: Module) -> dict[str, str]:
    """What each name that the module imports stands for, dotted and full."""
    meanings = {}
    for node in ast.walk(of.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.asname:
                    meanings[alias.asname] = alias.name
                else:
                    first = alias.name.split(".")[0]
                    meanings[first] = first
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                meanings[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return meanings


def full_name(node: ast.expr, meanings: dict[str, str]) -> str | None:
    """What a name, or names joined by dots, stands for; None for any other expression."""
    if isinstance(node, ast.Name):
        return meanings.get(node.id, node.id)
    if isinstance(node, ast.Attribute):
        before = full_name(node.value, meanings)
        return None if before is None else f"{before}.{node.attr}"
    return None


def mentions(of: Module) -> Iterator[tuple[ast.Name | ast.Attribute, str]]:
    """Each name or dotted name that stands in the code, with what it stands for.

    A mention counts, not only a call: a function can be handed on and called elsewhere.
    """
    meanings = imported_names(of)
    for node in ast.walk(of.tree):
        if isinstance(node, ast.Name | ast.Attribute):
            name = full_name(node, meanings)
            if name is not None:
                yield node, name


def functions(of: Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(of.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def function_around(of: Module, node: ast.expr | ast.stmt) -> str:
    """The outermost function in which something stands, or ``<module>``."""
    around = [
        function
        for function in functions(of)
        if function.lineno <= node.lineno <= (function.end_lineno or function.lineno)
    ]
    return min(around, key=lambda function: function.lineno).name if around else "<module>"


def strings(of: Module) -> Iterator[ast.Constant]:
    """The text constants of the code: neither docstrings nor other texts that nothing reads."""
    unread = {
        id(node.value)
        for node in ast.walk(of.tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(of.tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in unread
        ):
            yield node
