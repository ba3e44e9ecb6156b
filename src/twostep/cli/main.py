"""``twostep``: the program."""

from __future__ import annotations

import os
import sys

from twostep.clock import Clock, MovedClock, refuse_moved_clock, system_clock

INTERRUPTED = 130
"""As shells have it: 128 and the number of SIGINT."""


def run(*, clock: Clock = system_clock) -> None:
    """Run the program with the arguments of this process, and end it with its exit status."""
    try:
        refuse_moved_clock(os.environ)
        _run(clock)
    except MovedClock as error:
        print(f"twostep: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def _run(clock: Clock) -> None:
    # Most of a second of imports, so they are inside of what may be interrupted.
    from twostep.cli.commands import app  # noqa: PLC0415
    from twostep.cli.mistakes import explain  # noqa: PLC0415
    from twostep.cli.opening import Operator  # noqa: PLC0415

    try:
        app(obj=Operator(clock=clock))
    except Exception as error:
        mistake = explain(error)
        if mistake is None:
            raise
        for line in str(mistake).splitlines():
            print(f"twostep: {line}", file=sys.stderr)
        sys.exit(mistake.status)


if __name__ == "__main__":
    run()
