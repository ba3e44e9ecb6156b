"""``twostep serve``: the service."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import structlog
import typer

from twostep.app import configure_logs
from twostep.cli.first_start import Ready, make_ready
from twostep.cli.listening import demand_good_listener
from twostep.cli.mistakes import Mistake, Status
from twostep.cli.opening import operator_of, settings_of
from twostep.cli.output import say
from twostep.cli.serving import run_server
from twostep.cli.templates import what_is_wrong
from twostep.flows.links import LASTS_MINUTES
from twostep.settings import Settings

_log = structlog.get_logger("twostep.start")


def serve(
    context: typer.Context,
    address: Annotated[
        str | None,
        typer.Option(help="The first environment's address, for links and cookies."),
    ] = None,
    host: Annotated[str | None, typer.Option(help="The IP address to listen on.")] = None,
    port: Annotated[
        int | None, typer.Option(help="The port to listen on. Without it, the address's own.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(help="Processes that serve; more than one needs PostgreSQL.")
    ] = None,
    database: Annotated[
        str | None, typer.Option(help="A SQLite file, or postgresql://user@host/name.")
    ] = None,
    data_dir: Annotated[
        Path | None, typer.Option(help="The folder of twostep.db and twostep.key.")
    ] = None,
    config: Annotated[Path | None, typer.Option(help="A settings file (TOML).")] = None,
    name: Annotated[
        str | None, typer.Option(help="What the first environment is called, at the first start.")
    ] = None,
) -> None:
    """Serve. In an empty folder this makes a database and a key file, and prints a one-time link
    with which the first administrator begins.
    """
    settings = settings_of(
        context, address=address, host=host, port=port, workers=workers, database=database,
        data_dir=data_dir, config=config,
    )  # fmt: skip
    demand_good_listener(settings)
    _demand_good_templates(settings)
    clock = operator_of(context).clock
    ready = make_ready(settings, clock=clock, name=name)
    configure_logs(settings)
    _tell_where(settings, ready)
    if ready.link is not None:
        _tell_link(ready.environments[0].name, ready.link.reveal())
    run_server(settings, clock=clock)


def _demand_good_templates(settings: Settings) -> None:
    """Each worker would end with a traceback otherwise. Raises Mistake."""
    wrong = None if settings.templates_dir is None else what_is_wrong(settings.templates_dir)
    if wrong is not None:
        raise Mistake(f"The template cannot be used. {wrong}", Status.USAGE)


def _tell_where(settings: Settings, ready: Ready) -> None:
    origins = [origin for environment in ready.environments for origin in environment.origins]
    _log.info("serving", addresses=[str(origin) for origin in origins[:10]])
    if settings.address is not None and settings.origin not in origins:
        # Whoever follows that address would be told that nobody is at home there.
        _log.warning("address_of_no_environment", address=str(settings.origin))
    here = [origin for origin in origins if origin.on_loopback]
    if len(here) == len(origins) and all(origin.port != settings.listen_port for origin in here):
        _log.warning("port_of_no_environment", port=settings.listen_port)


def _tell_link(environment: str, link: str) -> None:
    say(
        f"\n{environment} has no user yet. Open this link within {LASTS_MINUTES} minutes to become "
        f"its first administrator:\n\n    {link}\n\n"
        "It works once. Until there is a user, every start prints a new one.\n"
    )
