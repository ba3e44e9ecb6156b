"""``python -m tests.helpers.moved_twostep …`` is ``twostep …`` with a clock that tests can move.

``twostep`` itself ends where the variable is set. So this takes it out of the environment before
the program sees it, and hands the clock over as an argument: the program's own way in is the same.
"""

import os
from pathlib import Path

from twostep.cli.main import run
from twostep.clock import OFFSET_VARIABLE, offset_clock

if __name__ == "__main__":
    run(clock=offset_clock(Path(os.environ.pop(OFFSET_VARIABLE))))
