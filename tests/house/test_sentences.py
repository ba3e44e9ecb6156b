"""What a person reads stands in i18n and in the templates, where translators find it."""

import ast
import re

from tests.house.source import Module, full_name, module, modules

TRANSLATE = {"_", "N_", "gettext", "ngettext", "pgettext", "npgettext", "lazy_gettext"}
SPEAKERS = {"i18n"}

SILENT_LAYERS = {"core", "flows", "storage", "web", "pages", "admin"}
"""Layers that speak in codes. Settings, key files and the command line speak to operators."""

SENTENCE = re.compile(r"[A-Z][a-z']*( [^ ]+){2,}[.?!]")


def translations_called(of: Module) -> list[str]:
    if of.layer in SPEAKERS:
        return []
    return [
        f"{of.line_of(node)} {name}()"
        for node in ast.walk(of.tree)
        if isinstance(node, ast.Call)
        and (name := (full_name(node.func, {}) or "").rsplit(".", 1)[-1]) in TRANSLATE
    ]


def sentences(of: Module) -> list[str]:
    """Texts that read like a sentence, apart from docstrings and the words of an exception.

    Exceptions speak to whoever runs or writes the program; no page shows them.
    """
    if of.layer not in SILENT_LAYERS:
        return []
    excused: set[int] = set()
    for node in ast.walk(of.tree):
        if isinstance(node, ast.Raise | ast.Assert | ast.Expr) or speaks_to_operators(node):
            excused |= {id(part) for part in ast.walk(node)}
    return [
        f"{of.line_of(node)} {node.value}"
        for node in ast.walk(of.tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in excused
        and SENTENCE.match(node.value)
    ]


def speaks_to_operators(node: ast.AST) -> bool:
    """A call that makes an exception, wherever it is raised: its name is in capitals and words."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and bool(re.fullmatch(r"([A-Z][a-z]+)+", node.func.id))
    )


def test_only_i18n_and_the_templates_translate() -> None:
    sample = "from gettext import gettext as _\nx = _('Wrong code.')"
    assert translations_called(module("twostep.pages.sign_in", sample))
    assert not translations_called(module("twostep.i18n.messages", sample))
    assert [line for of in modules() for line in translations_called(of)] == []


def test_no_layer_below_the_templates_holds_a_sentence() -> None:
    sample = "MESSAGE = 'That code was wrong. Try again.'"
    assert sentences(module("twostep.pages.sign_in", sample))
    assert not sentences(module("twostep.i18n.messages", sample))
    assert not sentences(module("twostep.pages.x", "raise ValueError('No such thing is here.')"))
    assert [line for of in modules() for line in sentences(of)] == []
