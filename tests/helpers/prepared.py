"""An installation made in this process, to be served by others: a user with an app in it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from typing_extensions import override

from tests.helpers.clocks import MINUTE, HandClock
from tests.helpers.guests import with_app
from tests.helpers.house import House, Phone, make_installation_in
from tests.helpers.server import RunningServer, free_port
from twostep.clock import system_clock
from twostep.storage.database import open_database


class RealClock(HandClock):
    """The machine's: what a phone goes by whose server is another process."""

    @override
    def __call__(self) -> int:
        return system_clock()


def prepared_server(
    folder: Path,
    url: str,
    *,
    workers: int | None = None,
    extra: Mapping[str, str] | None = None,
) -> tuple[RunningServer, Phone]:
    """A server for that database, which is empty but for its schema, not yet started; and the
    phone of Ann, who lives at its one address and set her app up two minutes ago.
    """
    port = free_port()
    database = open_database(url)
    then = HandClock(system_clock() - 2 * MINUTE)
    installation = make_installation_in(database, folder, clock=then)
    try:
        house = House(installation, then, port)
        phone = with_app(house)
    finally:
        installation.hashing.close()
        database.close()
    server = RunningServer(
        folder,
        database_url=url,
        workers=workers,
        port=port,
        address=str(house.harbour.primary),
        extra=extra,
    )
    return server, Phone(phone.key, RealClock())
