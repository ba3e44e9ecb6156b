"""The pages of an installation, served by a thread of this process: as they are served for people,
but for the waits that a test would sit through hundreds of times.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import uvicorn
from starlette.routing import Router
from typing_extensions import override

from twostep.app import routes
from twostep.flows.installation import Installation
from twostep.web.assets import Assets
from twostep.web.front import Front
from twostep.web.rendering import Renderer
from twostep.web.site import Site


@cache
def assets() -> Assets:
    """The files of the pages, read once for all tests of a process."""
    return Assets()


@cache
def renderer() -> Renderer:
    """The templates, compiled once for all tests of a process; it keeps nothing of any page."""
    return Renderer(assets())


def front_of(installation: Installation, **site: object) -> Front:
    """The installation's pages behind their front, as the composition root puts them together."""
    made = Site(installation, renderer=renderer(), assets=assets(), **site)  # type: ignore[arg-type]
    return Front(Router(routes(made), redirect_slashes=False), made)


class _Server(uvicorn.Server):
    """Uvicorn looks ten times a second whether it shall end, and waits a tenth of a second more
    before it does. This one ends when it is told to, and its requests are over.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._told = threading.Event()
        self._wake: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def end(self) -> None:
        """Stop serving; from any thread, even before the server has begun."""
        self._told.set()
        if self._loop is not None and self._wake is not None:
            self._loop.call_soon_threadsafe(self._wake.set)

    @override
    async def main_loop(self) -> None:
        self._wake = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        ticks = 0
        while not self._told.is_set() and not await self.on_tick(ticks):
            ticks += 1
            try:
                await asyncio.wait_for(self._wake.wait(), timeout=0.1)
            except TimeoutError:
                continue

    @override
    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for listener in sockets or []:
            listener.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        # Uvicorn tells nobody that they are over.
        while self.server_state.connections or self.server_state.tasks:  # noqa: ASYNC110
            await asyncio.sleep(0.001)


@contextmanager
def served(installation: Installation, **site: object) -> Iterator[int]:
    """The installation's pages on a free port of this machine; gives the port."""
    listener = socket.create_server(("127.0.0.1", 0))
    # Uvicorn would otherwise believe X-Forwarded-* of everybody on this machine, before we see it.
    config = uvicorn.Config(
        front_of(installation, **site), log_level="critical", lifespan="off", proxy_headers=False
    )
    server = _Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        server.end()
        thread.join()
        listener.close()
