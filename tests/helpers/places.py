"""Browsers at each place where a page shows a form, ready to send it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tests.helpers.codes_by_mail import allow, confirmed, enter
from tests.helpers.house import (
    OTHER_PASSWORD,
    PASSWORD,
    House,
    Phone,
    enrolled,
    phone_from,
    sign_in,
)
from tests.helpers.http import Answer, Client
from tests.helpers.letters import last_code
from twostep.core.contacts import ContactKind
from twostep.core.environments import Environment
from twostep.core.messages import MessageKind
from twostep.core.users import User
from twostep.flows import users as user_flows
from twostep.flows.contact_entries import set_for_user
from twostep.flows.links import invite_first_administrator
from twostep.storage import users


@dataclass(frozen=True)
class Place:
    """A browser in front of a form: where the form goes, and what a person would type.

    ``done``: how the answer begins when it was taken; most lead on to another page.
    """

    client: Client
    path: str
    fields: Mapping[str, str] = field(default_factory=dict)
    page: str = ""
    done: int = 303

    @property
    def csrf(self) -> str:
        """The token of the form, from a page of its own."""
        answer = self.client.get(self.page or self.path)
        return answer.form(None).fields["csrf"]

    def send(self, headers: Mapping[str, str] | None = None, **changed: str) -> Answer:
        """The form, as a person would send it but for what is changed."""
        fields = {"csrf": self.csrf} | dict(self.fields) | changed
        return self.client.post(self.path, fields, headers)


_NUMBERS = itertools.count()

CONTACTS = "/security/contacts"


def a_name() -> str:
    """A name that no user has yet."""
    return f"user{next(_NUMBERS)}"


def signed_in(
    house: House, name: str | None = None, environment: Environment | None = None
) -> Client:
    """A browser of a new user without an app, signed in."""
    name = name or a_name()
    house.add(name, environment)
    client = house.client(environment)
    assert sign_in(client, name).location == "/"
    return client


def at_password(house: House) -> Place:
    """The first page, with a user's name and password typed in."""
    name = a_name()
    house.add(name)
    client = house.client()
    client.get("/sign-in")
    typed = {"user_name": name, "password": PASSWORD, "going_to": "/security"}
    return Place(client, "/sign-in", typed)


def at_code(house: House) -> Place:
    """The second step, with the right code typed in."""
    name = a_name()
    phone = enrolled(house, name)
    client = house.client()
    assert sign_in(client, name).location == "/sign-in/code"
    return Place(client, "/sign-in/code", {"code": phone.code()})


def at_more_time(house: House) -> Place:
    """The button of the second step that makes the sign-in wait longer."""
    return Place(at_code(house).client, "/sign-in/more-time", page="/sign-in/code")


def at_cancel(house: House) -> Place:
    """The button of the second step that gives the sign-in up."""
    return Place(at_code(house).client, "/sign-in/cancel", page="/sign-in/code")


def at_set_up(house: House) -> Place:
    """Set-up in a sign-in, with the right code typed in."""
    name = a_name()
    house.add(name, house.northside)
    client = house.client(house.northside)
    assert sign_in(client, name).location == "/sign-in/set-up"
    phone = phone_from(client.get("/sign-in/set-up"), house.clock)
    return Place(client, "/sign-in/set-up", {"code": phone.code()})


def at_new_password(house: House) -> Place:
    """A new password in a sign-in, because somebody else seems to know the old one."""
    name = a_name()
    user = house.add(name)
    suspect(house, user)
    client = house.client()
    assert sign_in(client, name).location == "/sign-in/new-password"
    return Place(client, "/sign-in/new-password", {"new_password": OTHER_PASSWORD})


def at_welcome(house: House) -> Place:
    """The first administrator of a new environment."""
    host = a_name()
    environment = house.environment(f"Environment of {host}", host)
    link = invite_first_administrator(house.installation, environment)
    assert link is not None
    client = house.client(environment)
    typed = {"user_name": "boss", "new_password": PASSWORD}
    return Place(client, urlsplit(link.reveal()).path, typed)


