"""A user of an export, as this installation stores one: sealed with its keys, found by its index,
and remembered by no device.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from twostep.core.address_readiness import Known, standing_of
from twostep.core.contacts import Contact, ContactKind, EnteredBy, route_to
from twostep.core.environment_lines import PROFILE
from twostep.core.search_terms import terms_of
from twostep.core.users import SecondStep, name_key
from twostep.crypto.boxes import Context, Sealed, seal_with
from twostep.crypto.secret import KeyVersion, Secret
from twostep.delivery.carriers import gateway_of
from twostep.flows import messages
from twostep.flows.installation import Installation

Rows = dict[str, list[dict[str, Any]]]

_TOKEN_BYTES: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealing:
    """With what the users of one environment are sealed. ``trusted``: the file was sealed with a
    passphrase, so nobody can have marked an address as confirmed since it was written.
    """

    installation: Installation
    environment_id: bytes
    key: KeyVersion
    trusted: bool

    def rows_of(self, user: Mapping[str, Any]) -> Rows:
        """The user's rows, by the names of their tables."""
        of = {"environment_id": self.environment_id, "user_id": user["id"]}
        contacts = [self._contact(of, address) for address in user["addresses"]]
        standing = standing_of([_known(contact) for contact in contacts])
        key = name_key(user["name"])
        profile = {name: user[name] for name in PROFILE} | {
            "environment_id": self.environment_id,
            "name_key": key,
            "second_step": _second_step(user).value,
            "email_reach": standing.email.value,
            "text_reach": standing.text.value,
            "gateway": standing.gateway,
        }
        terms = terms_of(user["name"], user["full_name"])
        return {
            "users": [profile],
            "passwords": [self._password(of, user["password"])] if user["password"] else [],
            "authenticators": (
                [self._authenticator(of, user["authenticator"])] if user["authenticator"] else []
            ),
            "contacts": contacts,
            "devices": [_device(of, user, device) for device in user["devices"]],
            "grants": [of | grant for grant in user["grants"]],
            "search_terms": [of | {"term": term, "name_key": key} for term in terms],
        }

    def _password(self, of: Mapping[str, bytes], password: Mapping[str, Any]) -> dict[str, Any]:
        context = Context.of_password(**of, changed_at=password["changed_at"])
        box = self._sealed(password["hash"].encode(), context)
        return _with_box({**of, "changed_at": password["changed_at"]}, box)

    def _authenticator(self, of: Mapping[str, bytes], app: Mapping[str, Any]) -> dict[str, Any]:
        box = self._sealed(app["key"], Context.of_authenticator(**of, authenticator_id=app["id"]))
        names = ("algorithm", "digits", "period_seconds", "last_step", "made_at", "confirmed_at")
        columns = {**of, "id": app["id"], "state": "active", **{name: app[name] for name in names}}
        return _with_box(columns, box)

    def _contact(self, of: Mapping[str, bytes], address: Mapping[str, Any]) -> dict[str, Any]:
        """Counts, as it did; confirmed only where nobody can have written that into the file."""
        kind, text = ContactKind(address["kind"]), address["address"]
        confirmed_at = address["confirmed_at"] if self.trusted else None
        by = EnteredBy(address["entered_by"]) if confirmed_at else EnteredBy.ADMINISTRATOR
        box = self._sealed(text.encode(), Context.of_contact(**of, contact_id=address["id"]))
        columns = {
            **of,
            "id": address["id"],
            "kind": kind.value,
            "state": "counting",
            "entered_by": by.value,
            "masked": messages.masked(route_to(kind), text),
            "address_hash": messages.address_hash(self.installation, text),
            "gateway": gateway_of(text) if kind is ContactKind.SMS_EMAIL else None,
            "language": address["language"],
            "country": address["country"],
            "changed_at": address["changed_at"],
            "confirmed_at": confirmed_at,
            "code_tries": 0,
        }
        return _with_box(columns, box)

    def _sealed(self, content: bytes, context: Context) -> Sealed:
        return seal_with(self.key, Secret(content), context=context)


def _with_box(columns: dict[str, Any], box: Sealed) -> dict[str, Any]:
    return columns | {"sealed": box.blob, "key_version": box.key_version}


def _known(contact: Mapping[str, Any]) -> Known:
    return Known(
        contact=Contact(
            id=contact["id"],
            user_id=contact["user_id"],
            kind=ContactKind(contact["kind"]),
            entered_by=EnteredBy(contact["entered_by"]),
            confirmed_at=contact["confirmed_at"],
            changed_at=contact["changed_at"],
            country=contact["country"] or "",
        ),
        gateway=contact["gateway"],
        failed=None,
    )


def _second_step(user: Mapping[str, Any]) -> SecondStep:
    app, codes = user["authenticator"] is not None, user["codes_wanted_at"] is not None
    if app:
        return SecondStep.APP_AND_CODES if codes else SecondStep.APP
    return SecondStep.CODES if codes else SecondStep.NONE


def _device(
    of: Mapping[str, bytes], user: Mapping[str, Any], device: Mapping[str, Any]
) -> dict[str, Any]:
    """A line in the list of devices that remembers nothing: no browser has its token."""
    return {
        **of,
        **device,
        "token_hash": secrets.token_bytes(_TOKEN_BYTES),
        "installation_generation": 1,
        "password_generation": user["password_generation"],
        "second_step_generation": user["second_step_generation"],
        "remembering_generation": 1,
        "off_generation": 1,
        "earlier_is_good": False,
    }
