"""Codes that are sent: their part of the walk through every screen (``screens.py``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.helpers.clocks import SECOND
from tests.helpers.codes_by_mail import GATEWAY, allow, enter, sent
from tests.helpers.letters import another_code
from tests.helpers.post_office import PostOffice
from tests.helpers.senders import outgoing_to, relay_of
from twostep.core.contacts import ContactKind
from twostep.flows.sending import Sender

if TYPE_CHECKING:
    from tests.browser.screens import Walk


def receiving_codes(walk: Walk) -> None:
    """A text that is refused, and an email in its place."""
    house, place = walk.house, walk.house.northside
    allow(house, place)
    cy = house.add("cy.dahl", place)
    enter(house, cy, "cy.dahl@northside.example")
    enter(house, cy, GATEWAY, ContactKind.SMS_EMAIL)
    window = walk.window(place)
    window.sign_in("cy.dahl")
    window.demand_text("A 6-digit code is on its way")
    walk.stop("sent-code", window)
    refuse_all(walk)
    window.demand_text("could not be handed over")
    walk.stop("sent-code-failed", window)
    walk.forward(40 * SECOND, window)
    window.button("Send a code by email to c•••@northside.example").click()
    window.demand_text("A 6-digit code is on its way to c•••@northside.example")
    code = sent(house)
    window.give_code(another_code(code))
    window.demand_text("That is not the code of our newest message")
    walk.stop("sent-code-wrong", window)
    window.give_code(code)
    window.demand_home()
    window.configure()
    window.press(window.link("No app at hand? Have codes sent to you instead"))
    window.demand_title("2-Step Verification")
    walk.stop("two-step-codes", window)


def refuse_all(walk: Walk) -> None:
    """A mail server that knows nobody gets what waits."""
    with PostOffice() as office:
        office.on_recipient = lambda _number, _address: "550 5.1.1 No such mailbox here"
        sender = Sender(walk.house.installation, outgoing_to(relay_of(office)))
        sender.start()
        sender.stop()