def at_sign_out(house: House) -> Place:
    """The button at the top of every page."""
    return Place(signed_in(house), "/sign-out", page="/")


def at_configure(house: House) -> Place:
    """**Configure** on Security Settings."""
    return Place(signed_in(house), "/security/two-step", page="/security")


def at_verify(house: House) -> Place:
    """**Verify and Save** on Security Settings, with the right code typed in."""
    place = at_configure(house)
    client = place.client
    phone = phone_from(client.follow(place.send()), house.clock)
    typed = {"code": phone.code()}
    return Place(client, "/security/two-step/verify", typed, page="/security/two-step")


def at_password_change(house: House) -> Place:
    """The form for a new password on Security Settings."""
    typed = {"current_password": PASSWORD, "new_password": OTHER_PASSWORD}
    return Place(signed_in(house), "/security/password", typed)


def at_sessions(house: House) -> Place:
    """The button that ends all other sessions, of which there is one."""
    name = a_name()
    client = signed_in(house, name)
    sign_in(house.client(), name)
    return Place(client, "/security/sessions/end", {"session": "others"}, page="/security")


def at_new_key(house: House) -> Place:
    """**Generate a New Key**, shortly after a code."""
    return Place(_signed_in_with_code(house)[0], "/security/two-step/new-key", page="/security")


def at_turn_off(house: House) -> Place:
    """**Turn Off**, shortly after a code."""
    return Place(_signed_in_with_code(house)[0], "/security/two-step/turn-off", page="/security")


def at_confirm(house: House) -> Place:
    """A fresh proof, with the right code typed in."""
    client, phone = _signed_in_with_code(house)
    house.clock.forward(6 * 60_000)
    client.get("/")
    typed = {"act": "turn-off", "code": phone.code()}
    return Place(client, "/security/confirm", typed, page="/security")


def at_devices(house: House) -> Place:
    """The button that forgets all other devices, of which there is one."""
    name = a_name()
    client = signed_in(house, name)
    sign_in(house.client(), name)
    return Place(client, "/security/devices/forget", {"device": "others"}, page="/security")


def _signed_in_with_code(house: House, name: str | None = None) -> tuple[Client, Phone]:
    name = name or a_name()
    phone = enrolled(house, name)
    client = house.client()
    assert sign_in(client, name).location == "/sign-in/code"
    page = client.get("/sign-in/code")
    assert client.submit(page, "/sign-in/code", code=phone.code()).location == "/"
    return client, phone


def at_properties(house: House) -> Place:
    """**System Properties**, with another number of days typed in."""
    name = a_name()
    house.add(name, administrator=True)
    client = house.client()
    assert sign_in(client, name).location == "/"
    path = "/admin/properties"
    typed = client.get(path).form(path).fields
    typed["days_to_remember_device"] = str(int(typed["days_to_remember_device"]) + 1)
    del typed["csrf"]
    return Place(client, path, typed)


def at_messages(house: House) -> Place:
    """The form that looks for messages, with a user's name typed in."""
    name = a_name()
    client = _administrator(house, name)
    return Place(client, "/admin/messages", {"who": name})


def at_test_message(house: House) -> Place:
    """**Send test message**, to a user who has an address."""
    name = a_name()
    client, user = _administrator(house), house.add(name)
    email = ContactKind.EMAIL
    set_for_user(house.installation, user, email, f"{name}@northside.example", language="en")
    typed = {"user_name": name, "address_kind": email.value}
    return Place(client, "/admin/messages/send-test", typed, page="/admin/messages")


def _administrator(house: House, name: str | None = None) -> Client:
    name = name or a_name()
    house.add(name, administrator=True)
    client = house.client()
    assert sign_in(client, name).location == "/"
    return client


def at_recovery_codes(house: House) -> Place:
    """The button that makes recovery codes, shortly after a code. The answer shows them."""
    client = _signed_in_with_code(house)[0]
    path = "/security/recovery-codes"
    fields = client.get(path).form(path).fields
    return Place(client, path, {"replaces": fields["replaces"]}, done=200)


