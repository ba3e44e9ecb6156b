"""``twostep permission``: what a user may do to others.

The operator grants the first one of each kind; after that whoever holds one can pass it on.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import typer

from twostep.cli.last_holders import EvenIfLast, nobody_else
from twostep.cli.mistakes import Mistake, Status
from twostep.cli.opening import environment_meant, opened, user_meant
from twostep.cli.output import InEnvironment, say
from twostep.core.permissions import Permission
from twostep.flows import permissions
from twostep.flows.permissions import LastHolder

app = typer.Typer(help="Permissions of users.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The user's name.")]
What = Annotated[str, typer.Argument(help=f"all, or one of: {', '.join(sorted(Permission))}.")]


@app.command("grant")
def grant(
    context: typer.Context, name: Name, permission: What, environment: InEnvironment = None
) -> None:
    """Give a user a permission."""
    wanted = _meant(permission)
    with opened(context) as installation:
        place = environment_meant(installation, environment)
        user = user_meant(installation, place, name)
        given = permissions.grant_all(installation, place, user, wanted)
    say(f"{user.name} now has: {_names(given)}." if given else f"{user.name} had it already.")


@app.command("revoke")
def revoke(
    context: typer.Context,
    name: Name,
    permission: What,
    environment: InEnvironment = None,
    even_if_last: EvenIfLast = False,
) -> None:
    """Take a permission from a user."""
    wanted = _meant(permission)
    with opened(context) as installation:
        place = environment_meant(installation, environment)
        user = user_meant(installation, place, name)
        taken = permissions.revoke_all(installation, place, user, wanted, even_if_last=even_if_last)
    if isinstance(taken, LastHolder):
        raise nobody_else(user, place)
    say(
        f"{user.name} no longer has: {_names(taken)}." if taken else f"{user.name} did not have it."
    )


def _meant(text: str) -> list[Permission]:
    word = text.strip().lower().replace("-", "_")
    if word == "all":
        return sorted(Permission)
    if word not in set(Permission):
        raise Mistake(
            f"There is no permission {text!r}. Known are all, {_names(sorted(Permission))}.",
            Status.USAGE,
        )
    return [Permission(word)]


def _names(permissions_named: Iterable[Permission]) -> str:
    return ", ".join(permission.value for permission in permissions_named)
