"""The composition root: everything is built here, by hand, once for each process that serves.

    settings ─► installation (database, keys, hashing, clock, limits) ─► site ─► pages ─► front

A server forks before any of this: a connection or a thread does not survive that.
"""

from __future__ import annotations

import logging.config
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, assert_never

import structlog
from anyio import to_thread
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from twostep.admin.routes import routes as routes_of_admin
from twostep.clock import Clock, MovedClock, refuse_moved_clock, system_clock
from twostep.core.lockouts import LIMITS
from twostep.crypto.key_files import KeyFile, KeyText, WrongKeyFile
from twostep.crypto.keys import KeyMissing
from twostep.crypto.password_hashes import (
    Parameters,
    TooMuchMemory,
    WeakParameters,
    demand_memory,
    machine_memory,
)
from twostep.crypto.passwords import Hashing, hashing_threads
from twostep.crypto.secret import Secret
from twostep.flows import import_lists
from twostep.flows.audit_streaming import Streamer
from twostep.flows.installation import Installation
from twostep.flows.keys import load_ring
from twostep.flows.readiness import ClockWatch
from twostep.flows.rounds import Round, Rounds
from twostep.flows.sealing import Sealer
from twostep.flows.sending import Sender
from twostep.flows.upkeep import upkeep
from twostep.i18n.matters import Matter
from twostep.pages.mailbox import MailboxPages
from twostep.pages.routes import routes as routes_of_pages
from twostep.settings import DemoSettings, Settings, WrongSettings, load
from twostep.storage.database import open_database
from twostep.storage.faults import DatabaseAway, DatabaseBusy, WrongDatabaseUrl
from twostep.storage.schema import (
    Current,
    Empty,
    Foreign,
    Newer,
    Older,
    SchemaState,
    schema_state,
)
from twostep.web.assets import Assets
from twostep.web.errors import StopRequest
from twostep.web.front import ANY_HOST, Front
from twostep.web.rendering import Renderer
from twostep.web.site import Site


class WrongSchema(Exception):
    """The database is not one that this version can serve. The text says why, and the way out."""

    def __init__(self, state: SchemaState) -> None:
        super().__init__(_why_not(state))
        self.state = state


CANNOT_START = (
    DatabaseAway,
    DatabaseBusy,
    KeyMissing,
    MovedClock,
    TooMuchMemory,
    WeakParameters,
    WrongDatabaseUrl,
    WrongKeyFile,
    WrongSchema,
    WrongSettings,
)
"""What an operator can mend. Anything else that stops a start is a mistake of ours."""


def key_source(settings: Settings) -> KeyFile | KeyText:
    """Where the master key is."""
    if settings.key is not None:
        return KeyText(Secret(settings.key.get_secret_value()))
    return KeyFile(settings.key_path)


def hashing(settings: Settings, clock: Clock) -> Hashing:
    """The hashing threads of one process, not yet begun. Raises WeakParameters, TooMuchMemory."""
    parameters = Parameters(memory_kib=settings.hash_memory * 1024, passes=settings.hash_passes)
    threads = hashing_threads(cores=len(os.sched_getaffinity(0)), workers=settings.workers)
    demand_memory(
        parameters, threads=threads, workers=settings.workers, memory_bytes=machine_memory()
    )
    return Hashing(parameters, threads=threads, clock=clock)


def build_installation(settings: Settings, *, clock: Clock = system_clock) -> Installation:
    """The installation as this process works with it. ``close`` it at the end.

    Raises WrongSchema, WrongKeyFile, KeyMissing, WeakParameters, TooMuchMemory, and whatever
    ``open_database`` and a first read raise.
    """
    hasher = hashing(settings, clock)
    database = open_database(settings.database_url)
    try:
        state = schema_state(database)
        if not isinstance(state, Current):
            raise WrongSchema(state)
        ring = load_ring(database, key_source(settings), clock=clock)
    except BaseException:
        database.close()
        raise
    return Installation(database, ring, hasher, clock, LIMITS, settings.text_budget_a_day)


def close(installation: Installation) -> None:
    """Let what has begun finish, and close every connection."""
    installation.hashing.close()
    installation.database.close()


def routes(site: Site) -> list[Route]:
    """Every page that there is: data, so that a test can go through all of them."""
    return [*routes_of_pages(site), *routes_of_admin(site)]