def at_download(house: House) -> Place:
    """The button that gives the codes of a page as a file."""
    path = "/security/recovery-codes/download"
    typed = {"codes": "01-4XKQ-9TDM-2H8R-P6WZ"}
    return Place(signed_in(house), path, typed, page="/security", done=200)


def at_kept(house: House) -> Place:
    """**Continue**, below the codes, with the tick made."""
    path = "/security/recovery-codes/kept"
    return Place(signed_in(house), path, {"kept": "1"}, page="/security")


def _with_codes(house: House) -> tuple[Client, str, list[str]]:
    """Somebody signed in who has just made recovery codes: their browser, name and codes."""
    name = a_name()
    client, _ = _signed_in_with_code(house, name)
    path = "/security/recovery-codes"
    shown = client.submit(client.get(path), path)
    return client, name, shown.form(f"{path}/download").fields["codes"].split()


def at_recovery(house: House) -> Place:
    """The second step by a recovery code, with a right one typed in."""
    _, name, codes = _with_codes(house)
    client = house.client()
    assert sign_in(client, name).location == "/sign-in/code"
    return Place(client, "/sign-in/recovery", {"recovery_code": codes[0]})


def at_confirm_by_recovery(house: House) -> Place:
    """A fresh proof by a recovery code, with a right one typed in."""
    client, _, codes = _with_codes(house)
    house.clock.forward(6 * 60_000)
    client.get("/")
    typed = {"act": "turn-off", "recovery_code": codes[0]}
    return Place(client, "/security/confirm/recovery", typed, page="/security")


def at_contacts(house: House) -> Place:
    """The form for a new email address."""
    typed = {"kind": "email", "email": f"{a_name()}@northside.example"}
    return Place(signed_in(house), CONTACTS, typed)


def _waiting(house: House) -> Place:
    """Somebody with an address that waits for its code."""
    place = at_contacts(house)
    assert place.send().status == 303
    house.clock.forward(60_000)
    place.client.get("/")
    return place


def at_contact_confirm(house: House) -> Place:
    """The code of a new address, typed in."""
    client = _waiting(house).client
    typed = {"kind": "email", "email_code": last_code(house.installation)}
    return Place(client, f"{CONTACTS}/confirm", typed, page=CONTACTS)


def at_contact_again(house: House) -> Place:
    """**Send again**."""
    place = _waiting(house)
    return Place(place.client, f"{CONTACTS}/again", {"kind": "email"}, page=CONTACTS)


def at_contact_cancel(house: House) -> Place:
    """**Forget this address**."""
    place = _waiting(house)
    return Place(place.client, f"{CONTACTS}/cancel", {"kind": "email"}, page=CONTACTS)


def at_contact_remove(house: House) -> Place:
    """**Remove**, of an address that counts."""
    place = at_contact_confirm(house)
    assert place.send().status == 303
    return Place(place.client, f"{CONTACTS}/remove", {"kind": "email"}, page=CONTACTS)


SENT_CODE, CONFIRM_SENT_CODE = "/sign-in/sent-code", "/security/confirm/sent-code"
CODES = "/security/two-step/codes"


def at_stay(house: House) -> Place:
    """The tick *Stay signed in on this device*."""
    return Place(signed_in(house), "/security/stay", {"stay": "1"}, page="/security")


def at_sent_code(house: House) -> Place:
    """The second step, with the right code typed in that was sent."""
    name = _somebody_with_mail(house)
    client = house.client(house.northside)
    client.follow(sign_in(client, name))
    code = last_code(house.installation, MessageKind.CODE)
    return Place(client, SENT_CODE, {"to": "email", "code": code})


def at_send_again(house: House) -> Place:
    """The button beside it, half a minute later."""
    client = at_sent_code(house).client
    house.clock.forward(30_000)
    return Place(client, f"{SENT_CODE}/send", {"to": "email"}, page=SENT_CODE)


