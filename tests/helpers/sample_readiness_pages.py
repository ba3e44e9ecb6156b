"""The page of who can be reached, in its situations, as ``sample_pages`` has the others."""

from __future__ import annotations

from datetime import date

from tests.helpers.sample_admin_pages import COUNTS
from twostep.admin.address_readiness_views import AddressReadiness, Asked
from twostep.core.address_readiness import Gap, SentBy
from twostep.core.contacts import ContactKind, ContactState
from twostep.flows.address_readiness import Address, Count, Line
from twostep.web.rendering import View

EMAIL, SMS, PHONE = ContactKind.EMAIL, ContactKind.SMS_EMAIL, ContactKind.PHONE


def _address(kind: ContactKind, state: ContactState, masked: str) -> Address:
    return Address(kind=kind, state=state, masked=masked)


LINES = (
    Line(
        user_id=bytes(16),
        name="ann.lee",
        app=True,
        recovery_codes=8,
        addresses=(),
        gaps=(Gap.NO_ADDRESS,),
    ),
    Line(
        user_id=b"b" * 16,
        name="a-user-name-of-many-characters.without.a.blank@northside-housing.example",
        app=False,
        recovery_codes=0,
        addresses=(
            _address(SMS, ContactState.UNCONFIRMED, "•••• 68@sms.cricketwireless.net"),
            _address(EMAIL, ContactState.WAITING, "b•••@a-rather-long-name.of-a-host.example"),
        ),
        gaps=(Gap.FAILED, Gap.DYING_GATEWAY, Gap.UNCONFIRMED),
        carrier="Cricket",
    ),
    Line(
        user_id=b"c" * 16,
        name="cy",
        app=True,
        recovery_codes=1,
        addresses=(_address(SMS, ContactState.CONFIRMED, "•••• 68@vtext.com"),),
        gaps=(Gap.DYING_GATEWAY,),
        carrier="Verizon",
        ends_on=date(2027, 3, 31),
    ),
    Line(
        user_id=b"d" * 16,
        name="dee",
        app=False,
        recovery_codes=0,
        addresses=(
            _address(PHONE, ContactState.CONFIRMED, "•••• 68"),
            _address(SMS, ContactState.CONFIRMED, "•••• 68@txt.att.net"),
        ),
        gaps=(Gap.DEAD_GATEWAY,),
        carrier="AT&T",
        ends_on=date(2025, 6, 17),
    ),
    Line(
        user_id=b"e" * 16,
        name="eve",
        app=False,
        recovery_codes=0,
        addresses=(_address(EMAIL, ContactState.WAITING, "e•••@northside.example"),),
        gaps=(Gap.WAITING,),
    ),
)

READINESS_VIEWS: dict[str, View] = {
    "readiness": AddressReadiness(
        csrf="a-token", asked=Asked(way=SentBy.EITHER), counts=COUNTS, lines=LINES
    ),
    "readiness-page": AddressReadiness(
        csrf="a-token",
        asked=Asked(way=SentBy.EMAIL, gap=Gap.DYING_GATEWAY, after="62" * 16),
        counts=COUNTS,
        lines=LINES[1:3],
        next_path=Asked(way=SentBy.EMAIL, gap=Gap.DYING_GATEWAY, after="63" * 16).path(),
    ),
    "readiness-nobody": AddressReadiness(
        csrf="a-token",
        asked=Asked(way=SentBy.TEXT, gap=Gap.FAILED),
        counts={gap: Count(people=0, with_app=0) for gap in Gap},
        lines=(),
    ),
    "readiness-everybody": AddressReadiness(
        csrf="a-token",
        asked=Asked(way=SentBy.EMAIL),
        counts={gap: Count(people=0, with_app=0) for gap in Gap},
        lines=(),
    ),
}
