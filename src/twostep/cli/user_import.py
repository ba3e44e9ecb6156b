"""``twostep user import``: a list of new users from a file."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from twostep.cli.key import progress_bar
from twostep.cli.mistakes import Mistake
from twostep.cli.opening import environment_meant, opened
from twostep.cli.output import InEnvironment, say
from twostep.core.user_lists import BadLine, Import, LineProblem, WrongList
from twostep.flows import import_lists, user_imports
from twostep.flows.import_lists import Switched
from twostep.flows.installation import Installation
from twostep.flows.user_imports import ListDropped, Reading
from twostep.i18n.arrival_notices import LINES, LISTS
from twostep.i18n.translations import SOURCE_LANGUAGE, languages

PIECE = 64 * 1024


def import_users(
    context: typer.Context,
    file: Annotated[typer.FileBinaryRead, typer.Argument(help="A CSV file, or - for the input.")],
    environment: InEnvironment = None,
    language: Annotated[
        str, typer.Option(help="In which language the invitations are written.")
    ] = SOURCE_LANGUAGE,
    check: Annotated[
        bool, typer.Option("--check", help="Say what is wrong with the list, and import nobody.")
    ] = False,
) -> None:
    """Import new users from a CSV file: user_name, full_name, email, invite (yes or no).

    The first line names the columns, of which only user_name is needed. Either all users of the
    list are made or, where a line is wrong, nobody. Whoever is not invited cannot sign in yet.
    """
    if language not in languages():
        raise Mistake(f"The languages are {', '.join(languages())}.")
    with opened(context) as installation:
        place = environment_meant(installation, environment)
        reading = Reading(installation, place, made_by=None, language=language)
        try:
            found = _read(reading, file)
            _demand_good(installation, found)
            if check:
                say(f"Nothing is wrong with these {found.lines} users. Nobody was made.")
                return
            outcome = import_lists.switch(installation, place.id, found.id, person=None)
            if not isinstance(outcome, Switched):
                _demand_good(installation, user_imports.check(installation, place.id, found.id))
                raise Mistake("The list was thrown away meanwhile. Nobody was made.")
        finally:
            # Nothing to drop once it is imported.
            reading.drop()
        with progress_bar("Making them searchable, writing invitations") as tell:
            import_lists.finish(installation, outcome.found, progress=tell)
    say(f"{found.lines} users were added to {place.name}, and {found.invited} of them invited.")


def _read(reading: Reading, file: typer.FileBinaryRead) -> Import:
    size = os.fstat(file.fileno()).st_size
    done = 0
    try:
        with progress_bar("Reading") as tell:
            while data := file.read(PIECE):
                reading.feed(data)
                done += len(data)
                tell(done, max(size, done))
            return reading.finish()
    except WrongList as wrong:
        sentence = LISTS[wrong.problem].sentence.in_language(SOURCE_LANGUAGE, {})
        raise Mistake(f"{sentence % {'number': wrong.number}} Nobody was made.") from None
    except ListDropped:
        raise Mistake("Another import was begun meanwhile. Nobody was made.") from None


def _demand_good(installation: Installation, found: Import) -> None:
    """Raises Mistake, which names every line that is wrong."""
    if not found.bad:
        return
    wrong = user_imports.bad_lines(installation, found, most=found.bad)
    told = "\n".join(_told(line) for line in wrong)
    raise Mistake(f"{told}\n{found.bad} of {found.lines} lines are wrong. Nobody was made.")


def _told(line: BadLine) -> str:
    sentence = LINES[LineProblem(line.problem)].sentence.in_language(SOURCE_LANGUAGE, {})
    name = f" ({line.name})" if line.name else ""
    return f"Line {line.number}{name}: {sentence % {'first': line.first}}"
