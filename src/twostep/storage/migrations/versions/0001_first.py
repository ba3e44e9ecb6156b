"""The first version: everything that later ones would otherwise have to tear out again."""

from twostep.storage.migrations.first.accounts import make_accounts
from twostep.storage.migrations.first.records import make_records

revision = "0001_first"
down_revision = None


def upgrade() -> None:
    make_accounts()
    make_records()
