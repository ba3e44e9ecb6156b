"""A start in a place where nothing is yet, or where everything is: made ready for serving.

    nothing ─► tables ─► key file and keys ─► first environment ─► one-time link

Each step is done where it is not done yet, so a start that was stopped half-way is taken up by the
next one. Before anything is written, whatever can be found wrong is found. All of it is over, and
every connection closed, before the server forks.
"""

from __future__ import annotations

from contextlib import closing, suppress
from dataclasses import dataclass

from twostep.app import build_installation, close, key_source
from twostep.cli.mistakes import Mistake, of_schema
from twostep.clock import Clock
from twostep.core.environments import Environment
from twostep.crypto.key_files import KeyFile, KeyText, NoKeyFile
from twostep.crypto.secret import Secret
from twostep.flows import environments, links
from twostep.flows.keys import make_installation_keys
from twostep.settings import Settings
from twostep.storage import environments as stored_environments
from twostep.storage.database import ConstraintBroken, Database, open_database
from twostep.storage.schema import Current, Empty, schema_state


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """What is served. ``link`` makes the first administrator of the oldest environment; None where
    that has a user.
    """

    environments: tuple[Environment, ...]
    link: Secret[str] | None


def make_ready(settings: Settings, *, clock: Clock, name: str | None = None) -> Ready:
    """Make what is missing. ``name`` is for the first environment; its host without one.

    Raises Mistake, WrongKeyFile, KeyMissing, DatabaseAway, DatabaseBusy, OSError.
    """
    make_installation(settings, clock=clock)
    installation = build_installation(settings, clock=clock)
    try:
        origin = settings.origin
        environments.make_first(installation, name=name or origin.host.strip("[]"), primary=origin)
        known = environments.all_of_them(installation)
        link = links.invite_first_administrator(installation, known[0])
        return Ready(environments=tuple(known), link=link)
    finally:
        close(installation)


def make_installation(settings: Settings, *, clock: Clock) -> None:
    """Make tables and keys where there are none: an installation without any environment."""
    source = key_source(settings)
    with closing(open_database(settings.database_url)) as database:
        state = schema_state(database)
        if isinstance(state, Empty):
            _refuse_bad_keys(source)
            _make_folder(settings)
            _make_tables(settings)
        elif not isinstance(state, Current):
            raise of_schema(state)
        make_installation_keys(database, source, now=clock())
        _make_row(database, now=clock())


def _refuse_bad_keys(source: KeyFile | KeyText) -> None:
    """A key file may lie ready, and must then be a good one; a missing one is made later."""
    with suppress(NoKeyFile):
        source.read()


def _make_folder(settings: Settings) -> None:
    try:
        settings.data_dir.mkdir(mode=0o700, exist_ok=True)
    except FileNotFoundError:
        raise Mistake(
            f"The folder {settings.data_dir} cannot be made: the one above it does not exist."
        ) from None


def _make_tables(settings: Settings) -> None:
    # Alembic is half a second of imports that only this needs.
    from twostep.storage.upgrades import WrongSchema, create_schema  # noqa: PLC0415

    try:
        create_schema(settings.database_url)
    except WrongSchema as error:
        raise of_schema(error.state) from None


def _make_row(database: Database, *, now: int) -> None:
    # Two nodes that start at once on one PostgreSQL: one of them writes it, and it is the same row.
    with suppress(ConstraintBroken):
        database.write(
            lambda connection: stored_environments.make_installation(connection, now=now)
        )
