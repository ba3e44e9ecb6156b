"""The table of docs/operate/throttling.md, made from the limits that the code uses.

``python -m tests.helpers.throttling_table`` writes it into the document; a test compares the two
(ASVS 6.1.1), so that nobody reads numbers that no longer hold.
"""

from __future__ import annotations

from pathlib import Path

from twostep.core.lockouts import DAY, HOUR, LIMITS, MINUTE, SECOND, Limits, Schedule
from twostep.core.networks import NetworkSchedule

DOCUMENT = Path(__file__).parents[2] / "docs" / "operate" / "throttling.md"
BEGIN = "<!-- written by tests/helpers/throttling_table.py from src/twostep/core/lockouts.py -->\n"
END = "<!-- end of the written part -->\n"


def duration(milliseconds: int) -> str:
    """A length of time in its largest whole unit."""
    for unit, name in ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute"), (SECOND, "second")):
        if milliseconds % unit == 0 and milliseconds // unit != 1:
            return f"{milliseconds // unit} {name}s"
        if milliseconds == unit:
            return f"1 {name}"
    raise ValueError(f"{milliseconds} ms is no whole number of seconds")


def render(limits: Limits) -> str:
    """The whole table in Markdown."""
    lines = ["| What is counted | How often | What follows |", "|---|---|---|"]
    lines += _rows("Wrong passwords of a user", limits.password)
    lines += _rows("Wrong codes of a user, all kinds but those below", limits.second_step)
    lines += _rows("Wrong recovery codes of a user", limits.recovery_code)
    lines += _rows("Wrong help-desk codes of a user", limits.help_desk_code)
    lines += _network_rows("Failures from one network", limits.network)
    return "\n".join(lines) + "\n"


def _rows(counter: str, schedule: Schedule) -> list[str]:
    memory = duration(schedule.memory)
    cells = []
    if schedule.delays:
        cells.append((f"failures 1 to {schedule.delays[0].failures - 1} in {memory}", "nothing"))
    for delay in schedule.delays:
        later = " and later" if delay is schedule.delays[-1] else ""
        pause = f"pause of {duration(delay.pause)}"
        cells.append((f"failure {delay.failures}{later} in {memory}", pause))
    for budget in schedule.budgets:
        window = duration(budget.window)
        pause = f"pause until the first of them is {window} old"
        cells.append((f"{budget.most} failures in {window}", pause))
    stop = "stopped until an administrator unlocks it"
    cells.append((f"{schedule.hard_stop} failures in a row", stop))
    counters = [counter, *("" for _ in cells[1:])]
    return [
        f"| {counted} | {often} | {then} |".replace("|  |", "| |")
        for counted, (often, then) in zip(counters, cells, strict=True)
    ]


def _network_rows(counter: str, network: NetworkSchedule) -> list[str]:
    window, pause = duration(network.window), duration(network.first_pause)
    blocks = f"{counter} (/32 and /24 of IPv4, /64 and /48 of IPv6)"
    longest, retry = duration(network.longest_pause), duration(network.retry_after)
    return [
        f"| {blocks} | {network.slow_from} failures in {window} | pause of {pause} after each |",
        f"| | at every further {network.slow_from} | the pause doubles, up to {longest} |",
        f"| | {network.refuse_from:,} failures in {window} | 429 with Retry-After {retry} |",
    ]


def with_table(document: str, table: str) -> str:
    """The document with that table between its two marks. Raises ValueError without them."""
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError("the document has lost the marks of its written part")
    return before + begin + table + end + after


if __name__ == "__main__":
    DOCUMENT.write_text(with_table(DOCUMENT.read_text(), render(LIMITS)))
