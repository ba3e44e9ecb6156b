"""The page of a person's addresses in its situations, as ``sample_pages`` has the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from twostep.i18n.contact_notices import ContactNotice
from twostep.i18n.notices import said
from twostep.pages.contact_views import (
    ContactField,
    Contacts,
    ContactsLine,
    GatewayLine,
    Typed,
)
from twostep.web.rendering import FieldError

TODAY = 1_775_989_860_000
"""12 April 2026, 10:31 UTC, as in the other samples."""
DAY = 86_400_000

FI = GatewayLine(key="google_fi", carrier="Google Fi", standing="working")
VERIZON = GatewayLine(key="verizon", carrier="Verizon", standing="dying", ends_at=TODAY + 353 * DAY)
CRICKET = GatewayLine(key="cricket", carrier="Cricket", standing="dying")
ATT = GatewayLine(key="att", carrier="AT&T", standing="dead", ends_at=TODAY - 300 * DAY)

NO_EMAIL = ContactField(kind="email")
NO_TEXT = ContactField(kind="sms_email")
NO_PHONE = ContactField(kind="phone")
EMAIL = ContactField(
    kind="email", masked="a•••@northside.example", confirmed=True, changed_at=TODAY - 100 * DAY
)
ENTERED = ContactField(kind="email", masked="a•••@northside.example", changed_at=TODAY - 9 * DAY)
CHANGING = ContactField(
    kind="email",
    masked="a•••@northside.example",
    confirmed=True,
    changed_at=TODAY - 100 * DAY,
    waiting="ann•••@a-rather-long-name.of-a-host.elsewhere.example",
    code_until=TODAY + 25 * 60_000,
)
DYING_TEXT = ContactField(
    kind="sms_email",
    masked="•••• 68@vtext.com",
    confirmed=True,
    changed_at=TODAY - 100 * DAY,
    gateway=VERIZON,
    waiting="•••• 68@sms.cricketwireless.net",
    waiting_gateway=CRICKET,
)
DEAD_TEXT = ContactField(
    kind="sms_email", masked="•••• 68@txt.att.net", changed_at=TODAY - 900 * DAY, gateway=ATT
)
PHONE = ContactField(kind="phone", masked="•••• 68", changed_at=TODAY - DAY)
PHONE_WAITS = ContactField(kind="phone", waiting="•••• 68", code_until=TODAY + 25 * 60_000)


def _page(
    email: ContactField = NO_EMAIL,
    sms_email: ContactField = NO_TEXT,
    phone: ContactField = NO_PHONE,
    *errors: FieldError,
    typed: Typed | None = None,
    may_change: bool = True,
    takes_numbers: bool = False,
) -> Contacts:
    return Contacts(
        csrf="a-token",
        email=email,
        sms_email=sms_email,
        phone=phone,
        carriers=(FI, VERIZON, CRICKET),
        may_change=may_change,
        takes_numbers=takes_numbers,
        typed=typed or Typed(),
        errors=errors,
    )


def _error(field: str, notice: ContactNotice, **data: int | str) -> FieldError:
    return FieldError(field=field, said=said(notice, **data))


CONTACT_VIEWS: Mapping[str, Contacts] = {
    "contacts-none": _page(),
    "contacts-to-be-proven": _page(EMAIL, DYING_TEXT, may_change=False),
    "contacts-some": _page(EMAIL),
    "contacts-entered": _page(ENTERED, DEAD_TEXT, PHONE),
    "contacts-waiting": _page(CHANGING, DYING_TEXT),
    "contacts-first-waits": _page(NO_EMAIL, NO_TEXT, PHONE_WAITS, may_change=False),
    "contacts-wrong-address": _page(
        NO_EMAIL,
        NO_TEXT,
        NO_PHONE,
        _error("email", ContactNotice.NOT_AN_ADDRESS),
        typed=Typed(email="ann@a.example, bo@a.example"),
    ),
    "contacts-dead-gateway": _page(
        EMAIL,
        NO_TEXT,
        NO_PHONE,
        _error("sms_email", ContactNotice.DEAD_GATEWAY, carrier="AT&T"),
        typed=Typed(sms_email="2125552368@txt.att.net"),
    ),
    "contacts-no-carrier": _page(
        EMAIL,
        NO_TEXT,
        NO_PHONE,
        _error("carrier", ContactNotice.NO_CARRIER),
        typed=Typed(number="(212) 555-2368", carrier="nobody"),
    ),
    "contacts-number": _page(EMAIL, takes_numbers=True),
    "contacts-number-waits": _page(EMAIL, NO_TEXT, PHONE_WAITS, takes_numbers=True),
    "contacts-number-costs-more": _page(
        EMAIL,
        NO_TEXT,
        PHONE,
        _error("phone", ContactNotice.NOT_A_MOBILE),
        typed=Typed(phone="+1 900 555 2368"),
        takes_numbers=True,
    ),
    "contacts-number-of-another-country": _page(
        EMAIL,
        NO_TEXT,
        NO_PHONE,
        _error("phone", ContactNotice.COUNTRY_NOT_ALLOWED),
        typed=Typed(phone="+33 6 12 34 56 78"),
        takes_numbers=True,
    ),
    "contacts-no-texts-here": _page(
        EMAIL, NO_TEXT, NO_PHONE, _error("", ContactNotice.NO_TEXTS_HERE)
    ),
    "contacts-not-used-for-long": _page(
        replace(EMAIL, asked_again=True),
        DYING_TEXT,
        replace(PHONE, confirmed=True, asked_again=True),
        takes_numbers=True,
    ),
    "contacts-too-soon": _page(
        CHANGING, NO_TEXT, NO_PHONE, _error("", ContactNotice.TOO_SOON, until=TODAY + 60_000)
    ),
    "contacts-wrong-code": _page(
        CHANGING, NO_TEXT, NO_PHONE, _error("email_code", ContactNotice.CODE_WRONG, tries=3)
    ),
}

CONTACT_LINES: Mapping[str, ContactsLine] = {
    "both": ContactsLine(email="a•••@northside.example", text="•••• 68@vtext.com"),
    "text": ContactsLine(text="•••• 68", unconfirmed=True),
    "waits": ContactsLine(email="a•••@northside.example", waits=True),
}