def create_app(installation: Installation, settings: Settings) -> ASGIApp:
    """The application. Its lifespan begins and ends the threads, and closes the installation."""
    assets = Assets()
    renderer = Renderer(assets, overrides=settings.templates_dir)
    renderer.warm()
    site = Site(
        installation,
        renderer=renderer,
        assets=assets,
        trusted_proxies=settings.trusted_proxies,
        ways=settings.outgoing().ways,
    )
    watch = ClockWatch(installation)
    more = MailboxPages(site, settings.mailbox).routes if isinstance(settings, DemoSettings) else []
    router = Router(
        [*routes(site), *more],
        redirect_slashes=False,
        lifespan=_lifespan(installation, settings, watch),
    )
    return Front(_ClockGate(router, watch), site)


def from_environment() -> ASGIApp:
    """For other servers: ``uvicorn --factory --no-proxy-headers twostep.app:from_environment``.

    A server must hand headers on as they came: ``trusted_proxies`` decides whom they are believed.

    The database must be there: ``twostep serve``, once, makes it. Ends the process with one line
    where something is wrong.
    """
    try:
        refuse_moved_clock(os.environ)
        settings = load()
        configure_logs(settings)
        return create_app(build_installation(settings), settings)
    except CANNOT_START as error:
        sys.exit(f"Twostep cannot start. {' '.join(str(error).split())}")


class _ClockGate:
    """Lets nothing through that a clock decides, while this node's is not to be trusted."""

    def __init__(self, app: ASGIApp, watch: ClockWatch) -> None:
        self._app = app
        self._watch = watch

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Raises StopRequest (503)."""
        if scope["type"] == "http" and not self._watch.sound and scope["path"] not in ANY_HOST:
            raise StopRequest(Matter.DATABASE_AWAY, 503, retry_after=30)
        await self._app(scope, receive, send)


def _lifespan(
    installation: Installation, settings: Settings, watch: ClockWatch
) -> Callable[[Any], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_app: Any) -> AsyncIterator[None]:
        await to_thread.run_sync(watch.look)
        rounds = upkeep(installation, watch, audit_days=settings.audit_days)
        sealer = Sealer(
            installation,
            checkpoint_file=settings.checkpoint_file,
            checkpoint_syslog=settings.checkpoint_server,
        )
        streamer = Streamer(installation)
        sender = Sender(installation, settings.outgoing(templates_dir=settings.templates_dir))
        go_on = Round(name="imports", every=1, act=lambda: import_lists.go_on(installation))
        imports = Rounds((go_on,), tick_seconds=1)
        # The sealer ends last: what the others settle is an event.
        threads = (imports, rounds, sender, streamer, sealer)
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            for thread in threads:
                await to_thread.run_sync(thread.stop)
            await to_thread.run_sync(close, installation)

    return lifespan


def _why_not(state: SchemaState) -> str:
    match state:
        case Empty():
            return "There is no database of Twostep's here yet. `twostep serve` makes it."
        case Older(found=found):
            return (
                f"The database has the schema {found} of an earlier Twostep. "
                "Run `twostep database upgrade`, then start again."
            )
        case Newer(found=found):
            return (
                f"The database has the schema {found} of a later Twostep than this one. "
                "Start that one, or restore a backup from before its `twostep database upgrade`."
            )
        case Foreign(tables=tables):
            return (
                f"The database holds tables that are not Twostep's ({', '.join(tables[:3])}…). "
                "Give Twostep a database of its own."
            )
        case Current():
            return "The database has this version's schema already."
        case _:
            assert_never(state)


def configure_logs(settings: Settings) -> None:
    """Send all logs of this process to standard error, one line each."""
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    structlog.configure(
        processors=[*_BEFORE, _renderer(settings)],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.config.dictConfig(log_config(settings))


def log_config(settings: Settings) -> dict[str, Any]:
    """How the standard library's logging says the same in the same form (libraries, the server)."""
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": _BEFORE,
        "processors": [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _renderer(settings),
        ],
    }
    handler = {
        "class": "logging.StreamHandler",
        "formatter": "one_line",
        "stream": "ext://sys.stderr",
    }
    level = settings.log_level.upper()
    same = {"level": level, "handlers": [], "propagate": True}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"one_line": formatter},
        "handlers": {"stderr": handler},
        "root": {"level": level, "handlers": ["stderr"]},
        "loggers": {"_granian": same, "granian.access": same},
    }


_BEFORE: tuple[Any, ...] = (
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    # Without local variables: a frame of ours may hold a password.
    structlog.processors.format_exc_info,
)


def _renderer(settings: Settings) -> Any:
    on_terminal = sys.stderr.isatty()
    if (settings.log_format or ("console" if on_terminal else "json")) == "json":
        return structlog.processors.JSONRenderer()
    return structlog.dev.ConsoleRenderer(
        colors=on_terminal, exception_formatter=structlog.dev.plain_traceback
    )
