"""From a profile to what pages say of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from twostep.core.contacts import ContactKind, ContactState
from twostep.delivery.carriers import Carrier, Standing
from twostep.flows.contact_reading import BEGINNING, choices, day_of
from twostep.flows.contacts import Field, Shown
from twostep.pages.contact_views import ContactField, ContactsLine, GatewayLine


def contacts_line(fields: Mapping[ContactKind, Field]) -> ContactsLine:
    """What **Security Settings** says of them."""
    used = {kind: field.counts for kind, field in fields.items() if field.counts is not None}
    email, sms_email, phone = (
        used[kind].masked if kind in used else ""
        for kind in (ContactKind.EMAIL, ContactKind.SMS_EMAIL, ContactKind.PHONE)
    )
    return ContactsLine(
        email=email,
        text=phone or sms_email,
        unconfirmed=any(shown.state is ContactState.UNCONFIRMED for shown in used.values()),
        waits=any(field.waits is not None for field in fields.values()),
    )


def field_of(kind: ContactKind, fields: Mapping[ContactKind, Field]) -> ContactField:
    """One field of the page."""
    counts, waits = fields[kind].counts, fields[kind].waits
    return ContactField(
        kind=kind.value,
        masked=counts.masked if counts else "",
        confirmed=counts is not None and counts.state is ContactState.CONFIRMED,
        changed_at=counts.changed_at if counts else 0,
        gateway=_gateway_of(counts),
        waiting=waits.masked if waits else "",
        waiting_gateway=_gateway_of(waits),
        code_until=waits.code_until if waits else None,
        asked_again=counts is not None and counts.asked_again,
    )


def _gateway_of(shown: Shown | None) -> GatewayLine | None:
    return _gateway(*shown.gateway) if shown and shown.gateway else None


def _gateway(carrier: Carrier, standing: Standing) -> GatewayLine:
    ends_on = carrier.ends_on
    return GatewayLine(
        key=carrier.key,
        carrier=carrier.name,
        standing=standing.value,
        ends_at=None if ends_on is None else (ends_on - BEGINNING) // timedelta(milliseconds=1),
    )


def carrier_lines(now: int) -> tuple[GatewayLine, ...]:
    """The carriers to choose from."""
    return tuple(_gateway(each, each.standing_on(day_of(now))) for each in choices(now))
