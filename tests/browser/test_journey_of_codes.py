"""Ann signs in with codes that are sent to her, through a real mail server: one that works, and one
that is slow, puts off, refuses, breaks off or offers no TLS. She gets in, or is told the truth.
"""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.accessibility import found_by_axe, wider_than_its_window
from tests.browser.conftest import Windows
from tests.browser.windows import Window
from tests.helpers.clocks import MINUTE, SECOND
from tests.helpers.codes_by_mail import ADDRESS, GATEWAY, MASKED, enter, get_in, somebody
from tests.helpers.house import House
from tests.helpers.http import Client
from tests.helpers.letters import another_code
from tests.helpers.post_office import Answer, PostOffice
from tests.helpers.senders import outgoing_to, relay_of
from tests.storage.waiting import until
from twostep.core.contacts import ContactKind
from twostep.delivery.mail import Relay, Tls
from twostep.flows.messages import send_soon
from twostep.flows.sending import Sender

pytestmark = pytest.mark.browser

ON_ITS_WAY = f"A 6-digit code is on its way to {MASKED}."
SENT = f"We sent a 6-digit code to {MASKED} at"
LATE = f"The message with your code for {MASKED} is late"
BY_EMAIL = f"Send a code by email to {MASKED}"
OTHER_WAYS = "Choose another way below."
WHOM_TO_ASK = "Whom to ask stands below."
STILL_NOTHING = "Still nothing? Look in junk mail."

STAYS = "window.stays = true"
"""Gone as soon as the page is loaded anew."""

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 780}}


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with PostOffice() as running:
        yield running


@contextmanager
def sending(house: House, relay: Relay) -> Iterator[None]:
    """The sender of the service, with that mail server."""
    sender = Sender(house.installation, outgoing_to(relay))
    sender.start()
    try:
        yield
    finally:
        sender.stop()


def forward(house: House, milliseconds: int) -> None:
    """Let time pass; the sender looks at once."""
    house.clock.forward(milliseconds)
    send_soon(house.installation)


def read_code(office: PostOffice, number: int = 1, *, to: str = ADDRESS) -> str:
    """The code in the mail of that number, without notices, that the server took."""
    until(lambda: len(codes(office)) >= number)
    recipients, code = codes(office)[number - 1]
    assert recipients == (to,)
    return code


def codes(office: PostOffice) -> list[tuple[tuple[str, ...], str]]:
    """To whom and what, in the order in which they came. A text has no subject."""
    found = []
    for mail in list(office.mails):
        body = mail.message.get_body(("plain",))
        assert body is not None
        line = mail.message["Subject"] or body.get_content()
        if code := re.search(r"\b\d{6}\b", str(line)):
            found.append((mail.recipients, code[0]))
    return found


def the_desk(house: House) -> Client:
    """Kim, an administrator, who may read **Messages**, signed in some minutes ago."""
    enter(house, house.add("kim", house.northside, administrator=True), "kim@northside.example")
    client = get_in(house, "kim")
    house.clock.forward(11 * MINUTE)
    return client


def desk_reads(desk: Client, *words: str) -> str:
    """All of these stand on the page of the newest code, which is Ann's."""
    listed = desk.get("/admin/messages?kind=code").text
    newest = re.search(r"/admin/messages/[0-9a-f]{32}", listed)
    assert newest is not None, listed
    page = desk.get(newest[0]).text
    for each in ("ann", *words):
        assert each in page, (each, page)
    assert ADDRESS not in page
    return page


def asked(window: Window, name: str = "ann") -> None:
    """The password is right; the page that takes the code stays as it is until it is left."""
    window.sign_in(name)
    window.demand_title("Enter your code")
    window.page.evaluate(STAYS)


def turns(window: Window, *words: str) -> None:
    """The page comes to say this by itself, without being loaded anew."""
    for each in words:
        window.demand_text(each)
    assert window.page.evaluate("window.stays") is True, "the page was loaded anew"


def demand_fit(window: Window, name: str) -> None:
    """Nobody scrolls sideways, and axe finds nothing, on light and dark ground."""
    assert not wider_than_its_window(window.page), name
    for theme in ("dark", "light"):
        window.page.emulate_media(color_scheme=theme)
        assert found_by_axe(window.page) == [], name


def other_way(window: Window, words: str) -> Locator:
    """A line of the list of other ways."""
    return window.page.get_by_role("listitem").get_by_role("button", name=words)


