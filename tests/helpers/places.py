"""Browsers at each place where a page shows a form, ready to send it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
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
from tests.helpers.letters import last_code, letters
from twostep.core.contacts import ContactKind
from twostep.core.environments import Environment
from twostep.core.help_desk_codes import HelpDeskPurpose, HelpReason, Wish
from twostep.core.messages import MessageKind
from twostep.core.users import User
from twostep.flows import break_glass
from twostep.flows import users as user_flows
from twostep.flows.contact_entries import set_for_user
from twostep.flows.help_desk_codes import make_within
from twostep.flows.links import invite_first_administrator
from twostep.flows.password_resets import write_mails
from twostep.flows.sessions import Person, who
from twostep.flows.user_imports import Reading
from twostep.storage import users
from twostep.web.cookies import SESSION


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


def at_audit_log(house: House) -> Place:
    """The form that looks for events, with a user's name typed in."""
    name = a_name()
    client = _administrator(house, name)
    return Place(client, "/admin/audit", {"who": name})


def at_messages(house: House) -> Place:
    """The form that looks for messages, with a user's name typed in."""
    name = a_name()
    client = _administrator(house, name)
    return Place(client, "/admin/messages", {"who": name})


def at_users(house: House) -> Place:
    """The form that looks for users, with a name typed in."""
    return Place(_administrator(house), "/admin/users", {"search": "lee"})


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


def at_help_desk_code(house: House) -> Place:
    """The second step by a code of the help desk, with a right one typed in."""
    name = a_name()
    enrolled(house, name)
    user = user_flows.find(house.installation, house.harbour, name)
    assert user is not None
    client = house.client()
    made = house.installation.database.write(
        lambda connection: make_within(
            connection,
            house.installation,
            Wish(
                purpose=HelpDeskPurpose.TODAY,
                minutes=60,
                uses=1,
                reason=HelpReason.OTHER,
                note="",
            ),
            environment_id=user.environment_id,
            user_id=user.id,
            actor=None,
            browser=None,
            now=house.clock(),
        )
    )
    assert sign_in(client, user.name).location == "/sign-in/code"
    return Place(client, "/sign-in/help-desk-code", {"help_desk_code": made.code.reveal()})


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


USER = "/admin/users/{id}"


def _on_a_user(house: House, act: str, **typed: str) -> tuple[Place, User]:
    """The dialog of an act on a user who has an address, by an administrator whose password is a
    moment old.
    """
    client, name = _administrator(house), a_name()
    user = house.add(name)
    email = ContactKind.EMAIL
    set_for_user(house.installation, user, email, f"{name}@northside.example", language="en")
    return Place(client, f"/admin/users/{user.id.hex()}/{act}", typed), user


def at_act_on_user(act: str) -> Callable[[House], Place]:
    """The button of a simple act on a user to whom it makes a difference."""

    def make(house: House) -> Place:
        place, user = _on_a_user(house, act)
        if act == "enable":
            disable(house, user)
        return place

    return make


def at_edit_user(house: House) -> Place:
    """**Save**, with another user name typed in."""
    return _on_a_user(house, "edit", user_name=a_name())[0]


def at_user_address(house: House) -> Place:
    """**Save**, with another address typed in."""
    typed = {"address": f"{a_name()}@northside.example"}
    return _on_a_user(house, "addresses/email", **typed)[0]


def at_user_address_removal(house: House) -> Place:
    """**Remove address**."""
    return _on_a_user(house, "addresses/email/remove")[0]


def at_check_caller(house: House) -> Place:
    """**Send code**, to the user's address."""
    return _on_a_user(house, "check-caller", address="email")[0]


def at_read_back(house: House) -> Place:
    """**Compare**, with the code typed in that the caller reads."""
    place = at_check_caller(house)
    assert place.send().status == 303
    code = last_code(house.installation, MessageKind.CHECK_CALLER)
    return Place(place.client, f"{place.path}/read-back", {"read_back": code})


WHY = {"reason": "lost_phone"}


def at_removal(house: House) -> Place:
    """**Turn off 2-step verification**, with the administrator's password typed in."""
    name = a_name()
    enrolled(house, name)
    client = _administrator(house)
    user = user_flows.find(house.installation, house.harbour, name)
    assert user is not None
    path = f"/admin/users/{user.id.hex()}/remove-two-step"
    return Place(client, path, WHY | {"password": PASSWORD})


def at_pause(house: House) -> Place:
    """**Pause**, until tomorrow."""
    place, _ = _on_a_user(house, "pause", end="1", **WHY)
    return Place(place.client, place.path, place.fields, page="/security")


def at_end_of_pause(house: House) -> Place:
    """**End the pause now**."""
    place = at_pause(house)
    assert place.send().status == 303
    return Place(place.client, place.path.replace("/pause", "/end-pause"))


def at_new_help_desk_code(house: House) -> Place:
    """**Make the code**, for today's work. The answer shows it."""
    typed = {"purpose": "today", "minutes": "60", "uses": "1"} | WHY
    place, _ = _on_a_user(house, "help-desk-code", **typed)
    return Place(place.client, place.path, place.fields, done=200)


def at_withdrawal(house: House) -> Place:
    """**Withdraw**, of a code that works."""
    place = at_new_help_desk_code(house)
    assert place.send().status == 200
    listed = place.client.get(place.path).text
    path = listed.split('/withdraw"')[0].rsplit('"', 1)[1]
    return Place(place.client, f"{path}/withdraw")


def at_grant(house: House) -> Place:
    """**Give permission**."""
    place, _ = _on_a_user(house, "permissions/grant", permission="audit")
    return Place(place.client, place.path, place.fields, page="/security")


