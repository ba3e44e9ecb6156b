"""How commands print: tables for people, JSON for scripts, each on standard output."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for a script to read.")]
InEnvironment = Annotated[
    str | None,
    typer.Option(
        "--environment",
        "-e",
        help="The environment's name or address. Not needed where there is only one.",
    ),
]


def say(sentence: str) -> None:
    """A line for a person."""
    typer.echo(sentence)


def print_json(value: Any) -> None:
    """One line of JSON."""
    typer.echo(json.dumps(value, ensure_ascii=False, separators=(", ", ": ")))


def print_table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table without lines. What stands in it is shown as it is, whatever it looks like."""
    table = Table(box=None, pad_edge=False, show_edge=False, header_style="bold")
    for head in heads:
        table.add_column(head, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    Console().print(table)


def moment(at: int) -> str:
    """A time for a person who reads logs: UTC, to the second."""
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
