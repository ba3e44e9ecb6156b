"""``twostep user``: the users of an environment.

Passwords come from a prompt or from standard input and never from an argument: the arguments of a
program can be read by everybody on the machine, and stay in the shell's history.
"""

from __future__ import annotations

import sys
from typing import Annotated, assert_never

import typer

from twostep.cli.mistakes import Mistake, Status
from twostep.cli.opening import environment_meant, opened, user_meant
from twostep.cli.output import AsJson, InEnvironment, moment, print_json, print_table, say
from twostep.core.environments import Environment
from twostep.core.passwords import Problem
from twostep.core.permissions import ALL
from twostep.core.users import LONGEST_NAME, NotAName, User, checked_name
from twostep.crypto.secret import Secret
from twostep.flows import users
from twostep.flows.installation import Installation
from twostep.flows.passwords import BadPassword
from twostep.flows.users import Listed, UserNameTaken
from twostep.web.refusals import password_errors

app = typer.Typer(help="Users of an environment.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The user's name.")]


@app.command("add")
def add(
    context: typer.Context,
    name: Name,
    environment: InEnvironment = None,
    administrator: Annotated[
        bool, typer.Option("--administrator", help="With every permission.")
    ] = False,
) -> None:
    """Add a user. The password is asked for, or read from the first line of standard input."""
    with opened(context) as installation:
        place = environment_meant(installation, environment)
        _demand_free_name(installation, place, name)
        added = users.add(
            installation, place, name=name, password=_new_password(), administrator=administrator
        )
    match added:
        case UserNameTaken():
            raise _taken(name, place)
        case BadPassword(problems=problems):
            raise Mistake(_why(problems))
        case User():
            say(f"{added.name} was added to {place.name}.")
        case _:
            assert_never(added)


@app.command("list")
def list_(
    context: typer.Context, environment: InEnvironment = None, as_json: AsJson = False
) -> None:
    """List the users by name."""
    with opened(context) as installation:
        place = environment_meant(installation, environment)
        found = list(users.listing(installation, place))
    if as_json:
        print_json([_as_json(each) for each in found])
        return
    print_table(
        ("Name", "2-step", "Permissions", "State", "Added"),
        [
            (
                each.user.name,
                "set up" if each.second_step else "",
                "all" if each.permissions == ALL else ", ".join(sorted(each.permissions)),
                _state(each),
                moment(each.user.made_at),
            )
            for each in found
        ],
    )


@app.command("unlock")
def unlock(context: typer.Context, name: Name, environment: InEnvironment = None) -> None:
    """Let a user try again at once, whatever was counted against them."""
    with opened(context) as installation:
        place = environment_meant(installation, environment)
        user = user_meant(installation, place, name)
        users.unlock(installation, place, user)
    say(f"{user.name} may try again: no wrong password and no wrong code counts any longer.")


@app.command("disable")
def disable(context: typer.Context, name: Name, environment: InEnvironment = None) -> None:
    """Shut a user out. Their sessions end at once."""
    with opened(context) as installation:
        place = environment_meant(installation, environment)
        user = user_meant(installation, place, name)
        changed = users.disable(installation, place, user)
    say(f"{user.name} {'is disabled' if changed else 'was disabled already'}.")


@app.command("enable")
def enable(context: typer.Context, name: Name, environment: InEnvironment = None) -> None:
    """Let a disabled user in again."""
    with opened(context) as installation:
        place = environment_meant(installation, environment)
        user = user_meant(installation, place, name)
        changed = users.enable(installation, place, user)
    say(f"{user.name} {'is enabled' if changed else 'was not disabled'}.")


def _demand_free_name(installation: Installation, place: Environment, name: str) -> None:
    """Before somebody types a password for nothing."""
    try:
        checked_name(name)
    except NotAName:
        raise Mistake(
            f"A user's name must have 1 to {LONGEST_NAME} characters that can be seen.",
            Status.USAGE,
        ) from None
    if users.find(installation, place, name) is not None:
        raise _taken(name, place)


def _taken(name: str, place: Environment) -> Mistake:
    return Mistake(
        f"{place.name} has a user {name!r} already, or one whose name a person would take for it."
    )


def _new_password() -> Secret[str]:
    if sys.stdin.isatty():
        return Secret(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    try:
        line = sys.stdin.readline()
    except UnicodeDecodeError:
        raise Mistake("The password on standard input is not UTF-8.") from None
    typed = line.rstrip("\r\n")
    if not typed:
        raise Mistake(
            "No password came on standard input. Give it there, on one line: "
            "twostep user add NAME < FILE",
            Status.USAGE,
        )
    return Secret(typed)


def _why(problems: tuple[Problem, ...]) -> str:
    """The sentence that the page says, in English."""
    (error,) = password_errors(problems)
    data = dict(error.said.data)
    return error.said.notice.sentence.in_language("en", data) % data


def _state(each: Listed) -> str:
    if each.user.disabled_at is not None:
        return "disabled"
    if each.stopped:
        return "stopped, until unlocked"
    return f"paused until {moment(each.paused_until)}" if each.paused_until else ""


def _as_json(each: Listed) -> dict[str, object]:
    return {
        "name": each.user.name,
        "second_step": each.second_step,
        "permissions": sorted(each.permissions),
        "disabled": each.user.disabled_at is not None,
        "stopped": each.stopped,
        "paused_until": each.paused_until,
        "added_at": each.user.made_at,
    }
