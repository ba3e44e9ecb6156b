"""Time is an argument: one module reads the clock, and no SQL asks the database for the time.

A rule that reads a clock by itself cannot be tried at another time, and two rules of one request
would see two times. A monotonic clock, which tells no time but how long something took, is allowed
where a thread waits for its turn.
"""

import re

from tests.house.source import Module, mentions, migrations, module, modules, strings

CLOCKS = re.compile(
    r"""time\.(time|time_ns|localtime|gmtime|ctime|strftime|clock_gettime(_ns)?)
      | datetime\.(datetime|date)\.(now|utcnow|today)
      | (?P<waiting> time\.(monotonic|perf_counter|process_time|thread_time)(_ns)?)""",
    re.VERBOSE,
)
WAITS = {"twostep.crypto.passwords", "twostep.storage.sqlite_writer"}

TIME_IN_SQL = re.compile(
    r"\bnow\s*\(|current_time(stamp)?\b|current_date\b|localtime(stamp)?\b"
    r"|(clock|statement|transaction)_timestamp|julianday|unixepoch|strftime\s*\(|\bgetdate\s*\(",
    re.IGNORECASE,
)
SQL_FUNCTION = re.compile(r"sqlalchemy\.(?:sql\.)?func\.(\w+)")
ASKS_FOR_THE_SKEW = "clock_timestamp"


def clocks_read(of: Module) -> list[str]:
    if of.name == "twostep.clock":
        return []
    found = []
    for node, name in mentions(of):
        clock = CLOCKS.fullmatch(name)
        if clock and not (clock["waiting"] and of.name in WAITS):
            found.append(f"{of.line_of(node)} {name}")
    return found


def times_in_sql(of: Module) -> list[str]:
    texts = [(node, str(node.value)) for node in strings(of)] if of.layer == "storage" else []
    # Text alone would miss func.now(), and a mention alone would miss text("... now()").
    named = [
        (node, f"{called[1]}()")
        for node, name in mentions(of)
        if (called := SQL_FUNCTION.fullmatch(name))
    ]
    return [
        f"{of.line_of(node)} {text}"
        for node, text in [*texts, *named]
        if TIME_IN_SQL.search(text) and not asks_for_the_skew(of, text)
    ]


def asks_for_the_skew(of: Module, text: str) -> bool:
    """The one question: is this node's clock within ten seconds of the database's?"""
    return of.layer == "storage" and ASKS_FOR_THE_SKEW in text


def test_only_the_clock_module_reads_the_clock() -> None:
    for text in (
        "import time\nx = time.time()",
        "from time import time_ns as t\nx = t()",
        "import datetime as d\nx = d.datetime.now(d.UTC)",
        "from datetime import datetime\nx = datetime.utcnow()",
        "from datetime import date\nf(key=date.today)",
        "import time\nx = time.monotonic()",
    ):
        assert clocks_read(module("twostep.flows.sample", text)), text
    assert not clocks_read(module("twostep.flows.sample", "def f(now: int):\n    return now"))
    assert not clocks_read(module("twostep.clock", "import time\nx = time.time_ns()"))
    assert [line for of in modules() for line in clocks_read(of)] == []


def test_no_sql_asks_the_database_for_the_time() -> None:
    for text in (
        "from sqlalchemy import func\nx = func.now()",
        "import sqlalchemy\nx = sqlalchemy.func.current_timestamp()",
        "x = text('UPDATE sessions SET ended_at = now()')",
        "x = Column('made_at', server_default='CURRENT_TIMESTAMP')",
        "x = text(\"DELETE FROM links WHERE until < unixepoch('subsec')\")",
    ):
        assert times_in_sql(module("twostep.storage.sample", text)), text
    assert not times_in_sql(module("twostep.storage.sample", '"""No SQL here calls now()."""'))
    assert [line for of in (*modules(), *migrations()) for line in times_in_sql(of)] == []


def test_the_clock_of_the_database_is_asked_in_one_place_at_most() -> None:
    asking = {
        of.name
        for of in modules()
        if any(ASKS_FOR_THE_SKEW in str(node.value) for node in strings(of))
        or any(name.endswith(f".{ASKS_FOR_THE_SKEW}") for _, name in mentions(of))
    }
    assert len(asking) <= 1
