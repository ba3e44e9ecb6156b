"""What a command works on: the settings, the installation, an environment, a user."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import typer

from twostep.app import build_installation, close
from twostep.cli.mistakes import Mistake, Status
from twostep.clock import Clock, system_clock
from twostep.core.environments import Environment
from twostep.core.users import User
from twostep.flows import environments, users
from twostep.flows.installation import Installation
from twostep.settings import Settings, load


@dataclass(frozen=True, slots=True)
class Operator:
    """Who runs the command: the clock that holds, and the options before the command's name."""

    clock: Clock = system_clock
    options: Mapping[str, Any] = field(default_factory=dict)


def operator_of(context: typer.Context) -> Operator:
    """The operator whom ``run`` and the options before the command have put there."""
    found = context.find_root().obj
    return found if isinstance(found, Operator) else Operator()


def settings_of(context: typer.Context, **options: Any) -> Settings:
    """The settings that hold for this command; its own options win. Raises WrongSettings."""
    own = {name: value for name, value in options.items() if value is not None}
    return load(options={**operator_of(context).options, **own})


@contextmanager
def opened(context: typer.Context) -> Iterator[Installation]:
    """The installation, for as long as the command works on it."""
    installation = build_installation(settings_of(context), clock=operator_of(context).clock)
    try:
        yield installation
    finally:
        close(installation)


def environment_meant(installation: Installation, text: str | None) -> Environment:
    """The environment of that name or address; without one, the only one there is."""
    if text is not None:
        found = environments.find(installation, text)
        if found is None:
            raise Mistake(
                f"There is no environment {text!r}. `twostep environment list` lists them."
            )
        return found
    known = environments.all_of_them(installation)
    if len(known) != 1:
        raise Mistake(
            "There are several environments: say which one with --environment, by its name or "
            "address."
            if known
            else "There is no environment yet. `twostep environment add` makes one.",
            Status.USAGE,
        )
    return known[0]


def user_meant(installation: Installation, environment: Environment, name: str) -> User:
    """The user of that name in the environment."""
    found = users.find(installation, environment, name)
    if found is None:
        raise Mistake(
            f"There is no user {name!r} in {environment.name}. `twostep user list` lists them."
        )
    return found
