"""The import contracts of pyproject.toml are kept, and turn red on an import the wrong way."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.source import PACKAGE, ROOT

WRONG_WAYS = [
    # where, the line added there, the contract, what import-linter then says
    ("core/users.py", "import twostep.storage.users", "layers", "core is not allowed to import"),
    ("core/users.py", "import secrets", "pure-core", "core is not allowed to import secrets"),
    ("i18n/messages.py", "import twostep.flows", "layers", "i18n is not allowed to import"),
    ("storage/users.py", "import twostep.crypto.tokens", "layers", "storage is not allowed"),
    ("flows/sign_in.py", "import twostep.web", "layers", "flows is not allowed to import"),
    ("pages/sign_in.py", "import twostep.settings", "layers", "pages is not allowed to import"),
    ("surprise.py", "", "layers", "surprise"),
    ("flows/sign_in.py", "import sqlalchemy", "only-storage-knows-sql", "twostep.flows.sign_in"),
    ("web/cookies.py", "import sqlite3", "only-storage-knows-sql", "twostep.web.cookies"),
    ("web/cookies.py", "import fastapi", "only-api-knows-fastapi", "twostep.web.cookies"),
    ("flows/sign_in.py", "import smtplib", "only-delivery-sends", "twostep.flows.sign_in"),
    ("flows/sending.py", "import aiosmtplib", "only-delivery-sends", "twostep.flows.sending"),
    ("flows/sending.py", "import apprise", "only-delivery-sends", "twostep.flows.sending"),
    ("flows/sending.py", "import socket", "only-delivery-connects", "twostep.flows.sending"),
    ("delivery/mail.py", "import twostep.storage", "layers", "delivery is not allowed to import"),
    ("web/cookies.py", "import twostep.settings", "only-app-and-cli-read-settings", "web.cookies"),
    ("pages/sign_in.py", "import twostep.storage", "pages-go-through-flows", "pages.sign_in"),
]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The source tree and its contracts in another place, where a test may spoil it."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(PACKAGE, tmp_path / "src" / "twostep", ignore=ignored)
    return tmp_path


def broken_contracts(tree: Path, *contracts: str) -> str:
    """What import-linter says is broken in that tree; empty where all contracts are kept."""
    result = subprocess.run(
        [
            Path(sys.executable).parent / "lint-imports",
            "--no-logo",
            "--no-cache",
            *(part for contract in contracts for part in ("--contract", contract)),
        ],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree / "src"), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    return result.stdout + result.stderr if result.returncode else ""


def test_the_tree_keeps_every_contract(copy: Path) -> None:
    assert broken_contracts(copy) == ""


@pytest.mark.parametrize(("where", "line", "contract", "complaint"), WRONG_WAYS)
def test_an_import_the_wrong_way_breaks_its_contract(
    copy: Path, where: str, line: str, contract: str, complaint: str
) -> None:
    with (copy / "src" / "twostep" / where).open("a", encoding="utf-8") as module:
        module.write(f"\n{line}\n")
    assert complaint in broken_contracts(copy, contract)
