"""How an environment presents itself: its sender, colour and logo."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from twostep.core.audit import EventKind
from twostep.core.environments import Environment
from twostep.core.looks import Look
from twostep.flows import audit
from twostep.flows.installation import Installation
from twostep.storage import looks
from twostep.storage.database import Connection


def look_of(installation: Installation, environment_id: bytes) -> Look:
    """What it has of its own."""
    return installation.database.read(
        lambda connection: looks.of_environment(connection, environment_id)
    )


def logo_of(installation: Installation, environment_id: bytes, name: str) -> bytes | None:
    """The content of its logo, where that is still called so."""
    return installation.database.read(
        lambda connection: looks.logo(connection, environment_id, name)
    )


def set_look(
    installation: Installation,
    environment: Environment,
    changes: Mapping[str, str | None],
    *,
    logo: bytes | None = None,
) -> Look:
    """Change parts of it, by the names of ``Look``; how it presents itself afterwards. ``logo`` is
    the content of a new logo, whose name is among the changes.
    """
    now = installation.clock()

    def act(connection: Connection) -> Look:
        before = looks.of_environment(connection, environment.id)
        after = replace(before, **changes)
        if after != before or logo is not None:
            looks.put(connection, environment.id, after, now=now, logo=logo)
            audit.record(
                connection,
                installation,
                EventKind.LOOK_CHANGED,
                environment_id=environment.id,
                now=now,
                changed=" ".join(sorted(changes)),
            )
        return after

    return installation.database.write(act)