def test_the_code_in_the_mail_lets_in_and_the_browser_is_remembered(
    house: House, office: PostOffice, windows: Windows
) -> None:
    """CS-1 and CS-4: until the browser loses its cookies."""
    somebody(house)
    window = windows(str(house.northside.primary), **PHONE)
    asked(window)
    window.demand_text(ON_ITS_WAY)
    demand_fit(window, "on its way")
    with sending(house, relay_of(office)):
        turns(window, SENT)
        code = read_code(office)
        window.give_code(another_code(code))
        window.demand_text("4 tries left before a pause")
        demand_fit(window, "wrong")
        window.page.get_by_label("Remember this device").check()
        window.give_code(code)
        window.demand_home()
        window.sign_out()
        forward(house, MINUTE)
        window.sign_in()
        window.demand_home()
        window.context.clear_cookies()
        asked(window)
        window.give_code(read_code(office, 2))
        window.demand_home()
    assert [recipients for recipients, _ in codes(office)] == [(ADDRESS,)] * 2


def test_the_text_comes_first_and_email_is_another_way(
    house: House, office: PostOffice, windows: Windows
) -> None:
    """CS-2. Of two emails only the newest counts, and after two the other ways come first."""
    enter(house, somebody(house), GATEWAY, ContactKind.SMS_EMAIL)
    window = windows(str(house.northside.primary), **PHONE)
    with sending(house, relay_of(office)):
        asked(window)
        read_code(office, to=GATEWAY)
        window.press(window.link("Try another way"))
        window.demand_title("Try another way")
        demand_fit(window, "another way")
        forward(house, 31 * SECOND)
        window.press(other_way(window, BY_EMAIL))
        window.demand_title("Enter your code")
        window.demand_text(MASKED)
        first = read_code(office, 2)
        window.send("Send again")
        window.demand_text("The last code was sent only just now.")
        forward(house, 31 * SECOND)
        window.send("Send again")
        window.demand_text("A new code is on its way. Only the newest one works.")
        window.demand_text(STILL_NOTHING)
        expect(other_way(window, "Send a code by text message to")).to_be_visible()
        second = read_code(office, 3)
        if first != second:
            window.give_code(first)
            window.demand_text("That is not the code of our newest message.")
        window.give_code(second)
        window.demand_home()


def test_where_the_text_is_refused_the_person_is_told_and_offered_the_email(
    house: House, office: PostOffice, windows: Windows
) -> None:
    """CS-2, CS-7."""
    enter(house, somebody(house), GATEWAY, ContactKind.SMS_EMAIL)
    refusal = f"550 5.1.1 <{GATEWAY}>: no such subscriber"

    def on_recipient(_number: int, address: str) -> Answer:
        return refusal if address == GATEWAY else "250 2.1.5 Ok"

    office.on_recipient = on_recipient
    desk, window = the_desk(house), windows(str(house.northside.primary), **PHONE)
    asked(window)
    expect(other_way(window, BY_EMAIL)).to_have_count(0)
    with sending(house, relay_of(office)):
        turns(window, "could not be handed over: it will not come.", OTHER_WAYS)
        demand_fit(window, "refused")
        expect(window.link("Try another way")).to_have_count(0)
        desk_reads(desk, "Refused", "The server refused it for good.", "no such subscriber")
        forward(house, 31 * SECOND)
        window.press(other_way(window, BY_EMAIL))
        window.demand_title("Enter your code")
        window.give_code(read_code(office))
        window.demand_home()
    assert [line for line in office.said() if line.startswith("5")] == [refusal]
    assert [recipients for recipients, _ in codes(office)] == [(ADDRESS,)]
    desk_reads(desk, "Accepted", next(line for line in office.said() if "queued as" in line))


def test_without_javascript_a_click_renews_the_page(
    house: House, office: PostOffice, windows: Windows
) -> None:
    enter(house, somebody(house), GATEWAY, ContactKind.SMS_EMAIL)
    office.on_recipient = lambda _number, _address: "550 5.1.1 no such subscriber"
    window = windows(str(house.northside.primary), java_script_enabled=False, **PHONE)
    window.sign_in()
    window.demand_text("A 6-digit code is on its way to")
    with sending(house, relay_of(office)):
        until(lambda: "550 5.1.1 no such subscriber" in office.said())
    window.press(window.link("Refresh"))
    window.demand_text("could not be handed over: it will not come.")
    expect(other_way(window, BY_EMAIL)).to_be_visible()
    expect(window.link("Refresh")).to_have_count(0)


