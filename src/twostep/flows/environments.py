"""Environments: making one, and finding it by its address or its name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from twostep.core.audit import EventKind
from twostep.core.environments import LONGEST_NAME, Environment, NotAnOrigin, Origin, parse_origin
from twostep.core.users import NotAName, checked_name, name_key
from twostep.crypto.identifiers import new_id
from twostep.flows import audit
from twostep.flows.installation import Installation
from twostep.storage import environments
from twostep.storage import keys as stored_keys
from twostep.storage.database import Connection, ConstraintBroken


class PlainHttp(NotAnOrigin):
    """An address that browsers would not keep our cookies for."""

    def __init__(self) -> None:
        super().__init__(
            "it must begin with https://: browsers keep cookies over plain HTTP on their own "
            "machine alone"
        )


@dataclass(frozen=True, slots=True)
class EnvironmentNameTaken:
    """Another environment has this name, or one that a person would take for it."""


@dataclass(frozen=True, slots=True)
class AddressTaken:
    """Another environment has this address, and an address leads to one."""

    origin: str


NotAdded = EnvironmentNameTaken | AddressTaken


def checked_address(text: str) -> Origin:
    """An address that people can sign in at. Raises NotAnOrigin, whose text says what is wrong."""
    origin = parse_origin(text)
    if origin.scheme == "http" and not origin.on_loopback:
        raise PlainHttp
    return origin


def add(
    installation: Installation, *, name: str, primary: Origin, others: Sequence[Origin] = ()
) -> Environment | NotAdded:
    """Make an environment, with keys of its own. Links lead to ``primary``.

    Raises NotAName for a name of more than 100 characters or with ones that cannot be seen, and
    ForeignKeyFile while the master key is being changed.
    """
    short = checked_name(name)
    if len(short) > LONGEST_NAME:
        raise NotAName(short[:20])
    origins = tuple(dict.fromkeys(origin for origin in others if origin != primary))
    environment = Environment(id=new_id(), name=short, primary=primary, others=origins)
    now = installation.clock()
    keys = installation.keys.new_keys_for_environment(environment.id, now=now)

    def act(connection: Connection) -> Environment | NotAdded:
        taken = _taken(connection, environment)
        if taken is not None:
            return taken
        environments.add(connection, environment, key=name_key(short), now=now)
        stored_keys.add(connection, keys)
        _record(connection, installation, environment, now=now)
        return environment

    try:
        return installation.database.write(act)
    except ConstraintBroken:
        # Somebody else made one of that name or address since it was looked for.
        taken = installation.database.read(lambda connection: _taken(connection, environment))
        if taken is None:
            raise
        return taken


def make_first(installation: Installation, *, name: str, primary: Origin) -> Environment | None:
    """Make the first environment of a new installation; None where there is one already."""
    if all_of_them(installation):
        return None
    made = add(installation, name=name, primary=primary)
    # Two nodes that start at once: the other one was faster, and wanted the same.
    return made if isinstance(made, Environment) else None


def by_origin(installation: Installation, origin: str) -> Environment | None:
    """The environment that has this exact origin, or None."""
    return installation.database.read(lambda connection: environments.by_origin(connection, origin))


def all_of_them(installation: Installation) -> list[Environment]:
    """Every environment, the oldest first."""
    return installation.database.read(environments.all_of_them)


def find(installation: Installation, text: str) -> Environment | None:
    """The environment of that name or address, or None."""
    try:
        origin = str(parse_origin(text))
    except NotAnOrigin:
        return installation.database.read(
            lambda connection: environments.by_name_key(connection, name_key(text))
        )
    return by_origin(installation, origin)


def _taken(connection: Connection, environment: Environment) -> NotAdded | None:
    if environments.by_name_key(connection, name_key(environment.name)) is not None:
        return EnvironmentNameTaken()
    origin = environments.taken_origin(connection, environment.origins)
    return None if origin is None else AddressTaken(origin)


def _record(
    connection: Connection, installation: Installation, environment: Environment, *, now: int
) -> None:
    audit.record(
        connection,
        installation,
        EventKind.ENVIRONMENT_ADDED,
        environment_id=environment.id,
        now=now,
        name=environment.name,
        origins=" ".join(str(origin) for origin in environment.origins),
    )