def at_confirm_by_sent_code(house: House) -> Place:
    """A fresh proof, with the right code typed in that was sent for it."""
    asked = at_send_for_proof(house)
    asked.send()
    typed = dict(asked.fields) | {"code": last_code(house.installation, MessageKind.CODE)}
    return Place(asked.client, CONFIRM_SENT_CODE, typed, page="/security")


def at_send_for_proof(house: House) -> Place:
    """The button that sends a code for a fresh proof."""
    begun = at_sent_code(house)
    assert begun.send().location == "/"
    house.clock.forward(6 * 60_000)
    begun.client.get("/")
    asked = {"act": "password", "to": "email"}
    return Place(begun.client, f"{CONFIRM_SENT_CODE}/send", asked, page="/security")


def at_codes_on(house: House) -> Place:
    """The button that turns on codes by email, by somebody whose address is confirmed."""
    name = a_name()
    allow(house, house.harbour)
    confirmed(house, house.add(name), f"{name}@harbour.example")
    client = house.client()
    assert sign_in(client, name).location == "/"
    return Place(client, CODES, page="/security")


def at_codes_off(house: House) -> Place:
    """The one that turns them off."""
    place = at_codes_on(house)
    assert place.send().status == 303
    return Place(place.client, f"{CODES}/off", page="/security")


def at_app_beside_codes(house: House) -> Place:
    """The one that shows the key of an app, to somebody who has codes."""
    place = at_codes_on(house)
    assert place.send().status == 303
    return Place(place.client, "/security/two-step/app", page="/security")


def _somebody_with_mail(house: House) -> str:
    name = a_name()
    allow(house, house.northside)
    enter(house, house.add(name, house.northside), f"{name}@northside.example")
    house.clock.forward(1)
    return name


PLACES: Mapping[str, Callable[[House], Place]] = {
    "/sign-in": at_password,
    "/sign-in/code": at_code,
    "/sign-in/more-time": at_more_time,
    "/sign-in/cancel": at_cancel,
    "/sign-in/set-up": at_set_up,
    "/sign-in/new-password": at_new_password,
    "/welcome/{token}": at_welcome,
    "/sign-out": at_sign_out,
    "/security/two-step": at_configure,
    "/security/two-step/verify": at_verify,
    "/security/two-step/new-key": at_new_key,
    "/security/two-step/turn-off": at_turn_off,
    "/security/confirm": at_confirm,
    "/security/devices/forget": at_devices,
    "/security/password": at_password_change,
    "/security/sessions/end": at_sessions,
    "/security/recovery-codes": at_recovery_codes,
    "/security/recovery-codes/download": at_download,
    "/security/recovery-codes/kept": at_kept,
    "/security/confirm/recovery": at_confirm_by_recovery,
    "/sign-in/recovery": at_recovery,
    "/security/stay": at_stay,
    SENT_CODE: at_sent_code,
    f"{SENT_CODE}/send": at_send_again,
    CONFIRM_SENT_CODE: at_confirm_by_sent_code,
    f"{CONFIRM_SENT_CODE}/send": at_send_for_proof,
    CODES: at_codes_on,
    f"{CODES}/off": at_codes_off,
    "/security/two-step/app": at_app_beside_codes,
    "/admin/properties": at_properties,
    "/admin/messages": at_messages,
    "/admin/messages/send-test": at_test_message,
    CONTACTS: at_contacts,
    f"{CONTACTS}/confirm": at_contact_confirm,
    f"{CONTACTS}/again": at_contact_again,
    f"{CONTACTS}/cancel": at_contact_cancel,
    f"{CONTACTS}/remove": at_contact_remove,
}
"""Every address that takes a form, by its route. A test compares this with the routes."""


def suspect(house: House, user: User) -> None:
    """Make the house believe that somebody else knows the user's password."""
    now = house.clock()
    house.installation.database.write(
        lambda connection: users.suspect_password(connection, user.environment_id, user.id, now=now)
    )


def disable(house: House, user: User, environment: Environment | None = None) -> None:
    """Shut a user out."""
    user_flows.disable(house.installation, environment or house.harbour, user)