def at_revoke(house: House) -> Place:
    """**Take permission back**."""
    place = at_grant(house)
    assert place.send().status == 303
    path = place.path.replace("/grant", "/revoke")
    return Place(place.client, path, place.fields, page="/security")


def at_break_glass(house: House) -> Place:
    """The link of an administrator whom nobody can let in, with a password typed in."""
    user = house.add(a_name(), administrator=True)
    made = break_glass.make(house.installation, house.harbour, user, even_if_others=True)
    assert isinstance(made, break_glass.Made)
    path = urlsplit(made.address.reveal()).path
    return Place(house.client(), path, {"new_password": OTHER_PASSWORD})


def at_forgot(house: House) -> Place:
    """A name typed in, of somebody who has forgotten their password."""
    name = a_name()
    confirmed(house, house.add(name), f"{name}@harbour.example")
    return Place(house.client(), "/forgot-password", {"user_name": name})


def at_reset(house: House) -> Place:
    """A link of somebody who has, with a new password typed in."""
    place = at_forgot(house)
    assert place.send().status == 303
    write_mails(house.installation, now=house.clock(), most=9)
    link = letters(house.installation, MessageKind.PASSWORD_RESET)[-1].data["link"]
    return Place(house.client(), urlsplit(link).path, {"new_password": OTHER_PASSWORD})


def at_invite(house: House) -> Place:
    """A new user's name and address typed in."""
    name = a_name()
    typed = {"user_name": name, "email": f"{name}@harbour.example"}
    return Place(_administrator(house), "/admin/users/invite", typed)


def at_invitation(house: House) -> Place:
    """The link of somebody who was invited, with a password typed in."""
    assert at_invite(house).send().status == 303
    link = letters(house.installation, MessageKind.INVITATION)[-1].data["link"]
    return Place(house.client(), urlsplit(link).path, {"new_password": OTHER_PASSWORD})


def at_invite_again(house: House) -> Place:
    """**Send the invitation** once more."""
    place = at_invite(house)
    done = place.send()
    assert done.status == 303
    path = f"{urlsplit(done.location or '').path}/invite"
    return Place(place.client, path)


def at_password_reset(house: House) -> Place:
    """**Send the link**, to somebody with a confirmed address."""
    place, user = _on_a_user(house, "password-reset")
    confirmed(house, user, f"{user.name}@harbour.example")
    return place


def at_export_of_person(house: House) -> Place:
    """**Export data**: the answer is a file."""
    place, _ = _on_a_user(house, "export-data")
    return replace(place, done=200)


def at_erasure(house: House) -> Place:
    """**Erase for ever**, with the user's name typed in."""
    place, user = _on_a_user(house, "erase")
    return replace(place, fields={"user_name_again": user.name})


def at_import(house: House) -> Place:
    """**Import**, with a list that is all right."""
    client = _administrator(house)
    return Place(client, f"/admin/users/import/{_a_list(house, client)}")


def at_import_drop(house: House) -> Place:
    """**Throw away**."""
    place = at_import(house)
    return Place(place.client, f"{place.path}/drop", page=place.path)


def _a_list(house: House, client: Client) -> str:
    cookie = client.cookies[SESSION]
    person = who(house.installation, house.harbour, cookie)
    assert isinstance(person, Person)
    made_by = person.user.id
    reading = Reading(house.installation, house.harbour, made_by=made_by, language="en")
    reading.feed(f"user_name\n{a_name()}\n".encode())
    return reading.finish().id.hex()


WITH_A_FILE = frozenset({"/admin/users/import"})
"""What takes a form with a file. ``tests/attacks/test_user_lists.py`` is about it."""

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
    "/sign-in/help-desk-code": at_help_desk_code,
    "/security/stay": at_stay,
    SENT_CODE: at_sent_code,
    f"{SENT_CODE}/send": at_send_again,
    CONFIRM_SENT_CODE: at_confirm_by_sent_code,
    f"{CONFIRM_SENT_CODE}/send": at_send_for_proof,
    CODES: at_codes_on,
    f"{CODES}/off": at_codes_off,
    "/security/two-step/app": at_app_beside_codes,
    "/admin/properties": at_properties,
    "/admin/audit": at_audit_log,
    "/admin/messages": at_messages,
    "/admin/users": at_users,
    "/admin/messages/send-test": at_test_message,
    **{
        f"{USER}/{act}": at_act_on_user(act)
        for act in ("unlock", "end-sessions", "forget-devices", "disable", "enable")
    },
    f"{USER}/edit": at_edit_user,
    f"{USER}/export-data": at_export_of_person,
    f"{USER}/erase": at_erasure,
    f"{USER}/addresses/{{kind}}": at_user_address,
    f"{USER}/addresses/{{kind}}/remove": at_user_address_removal,
    f"{USER}/check-caller": at_check_caller,
    f"{USER}/check-caller/read-back": at_read_back,
    f"{USER}/remove-two-step": at_removal,
    f"{USER}/pause": at_pause,
    f"{USER}/end-pause": at_end_of_pause,
    f"{USER}/help-desk-code": at_new_help_desk_code,
    f"{USER}/help-desk-code/{{code}}/withdraw": at_withdrawal,
    f"{USER}/permissions/grant": at_grant,
    f"{USER}/permissions/revoke": at_revoke,
    "/break-glass/{token}": at_break_glass,
    "/forgot-password": at_forgot,
    "/reset/{token}": at_reset,
    "/invitation/{token}": at_invitation,
    "/admin/users/invite": at_invite,
    f"{USER}/invite": at_invite_again,
    f"{USER}/password-reset": at_password_reset,
    "/admin/users/import/{id}": at_import,
    "/admin/users/import/{id}/drop": at_import_drop,
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
