"""The server process: Granian, and what we ask of it.

    parent ──forks──► worker (builds the installation, serves)
       │ └──forks──► worker …
       └ holds no connection and no thread of ours; starts a worker anew that died

A worker whose parent is gone ends by itself. Otherwise it would go on answering on the same port
beside the next start, perhaps with older code and other settings.
"""

from __future__ import annotations

import os
import resource
import signal
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import structlog
from granian.constants import HTTPModes, Interfaces, SSLProtocols
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.mp import MPServer
from starlette.types import ASGIApp
from typing_extensions import override

from twostep.app import build_installation, configure_logs, create_app, log_config
from twostep.cli.mistakes import explain
from twostep.clock import Clock
from twostep.flows.installation import Installation
from twostep.settings import Settings
from twostep.storage.faults import DatabaseAway, DatabaseBusy

HEADERS_WITHIN_MS = 15_000
"""A client that sends its headers more slowly is cut off, and so is a connection that was kept open
and not used for as long."""

MOST_HEADERS_BYTES = 64 * 1024
MOST_CONNECTIONS = 4096
"""Of each worker. A connection that only waits costs some kilobytes; the ones beyond wait in the
kernel's queue until others have ended."""

STOP_SECONDS = 10
"""For requests that are under way when the server is asked to stop."""

_POLL_SECONDS = 1.0

_log = structlog.get_logger("twostep.start")


def run_server(
    settings: Settings,
    *,
    clock: Clock,
    when_ready: Callable[[], None] | None = None,
    ends_with_terminal: bool = False,
) -> None:
    """Serve until SIGTERM or SIGINT. ``when_ready`` is called once, when requests are answered.

    SIGHUP starts the workers anew, one after the other, so that they read a renewed certificate;
    with ``ends_with_terminal`` it ends the server. Ends the process with status 1 where workers do
    not stay alive.
    """
    configure_logs(settings)
    _allow_connections()
    server = _Server(
        "twostep",
        address=settings.host,
        port=settings.listen_port,
        interface=Interfaces.ASGI,
        workers=settings.workers,
        http=HTTPModes.http1,
        websockets=False,
        backlog=MOST_CONNECTIONS,
        backpressure=MOST_CONNECTIONS,
        http1_settings=HTTP1Settings(
            header_read_timeout=HEADERS_WITHIN_MS, max_buffer_size=MOST_HEADERS_BYTES
        ),
        log_level=LogLevels(settings.log_level),
        log_dictconfig=log_config(settings),
        ssl_cert=settings.tls_certificate,
        ssl_key=settings.tls_key,
        ssl_protocol_min=SSLProtocols.tls12,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
    )
    server.when_ready, server.ends_with_terminal = when_ready, ends_with_terminal
    load = partial(_load, settings, clock, os.getpid())
    server.serve(target_loader=load, wrap_loader=False)


def _allow_connections() -> None:
    """Lets each worker have as many open files as the system permits: by custom it begins with
    1,024, fewer than the connections that it is to hold.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * MOST_CONNECTIONS if hard == resource.RLIM_INFINITY else hard
    with suppress(OSError, ValueError):
        resource.setrlimit(
            resource.RLIMIT_NOFILE, (max(soft, min(wanted, 2 * MOST_CONNECTIONS)), hard)
        )


class _Server(MPServer):
    """Granian's, which tells when it answers."""

    when_ready: Callable[[], None] | None = None
    ends_with_terminal = False

    @override
    def startup(self, spawn_target: Any, target_loader: Any) -> None:
        super().startup(spawn_target, target_loader)  # type: ignore[no-untyped-call]
        if self.when_ready is not None:
            # After the forks: a thread does not survive one.
            threading.Thread(target=self._tell, args=(self.when_ready,), daemon=True).start()

    @override
    def signal_handler_reload(self, *args: Any, **kwargs: Any) -> None:
        if self.ends_with_terminal:
            self.signal_handler_interrupt()  # type: ignore[no-untyped-call]
        else:
            super().signal_handler_reload(*args, **kwargs)  # type: ignore[no-untyped-call]

    def _tell(self, when_ready: Callable[[], None]) -> None:
        while not self.interrupt_signal:
            try:
                socket.create_connection((self.bind_addr, self.bind_port), timeout=5).close()
            except OSError:
                threading.Event().wait(0.02)
                continue
            when_ready()
            return


def _load(settings: Settings, clock: Clock, parent: int) -> ASGIApp:
    """What a worker serves, built in the worker."""
    configure_logs(settings)
    _end_with(parent)
    try:
        return create_app(_built(settings, clock), settings)
    except KeyboardInterrupt:
        # Ctrl-C reaches the workers too; this one had not begun to listen for it.
        sys.exit()
    except Exception as error:
        mistake = explain(error)
        if mistake is None:
            raise
        print(f"twostep: {mistake}", file=sys.stderr, flush=True)
        sys.exit(mistake.status)


def _built(settings: Settings, clock: Clock) -> Installation:
    """The installation, when the database lets it be built.

    A worker that was started anew while the database is away waits for it. If it ended instead, the
    server would take it for one that cannot live, and end as a whole.
    """
    while True:
        try:
            return build_installation(settings, clock=clock)
        except (DatabaseAway, DatabaseBusy) as error:
            _log.warning("worker_waits_for_database", error=type(error).__name__)
            threading.Event().wait(_POLL_SECONDS)


def _end_with(parent: int) -> None:
    threading.Thread(target=_watch, args=(parent,), name="twostep-parent", daemon=True).start()


def _watch(parent: int) -> None:
    never = threading.Event()
    while os.getppid() == parent:
        never.wait(_POLL_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)
    never.wait(STOP_SECONDS)
    os._exit(1)
