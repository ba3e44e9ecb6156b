"""Which names an operator's template of a message may use, found out before a code waits for it.

A name that there is not is no mistake of form: the template can be read, and each message of its
kind would be late until somebody read the log. What our own template of the same kind uses is there
for theirs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, TemplateAssertionError, nodes
from jinja2.meta import find_referenced_templates


def demand_known(environment: Environment, overrides: Path, ours: Path, place: type) -> None:
    """Raises jinja2.TemplateAssertionError, with the line and the names that there are.

    ``place``: the dataclass that stands beside the data of each kind.
    """
    theirs, known = FileSystemLoader(overrides), FileSystemLoader(ours)
    named = {"place": {field.name for field in fields(place)}}
    for name in theirs.list_templates():
        kind, _, part = name.removeprefix("messages/").rpartition("/")
        if not name.startswith("messages/") or not kind or not part:
            continue
        named["data"] = _data_of(environment, known, kind)
        if not named["data"]:
            continue
        source, path, _ = theirs.get_source(environment, name)
        for of, used, line in _used(environment, source):
            if used not in named[of]:
                there = ", ".join(f"{of}.{each}" for each in sorted(named[of]))
                raise TemplateAssertionError(
                    f"there is no {of}.{used} in such a message; there is {there}", line, name, path
                )


def _data_of(environment: Environment, ours: FileSystemLoader, kind: str) -> set[str]:
    """What our templates of that kind use, and those in which they stand."""
    waiting = [name for name in ours.list_templates() if name.startswith(f"messages/{kind}/")]
    found, seen = set[str](), set[str]()
    while waiting:
        seen.add(name := waiting.pop())
        source, _, _ = ours.get_source(environment, name)
        found |= {used for of, used, _ in _used(environment, source) if of == "data"}
        others = find_referenced_templates(environment.parse(source))
        waiting += [other for other in others if other is not None and other not in seen]
    return found


def _used(environment: Environment, source: str) -> Iterator[tuple[str, str, int]]:
    """The members of ``data`` and ``place`` in a template, with their lines."""
    tree = environment.parse(source)
    for node in tree.find_all(nodes.Getattr):
        if isinstance(node.node, nodes.Name) and node.node.name in {"data", "place"}:
            yield node.node.name, node.attr, node.lineno
    for item in tree.find_all(nodes.Getitem):
        if isinstance(item.node, nodes.Name) and item.node.name in {"data", "place"}:
            if isinstance(item.arg, nodes.Const) and isinstance(item.arg.value, str):
                yield item.node.name, item.arg.value, item.lineno
