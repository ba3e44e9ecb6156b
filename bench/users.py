"""User Management's list with more and more users: does a page stay as quick?

Each figure is the median of one page as the flow makes it: found, sorted, with the recovery codes
that are left, and with the counters of whoever is noted as locked; without HTML. The first page, a
page deep in the list, a search for one word and for two, each kind of filter, and several of them
together.

Usage: python -m bench.users [--sizes N …] [--engines sqlite postgresql] [--rounds N]
                             [--picture FILE]

SQLite in a throw-away folder, and a PostgreSQL server of its own. Rows are written in bulk, as a
restored backup would; so what is measured is reading, not how they came there.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from bench.growth import Curve, draw
from tests.helpers.clocks import HandClock
from tests.helpers.house import make_installation_in
from tests.helpers.many_users import HERE, NOW, add_environment, add_users, id_of
from tests.helpers.postgres import Cluster
from twostep.core.lockouts import DAY
from twostep.core.user_filters import UserState, Wanted
from twostep.core.users import SecondStep
from twostep.flows import user_lists
from twostep.flows.installation import Installation
from twostep.storage.database import Database, open_database
from twostep.storage.upgrades import create_schema
from twostep.storage.user_lists import Place

SIZES: Final = (1_000, 100_000, 1_000_000)

APP = frozenset({SecondStep.APP})

QUESTIONS: Final[dict[str, tuple[Wanted, Place | None]]] = {
    "first page": (Wanted(), None),
    # Number 22 is called Vera: behind nine in ten.
    "page deep in the list": (Wanted(), Place(user_id=id_of(21))),
    "search: lee": (Wanted(words=("lee",)), None),
    "search: ann lee": (Wanted(words=("ann", "lee")), None),
    "filter: app": (Wanted(second_steps=APP), None),
    "filter: app and codes (rare)": (
        Wanted(second_steps=frozenset({SecondStep.APP_AND_CODES})),
        None,
    ),
    "filter: disabled": (Wanted(state=UserState.DISABLED), None),
    "filter: locked": (Wanted(state=UserState.LOCKED), None),
    "filter: 90 days away": (Wanted(signed_in_before=NOW - 90 * DAY), None),
    "filter: never signed in": (Wanted(never_signed_in=True), None),
    "disabled, with an app, search: s": (
        Wanted(words=("s",), state=UserState.DISABLED, second_steps=APP),
        None,
    ),
    "two that nobody fits both of": (
        Wanted(never_signed_in=True, signed_in_from=NOW - 400 * DAY),
        None,
    ),
}
"""What is asked, and from which place on. The last one is the worst that there is: it looks at as
many users as one page may."""

DRAWN: Final = ("first page", "page deep in the list", "search: lee", "filter: app")


Figures = dict[str, dict[int, tuple[float, float]]]


@contextmanager
def opened(engine: str) -> Iterator[tuple[Database, Path]]:
    """An empty database of that kind, and a folder."""
    with tempfile.TemporaryDirectory() as folder:
        if engine == "sqlite":
            url, end = f"sqlite:///{Path(folder) / 'users.db'}", None
            create_schema(url)
        else:
            cluster = Cluster()
            cluster.start()
            url, end = cluster.create_database(), cluster
        database = open_database(url)
        try:
            yield database, Path(folder)
        finally:
            database.close()
            if end is not None:
                end.remove()


def median_of(act: Callable[[], object], rounds: int) -> tuple[float, float]:
    """The median and the least, in milliseconds, after one that warms up."""
    act()
    times = []
    for _ in range(rounds):
        begun = time.perf_counter()
        act()
        times.append((time.perf_counter() - begun) * 1000)
    return statistics.median(times), min(times)


def measure(
    installation: Installation, sizes: list[int], rounds: int
) -> Iterator[tuple[int, str, tuple[float, float]]]:
    """The database grows from size to size, and answers everything at each."""
    database, there = installation.database, 0
    for size in sizes:
        begun = time.perf_counter()
        add_users(database, size - there, start=there)
        if database.kind == "postgresql":
            # As its own housekeeping does in the minutes after so many rows.
            database.write(lambda c: c.exec_driver_sql("ANALYZE users, search_terms").close())
        there = size
        print(f"  {size:>9,} users, written in {time.perf_counter() - begun:.0f} s", flush=True)
        for name, (wanted, place) in QUESTIONS.items():

            def page(wanted: Wanted = wanted, place: Place | None = place) -> object:
                return user_lists.page(installation, HERE, wanted, place=place)

            yield size, name, median_of(page, rounds)


def of_engine(engine: str, sizes: list[int], rounds: int) -> Figures:
    """By question and size, the milliseconds of a page: the median, and the least."""
    found: Figures = {}
    print(engine, flush=True)
    with opened(engine) as (database, folder):
        installation = make_installation_in(database, folder, clock=HandClock())
        add_environment(database, HERE)
        try:
            for size, name, took in measure(installation, sizes, rounds):
                found.setdefault(name, {})[size] = took
        finally:
            installation.hashing.close()
    return found


def tell(engine: str, found: Figures, sizes: list[int]) -> None:
    """As a table of Markdown."""
    heads = [f"{size:,}" for size in sizes]
    growth = f"{heads[-1]} / {heads[0]}, by the least"
    print(f"\n| {engine}, ms a page: median (least) | {' | '.join(heads)} | {growth} |")
    print(f"|---{'|---' * (len(sizes) + 1)}|")
    for name, by_size in found.items():
        cells = [f"{by_size[size][0]:.1f} ({by_size[size][1]:.1f})" for size in sizes]
        times = by_size[sizes[-1]][1] / by_size[sizes[0]][1]
        print(f"| {name} | {' | '.join(cells)} | {times:.1f} × |")


def main() -> None:
    """Measure, print, and draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--engines", nargs="+", default=["sqlite", "postgresql"])
    parser.add_argument("--rounds", type=int, default=21)
    parser.add_argument("--picture", type=Path, default=Path("bench/pictures/users.svg"))
    options = parser.parse_args()
    sizes = sorted(options.sizes)
    by_engine = {each: of_engine(each, sizes, options.rounds) for each in options.engines}
    for engine, found in by_engine.items():
        tell(engine, found, sizes)
    panels = {
        engine: [
            Curve(name=name, points={size: least for size, (_, least) in found[name].items()})
            for name in DRAWN
        ]
        for engine, found in by_engine.items()
    }
    options.picture.parent.mkdir(parents=True, exist_ok=True)
    # The least of many rounds: what the work takes, whatever else the machine did meanwhile.
    title = "One page of the list of users, milliseconds (least of many)"
    options.picture.write_text(draw(title, panels, along="users"), encoding="utf-8")
    print(f"\nDrawn: {options.picture}")


if __name__ == "__main__":
    main()
