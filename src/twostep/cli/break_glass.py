"""``twostep break-glass``: let an administrator in where nobody else can any more.

Whoever can run commands on the server could read its database and its keys; this makes them no
mightier, and leaves traces that they could not explain away: an event, and a mail to everybody who
manages users.
"""

from __future__ import annotations

import sys
from typing import Annotated, assert_never

import typer

from twostep.cli.mistakes import Mistake
from twostep.cli.opening import environment_meant, opened, user_meant
from twostep.cli.output import InEnvironment, moment, say
from twostep.core.environments import Environment
from twostep.core.users import User
from twostep.flows.break_glass import LASTS_MINUTES, Made, NotForThem, OthersCan, make

MOST_NAMES = 5


def break_glass(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="A user who can manage users, and cannot get in.")],
    environment: InEnvironment = None,
    even_if_others: Annotated[
        bool,
        typer.Option("--even-if-others", help="Although others could let this one in."),
    ] = False,
) -> None:
    """Print a link with which an administrator who is locked out gets in again, once. Everybody who
    manages users is told.
    """
    with opened(context) as installation:
        place = environment_meant(installation, environment)
        user = user_meant(installation, place, name)
        made = make(installation, place, user, even_if_others=even_if_others)
    match made:
        case NotForThem(disabled=disabled):
            raise _not_for_them(user, place, disabled=disabled)
        case OthersCan(names=names):
            raise _others_can(user, place, names)
        case Made():
            _show(made, user, place)
        case _:
            assert_never(made)


def _show(made: Made, user: User, place: Environment) -> None:
    sys.stderr.write(
        f"BREAK-GLASS: this is in the audit log of {place.name}, and everybody who manages users"
        " there is told by email, now and when the link is used.\n"
    )
    say(
        f"With this link {user.name} chooses a new password, once, until {moment(made.until)}"
        f" ({LASTS_MINUTES} minutes):"
    )
    say(f"\n    {made.address.reveal()}\n")
    say(
        "Their app, their recovery codes and all their sessions end with it. Where a second step is"
        " required, they set it up as they sign in."
    )


def _not_for_them(user: User, place: Environment, *, disabled: bool) -> Mistake:
    if disabled:
        return Mistake(
            f"{user.name} is disabled. First: twostep user enable {user.name} -e {place.name!r}"
        )
    return Mistake(
        f"{user.name} cannot manage users at {place.name}, and a link would not change that. First:"
        f" twostep permission grant {user.name} manage-users -e {place.name!r}"
    )


def _others_can(user: User, place: Environment, names: tuple[str, ...]) -> Mistake:
    shown = ", ".join(names[:MOST_NAMES])
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return Mistake(
        f"{shown}{more} can manage users at {place.name} too, and let {user.name} in from User"
        " Management. If none of them can get in either, say --even-if-others."
    )
