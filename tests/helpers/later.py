"""A later Twostep: this one's files and one version of the schema more, run as a program of its
own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import twostep
from tests.helpers.clocks import START
from twostep.storage.schema import NEWEST

LATER = "0002_later"

MIGRATION = f'''
"""What a later Twostep brings."""

from alembic import op
from sqlalchemy import Column, Integer, Text

revision = "{LATER}"
down_revision = "{NEWEST}"


def upgrade() -> None:
    op.add_column("environments", Column("note", Text, nullable=True))
    with op.batch_alter_table("users") as users:
        users.alter_column("name", existing_type=Text(), nullable=True)
    op.create_table("later", Column("id", Integer, primary_key=True))
'''

_PROGRAM = (
    "import sys; from twostep.flows.backups import upgrade_database;"
    " print(upgrade_database(sys.argv[1], clock=lambda: int(sys.argv[2])))"
)


class LaterTwostep:
    """Lives in the folder ``home``, which it makes."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._package = home / "twostep"
        shutil.copytree(
            Path(twostep.__file__).parent,
            self._package,
            ignore=shutil.ignore_patterns("__pycache__"),
        )
        schema = self._package / "storage/schema.py"
        ours, theirs = f'VERSIONS = ("{NEWEST}",)', f'VERSIONS = ("{NEWEST}", "{LATER}")'
        assert ours in schema.read_text()
        schema.write_text(schema.read_text().replace(ours, theirs))

    def upgrade(
        self, url: str, *, now: int = START, migration: str = MIGRATION
    ) -> subprocess.CompletedProcess[str]:
        """``upgrade_database`` at that time, with that text for its new version."""
        versions = self._package / "storage/migrations/versions"
        (versions / f"{LATER}.py").write_text(migration)
        return subprocess.run(
            [sys.executable, "-c", _PROGRAM, url, str(now)],
            env={**os.environ, "PYTHONPATH": str(self._home), "PYTHONDONTWRITEBYTECODE": "1"},
            cwd=self._home,
            capture_output=True,
            text=True,
            check=False,
        )
