"""Commands in the documents are commands of the program, with options that it has."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer.main

from tests.house.source import ROOT
from twostep.cli.commands import app

PAGES = sorted((ROOT / "docs").rglob("*.md"))
BLOCK = re.compile(r"^(?: {4}|\$ )(twostep (?:[^\n\\]|\\\n)*)", re.MULTILINE)
INLINE = re.compile(r"`(twostep [a-z][^`]*)`")


def unknown(command: str) -> list[str]:
    """Words and options of a command line that the program does not know."""
    words = shlex.split(command.replace("\\\n", " "), comments=True)[1:]
    here: Any = typer.main.get_command(app)
    wrong = []
    options = {name for option in here.params for name in option.opts}
    for number, word in enumerate(words):
        if word in {"<", ">", "|", "&&"}:
            break
        if word.startswith("-") and word not in {"-", "--help", "--version"}:
            name = word.split("=")[0]
            if name not in options:
                wrong.append(name)
        elif hasattr(here, "commands"):
            if word in here.commands:
                here = here.commands[word]
                options |= {name for option in here.params for name in option.opts}
            elif not words[number - 1].startswith("-"):
                wrong.append(word)
    return wrong


def commands_of(text: str) -> list[str]:
    return BLOCK.findall(text) + INLINE.findall(text)


def test_a_command_that_is_none_is_found() -> None:
    assert unknown("twostep environment mail NAME --relay smtp://h --password-stdin < FILE") == []
    assert unknown("twostep --data-dir x doctor --dkim-selector s1") == []
    assert unknown("twostep envronment list") == ["envronment", "list"]
    assert unknown("twostep environment mail NAME --password x") == ["--password"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_each_command_of_the_documents_is_one(page: Path) -> None:
    wrong = {command: unknown(command) for command in commands_of(page.read_text(encoding="utf-8"))}
    assert {command: words for command, words in wrong.items() if words} == {}


def test_the_page_about_messages_shows_every_option_of_its_commands() -> None:
    text = (ROOT / "docs" / "operate" / "messages.md").read_text(encoding="utf-8")
    program: Any = typer.main.get_command(app)
    environment = program.commands["environment"].commands
    commands = [environment[name] for name in ("mail", "text", "look")]
    commands += [program.commands["doctor"], program.commands["message"].commands["bounce"]]
    options = {option.opts[0] for command in commands for option in command.params}
    options -= {"name", "--help", "--environment"}
    assert {option for option in options if option not in text} == set()
