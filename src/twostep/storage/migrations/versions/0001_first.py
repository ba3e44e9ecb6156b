"""The first version: everything that later ones would otherwise have to tear out again."""

from twostep.storage.migrations.first.accounts import make_accounts
from twostep.storage.migrations.first.arrivals import make_arrivals
from twostep.storage.migrations.first.audit_streams import make_audit_streams
from twostep.storage.migrations.first.caller_checks import make_caller_checks
from twostep.storage.migrations.first.contacts import make_contacts
from twostep.storage.migrations.first.delivery import make_delivery
from twostep.storage.migrations.first.event_counts import make_event_counts
from twostep.storage.migrations.first.messages import make_messages
from twostep.storage.migrations.first.notices import make_notices
from twostep.storage.migrations.first.records import make_records
from twostep.storage.migrations.first.sent_codes import make_sent_codes

revision = "0001_first"
down_revision = None


def upgrade() -> None:
    make_accounts()
    make_records()
    make_event_counts()
    make_audit_streams()
    make_messages()
    make_contacts()
    make_sent_codes()
    make_caller_checks()
    make_delivery()
    make_notices()
    make_arrivals()