def test_a_server_that_takes_its_time(house: House, office: PostOffice, windows: Windows) -> None:
    """Nobody is told that a code was sent while its server has not said so."""
    somebody(house)
    desk, window = the_desk(house), windows(str(house.northside.primary))
    may_answer = threading.Event()
    office.waits = lambda: asyncio.to_thread(may_answer.wait, 60)
    with sending(house, relay_of(office)):
        asked(window)
        until(lambda: "DATA" in office.heard())
        window.page.reload()
        window.page.evaluate(STAYS)
        turns(window, ON_ITS_WAY)
        desk_reads(desk, "Being sent", "It is being handed over at this moment.")
        assert not any("queued as" in line for line in office.said())
        may_answer.set()
        turns(window, SENT)
        desk_reads(desk, "Accepted", next(line for line in office.said() if "queued as" in line))
        window.give_code(read_code(office))
        window.demand_home()


def test_a_server_that_puts_off_what_it_does_not_know(
    house: House, office: PostOffice, windows: Windows
) -> None:
    """Greylisting (RFC 6647): the page says that the code is late, and it comes at the next try."""
    somebody(house)
    later = f"451 4.7.1 <{ADDRESS}>: Greylisted, try again later"
    office.on_recipient = lambda number, _: later if number == 1 else "250 2.1.5 Ok"
    desk, window = the_desk(house), windows(str(house.northside.primary), **PHONE)
    asked(window)
    window.demand_text(ON_ITS_WAY)
    with sending(house, relay_of(office)):
        turns(window, LATE)
        desk_reads(desk, "Queued", "The server asked to come back later.", "Greylisted")
        assert office.mails == []
        forward(house, 5 * SECOND)
        turns(window, SENT)
        window.give_code(read_code(office))
        window.demand_home()
    assert office.said().count(later) == len(codes(office)) == 1
    desk_reads(desk, "Accepted", "Greylisted", "The mail server took it.")


def test_a_server_that_breaks_off_in_the_middle_of_the_mail(
    house: House, office: PostOffice, windows: Windows
) -> None:
    """The same code goes again; at most it comes twice."""
    somebody(house)
    office.breaks_off_within = True
    desk, window = the_desk(house), windows(str(house.northside.primary))
    asked(window)
    window.demand_text(ON_ITS_WAY)
    with sending(house, relay_of(office)):
        turns(window, LATE)
        assert (office.heard()[-1], office.mails) == ("DATA", [])
        desk_reads(desk, "Queued", "It may have arrived.")
        office.breaks_off_within = False
        forward(house, 5 * SECOND)
        turns(window, SENT)
        window.give_code(read_code(office))
        window.demand_home()
    assert len(codes(office)) == 1
    desk_reads(desk, "Accepted", "It may have arrived.", "The mail server took it.")


def test_a_server_without_tls_gets_nothing_and_the_person_is_told(
    house: House, office: PostOffice, windows: Windows
) -> None:
    """Until its time is over the message is late; then it is said that none will come."""
    somebody(house)
    house.set(house.northside, "support_contact", "it@northside.example")
    desk, window = the_desk(house), windows(str(house.northside.primary), **PHONE)
    asked(window)
    window.demand_text(ON_ITS_WAY)
    with sending(house, replace(relay_of(office), tls=Tls.REQUIRED)):
        turns(window, LATE, WHOM_TO_ASK)
        desk_reads(desk, "Queued", "The server could not be reached, or did not let us begin.")
        assert "TLS" in desk_reads(desk, "STARTTLS")
        forward(house, 10 * MINUTE)
        turns(window, "could not be handed over: it will not come.", WHOM_TO_ASK)
        desk_reads(desk, "Given up", "Its time was over before a server took it")
    heard = {line.partition(" ")[0] for line in office.heard()}
    assert heard <= {"EHLO", "QUIT"}, "nothing is said to a server that is not to be trusted"
    assert office.mails == []


def test_in_spanish_page_and_mail_are_spanish(
    house: House, office: PostOffice, windows: Windows
) -> None:
    somebody(house)
    window = windows(str(house.northside.primary), locale="es-ES")
    window.open()
    window.page.get_by_label("Nombre de usuario").fill("ann")
    window.page.get_by_label("Contraseña").fill("seven tall herons waiting")
    window.send("Iniciar sesión")
    with sending(house, relay_of(office)):
        window.demand_text(f"Enviamos un código de 6 dígitos a {MASKED}")
        code = read_code(office)
    assert "código" in str(office.mails[0].message["Subject"])
    window.page.get_by_label("Código de verificación").fill(code)
    expect(window.page.get_by_role("heading", level=1)).to_have_text("Ha iniciado sesión")
