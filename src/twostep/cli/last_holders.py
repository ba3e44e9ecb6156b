"""What commands say that would leave an environment without anybody who can manage its users."""

from __future__ import annotations

from typing import Annotated

import typer

from twostep.cli.mistakes import Mistake
from twostep.core.environments import Environment
from twostep.core.users import User

EvenIfLast = Annotated[
    bool,
    typer.Option("--even-if-last", help="Also the last one who can manage users."),
]


def nobody_else(user: User, place: Environment) -> Mistake:
    """Why nothing was changed, and both ways out."""
    return Mistake(
        f"{user.name} is the last one who can manage users at {place.name}, so nothing was changed."
        " Let somebody else do it first:\n"
        f"  twostep permission grant NAME manage-users -e {place.name!r}\n"
        "or say --even-if-last, and mean it: then only commands on this machine let anybody in"
        " again."
    )
