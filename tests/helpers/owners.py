"""Somebody with an app, and the browsers that they use: what a test of devices begins with."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

from tests.helpers.clocks import MINUTE
from tests.helpers.house import (
    OTHER_PASSWORD,
    PASSWORD,
    SET_UP_DONE,
    House,
    Phone,
    enrolled,
    phone_from,
    set_up,
    sign_in,
)
from tests.helpers.http import Answer, Client
from tests.helpers.letters import last_code
from tests.helpers.places import a_name
from twostep.core.contacts import ContactKind
from twostep.core.environments import Environment
from twostep.flows import users
from twostep.flows.contact_entries import EnteredForUser, set_for_user

DIALOG = "/security/two-step"
CODE = "/sign-in/code"
CONFIRM = "/security/confirm"
DEVICE = "__Host-dev-"


@dataclass
class Owner:
    """A user with an app, who signs in with what they know and have. Their clock is the house's."""

    house: House
    name: str
    phone: Phone
    environment: Environment | None = None
    password: str = PASSWORD

    def browser(self) -> Client:
        """A new browser."""
        return self.house.client(self.environment)

    def first_step(self, client: Client) -> Answer:
        """User name and password, sent."""
        return sign_in(client, self.name, self.password)

    def give_code(self, client: Client, *, tick: bool = False) -> Client:
        """Signed in with password and code; a minute passes first, so no code is used twice."""
        self.house.clock.forward(MINUTE)
        assert self.first_step(client).location == CODE
        ticked = {"remember": "1"} if tick else {}
        answer = client.submit(client.get(CODE), CODE, code=self.phone.code(), **ticked)
        assert answer.location == "/", answer.text
        return client

    def remembered(self) -> Client:
        """A browser that is remembered for 30 days, signed out, after its five minutes."""
        client = self.give_code(self.browser(), tick=True)
        sign_out(client)
        self.house.clock.forward(5 * MINUTE)
        return client

    def asked(self, client: Client) -> bool:
        """Whether a sign-in in this browser is asked for a code; it leaves nothing open."""
        answer = self.first_step(client)
        if answer.location == CODE:
            client.submit(client.get(CODE), "/sign-in/cancel")
            return True
        assert answer.location == "/", answer.text
        sign_out(client)
        return False


def an_owner(house: House, environment: Environment | None = None) -> Owner:
    """A new user with an app."""
    name = a_name()
    return Owner(house, name, enrolled(house, name, environment), environment)


def sign_out(client: Client) -> None:
    """By the button of the home page."""
    client.submit(client.get("/"), "/sign-out")


def device_cookies(client: Client) -> dict[str, str]:
    """The lasting cookies that a browser keeps."""
    return {name: value for name, value in client.cookies.items() if name.startswith(DEVICE)}


def device_token(client: Client) -> bytes:
    """What the database holds of the one device cookie of this browser."""
    (value,) = device_cookies(client).values()
    return stored_token(value)


def stored_token(value: str) -> bytes:
    """What the database holds of a device cookie."""
    return hashlib.sha256(base64.urlsafe_b64decode(value + "=")).digest()


def device_rows(house: House) -> dict[str, bytes]:
    """The id of each device, in hexadecimal, and the hash of its newest token."""
    rows = house.installation.database.read(
        lambda connection: connection.exec_driver_sql("select id, token_hash from devices").all()
    )
    return {bytes(id_).hex(): bytes(token) for id_, token in rows}


def changed_password(of: Owner) -> None:
    """Elsewhere, by the owner."""
    client = of.give_code(of.browser())
    done = client.submit(
        client.get("/security/password"),
        "/security/password",
        current_password=of.password,
        new_password=OTHER_PASSWORD,
    )
    assert done.location == "/security?said=password-saved"
    of.password = OTHER_PASSWORD


def new_key(of: Owner) -> None:
    """Elsewhere, by the owner."""
    client = of.give_code(of.browser())
    replace_key(of, client)


def replace_key(of: Owner, client: Client) -> None:
    """**Generate a New Key** in this browser; the owner's phone has it afterwards."""
    path = "/security/two-step"
    page = client.follow(client.submit(client.get(path), f"{path}/new-key"))
    of.phone = phone_from(page, of.house.clock)
    done = client.submit(page, f"{path}/verify", code=of.phone.code())
    assert done.location == SET_UP_DONE


def turned_off_and_set_up(of: Owner) -> None:
    """Elsewhere, by the owner."""
    turn_off_and_set_up(of, of.give_code(of.browser()))


def turn_off_and_set_up(of: Owner, client: Client) -> None:
    """**Turn Off** in this browser, and then another key."""
    path = "/security/two-step"
    done = client.submit(client.get(path), f"{path}/turn-off")
    assert done.location == "/security?said=turned-off"
    of.phone = set_up(of.house, client)


def disabled_and_enabled(of: Owner) -> None:
    """By an administrator."""
    user = users.find(of.house.installation, of.house.harbour, of.name)
    assert user is not None
    users.disable(of.house.installation, of.house.harbour, user)
    users.enable(of.house.installation, of.house.harbour, user)


def another_address(of: Owner) -> None:
    """By the operator, in the place of one that there was."""
    user = users.find(of.house.installation, of.environment or of.house.harbour, of.name)
    assert user is not None
    for address in ("one@harbour.example", "another@harbour.example"):
        entered = set_for_user(
            of.house.installation, user, ContactKind.EMAIL, address, language="en"
        )
        assert isinstance(entered, EnteredForUser)


def own_address_changed(of: Owner) -> None:
    """Elsewhere, by the owner, who confirms another address in the place of one."""
    client, path = of.give_code(of.browser()), "/security/contacts"
    for address in ("mine@harbour.example", "new@harbour.example"):
        csrf = client.get(path).form("/sign-out").fields["csrf"]
        client.post(path, {"csrf": csrf, "kind": "email", "email": address})
        code = last_code(of.house.installation)
        done = client.post(f"{path}/confirm", {"csrf": csrf, "kind": "email", "email_code": code})
        assert done.location == f"{path}?said=address-confirmed"
        of.house.clock.forward(MINUTE)


def forgotten_with_the_others(of: Owner) -> None:
    """Elsewhere, by the owner."""
    client = of.give_code(of.browser())
    csrf = client.get("/").form("/sign-out").fields["csrf"]
    client.post("/security/devices/forget", {"csrf": csrf, "device": "others"})


def switched_off_and_on(of: Owner) -> None:
    """2-step verification, in the whole environment."""
    of.house.set(of.house.harbour, "two_step_verification", "off")
    of.house.set(of.house.harbour, "two_step_verification", "optional")


def no_days_and_thirty(of: Owner) -> None:
    """**Days to Remember Device**, in the whole environment."""
    of.house.set(of.house.harbour, "days_to_remember_device", "0")
    of.house.set(of.house.harbour, "days_to_remember_device", "30")


def press(client: Client, button: str) -> Answer:
    """Press that button of the dialog of **Configure**."""
    return client.submit(client.get(DIALOG), f"{DIALOG}/{button}")


def begin_new_key(client: Client) -> Answer:
    """**Generate a New Key**, shortly after a code; gives the page with the key."""
    page = client.follow(press(client, "new-key"))
    assert 'id="key"' in page.text
    return page


def takes(of: Owner, code: str) -> bool:
    """Whether a sign-in in a new browser takes this code."""
    client = of.browser()
    assert of.first_step(client).location == CODE
    page = client.get(CODE)
    if client.submit(page, CODE, code=code).location == "/":
        return True
    client.submit(client.get(CODE), "/sign-in/cancel")
    return False
