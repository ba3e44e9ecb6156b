"""``twostep user``: the users of an environment.

Passwords come from a prompt or from standard input and never from an argument: the arguments of a
program can be read by everybody on the machine, and stay in the shell's history.
"""

from __future__ import annotations

import sys
from typing import Annotated, assert_never

import typer

from twostep.cli.last_holders import EvenIfLast, nobody_else
from twostep.cli.mistakes import Mistake, Status
from twostep.cli.opening import environment_meant, opened, user_meant
from twostep.cli.output import AsJson, InEnvironment, moment, print_json, print_table, say
from twostep.core.contacts import ContactKind
from twostep.core.environments import Environment
from twostep.core.passwords import Problem
from twostep.core.permissions import ALL
from twostep.core.users import (
    LONGEST_FULL_NAME,
    LONGEST_NAME,
    NotAName,
    User,
    checked_full_name,
    checked_name,
)
from twostep.crypto.secret import Secret
from twostep.flows import contacts, users
from twostep.flows.contact_codes import Unchanged
from twostep.flows.contact_entries import (
    EnteredForUser,
    EntryOutcome,
    Overtaken,
    prepare_entry,
    remove_for_user,
    set_for_user,
)
from twostep.flows.contact_reading import NotUsable
from twostep.flows.installation import Installation
from twostep.flows.passwords import BadPassword
from twostep.flows.permissions import LastHolder
from twostep.flows.users import Listed, UserNameTaken
from twostep.i18n.notices import Said
from twostep.i18n.translations import SOURCE_LANGUAGE
from twostep.web.refusals import address_refused, password_errors

app = typer.Typer(help="Users of an environment.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The user's name.")]


@app.command("add")
def add(
    context: typer.Context,
    name: Name,
    environment: InEnvironment = None,
    full_name: Annotated[str, typer.Option(help="What the person is called: Ann Lee.")] = "",
    administrator: Annotated[
        bool, typer.Option("--administrator", help="With every permission.")
    ] = False,
) -> None:
    """Add a user. The password is asked for, or read from the first line of standard input."""
    with opened(context) as installation:
        place = environment_meant(installation, environment)
        _demand_free_name(installation, place, name)
        _demand_readable(full_name)
        added = users.add(
            installation,
            place,
            name=name,
            password=_new_password(),
            full_name=full_name,
            administrator=administrator,
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
def disable(
    context: typer.Context,
    name: Name,
    environment: InEnvironment = None,
    even_if_last: EvenIfLast = False,
) -> None:
    """Shut a user out. Their sessions end at once."""
    with opened(context) as installation:
        place = environment_meant(installation, environment)
        user = user_meant(installation, place, name)
        changed = users.disable(installation, place, user, even_if_last=even_if_last)
    if isinstance(changed, LastHolder):
        raise nobody_else(user, place)
    say(f"{user.name} {'is disabled' if changed else 'was disabled already'}.")


@app.command("enable")
def enable(context: typer.Context, name: Name, environment: InEnvironment = None) -> None:
    """Let a disabled user in again."""
    with opened(context) as installation:
        place = environment_meant(installation, environment)
        user = user_meant(installation, place, name)
        changed = users.enable(installation, place, user)
    say(f"{user.name} {'is enabled' if changed else 'was not disabled'}.")


@app.command("address")
def address(
    context: typer.Context,
    name: Name,
    email: Annotated[str | None, typer.Option(help="Their email address.")] = None,
    sms_email: Annotated[
        str | None, typer.Option(help="An address that turns email into text messages.")
    ] = None,
    phone: Annotated[
        str | None, typer.Option(help="A number for text messages, with its country: +1212…")
    ] = None,
    remove: Annotated[
        ContactKind | None, typer.Option(help="Remove the address of this kind.")
    ] = None,
    environment: InEnvironment = None,
) -> None:
    """Show a user's addresses, masked; or enter or remove one. What is entered counts at once, and
    stays marked as unconfirmed until the user confirms it. The address before is told.
    """
    typed = {ContactKind.EMAIL: email, ContactKind.SMS_EMAIL: sms_email, ContactKind.PHONE: phone}
    with opened(context) as installation:
        user = user_meant(installation, environment_meant(installation, environment), name)
        for kind, text in typed.items():
            # All of them before anything is changed: a second one that cannot be must not leave the
            # first one entered.
            if text is not None:
                _demand_usable(installation, user, kind, text)
        if remove is not None:
            gone = remove_for_user(installation, user, remove)
            say(f"{user.name} has no {remove} {'any more' if gone else 'to remove'}.")
        for kind, text in typed.items():
            if text is not None:
                say(_entered(user, kind, _enter(installation, user, kind, text)))
        for kind, field in contacts.profile(installation, user).items():
            for shown in filter(None, (field.counts, field.waits)):
                say(f"{kind}: {shown.masked} ({shown.state})")


def _demand_usable(installation: Installation, user: User, kind: ContactKind, text: str) -> None:
    entry = prepare_entry(
        installation, user, kind, text, language=SOURCE_LANGUAGE, now=installation.clock()
    )
    if isinstance(entry, NotUsable):
        raise Mistake(_in_english(address_refused(entry)), Status.USAGE)


def _enter(installation: Installation, user: User, kind: ContactKind, text: str) -> EntryOutcome:
    return set_for_user(installation, user, kind, text, language=SOURCE_LANGUAGE)


def _entered(user: User, kind: ContactKind, outcome: EntryOutcome) -> str:
    match outcome:
        case NotUsable():
            raise Mistake(_in_english(address_refused(outcome)), Status.USAGE)
        case Overtaken():
            raise Mistake("Somebody changed this user's addresses just now. Please try again.")
        case Unchanged():
            return f"{user.name} has this {kind} already."
        case EnteredForUser(masked=masked, dying=dying):
            warning = f" {dying.name} ends such messages, or loses them." if dying else ""
            return f"{user.name} has the {kind} {masked} now, unconfirmed.{warning}"
        case _:
            assert_never(outcome)


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


def _demand_readable(full_name: str) -> None:
    try:
        checked_full_name(full_name)
    except NotAName:
        raise Mistake(
            f"A full name has at most {LONGEST_FULL_NAME} characters, all of which can be seen.",
            Status.USAGE,
        ) from None


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
    return _in_english(error.said)


def _in_english(what: Said) -> str:
    data = dict(what.data)
    return what.notice.sentence.in_language(SOURCE_LANGUAGE, data) % data


def _state(each: Listed) -> str:
    if each.user.disabled_at is not None:
        return "disabled"
    if each.stopped:
        return "stopped, until unlocked"
    return f"paused until {moment(each.paused_until)}" if each.paused_until else ""


def _as_json(each: Listed) -> dict[str, object]:
    return {
        "name": each.user.name,
        "full_name": each.user.full_name,
        "second_step": each.second_step,
        "permissions": sorted(each.permissions),
        "disabled": each.user.disabled_at is not None,
        "stopped": each.stopped,
        "paused_until": each.paused_until,
        "added_at": each.user.made_at,
    }
