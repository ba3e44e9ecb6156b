"""Passwords forgotten: from the request to the mail, by whichever process gets to it."""

from __future__ import annotations

import threading

import pytest

from tests.helpers.codes_by_mail import confirmed
from tests.helpers.house import House
from tests.helpers.letters import letters
from tests.helpers.post_office import PostOffice
from tests.helpers.recorded import recorded
from tests.helpers.resets import links
from tests.helpers.senders import outgoing_to, relay_of
from twostep.core.audit import EventKind, Visitor
from twostep.core.messages import HOUR, MINUTE, MessageKind
from twostep.flows.password_resets import ask, write_mails
from twostep.flows.sending import Sender
from twostep.flows.visitors import Browser

BROWSER = Browser(id=b"b" * 32, visitor=Visitor(address="203.0.113.7", browser="Firefox on Mac"))
ANN = "ann@harbour.example"


def asked(house: House, typed: str = "ann") -> None:
    assert ask(house.installation, house.harbour, typed=typed, browser=BROWSER) is None


def written(house: House) -> int:
    return write_mails(house.installation, now=house.clock(), most=100)


def outcomes(house: House) -> list[object]:
    found = recorded(house.installation, house.harbour, EventKind.PASSWORD_RESET_ASKED)
    return [event.about["outcome"] for event in found]


def test_the_sender_mails_the_link(house: House) -> None:
    confirmed(house, house.add("ann"), ANN)
    asked(house)
    with PostOffice() as office:
        sender = Sender(house.installation, outgoing_to(relay_of(office)))
        sender.start()
        sender.stop()
        [mail] = office.mails
    assert mail.message["To"] == ANN
    assert f"{house.harbour.primary}/reset/" in mail.message.as_string().replace("=\n", "")
    assert outcomes(house) == ["sent"]


def test_two_processes_that_look_at_once_write_one_mail(house: House) -> None:
    confirmed(house, house.add("ann"), ANN)
    asked(house)
    threads = [threading.Thread(target=written, args=(house,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(links(house)) == 1
    assert outcomes(house) == ["sent"]


def test_ac_53_two_requests_at_once_do_not_both_find_room_for_one_more(house: House) -> None:
    confirmed(house, house.add("ann"), ANN)
    for _ in range(8):
        asked(house)
    threads = [threading.Thread(target=written, args=(house,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(links(house)) == 3
    assert sorted(map(str, outcomes(house))) == ["sent"] * 3 + ["too_many"] * 5


def test_a_request_that_nobody_looked_at_in_time_is_forgotten(house: House) -> None:
    confirmed(house, house.add("ann"), ANN)
    asked(house)
    house.clock.forward(30 * MINUTE)
    assert written(house) == 1
    assert links(house) == []
    assert outcomes(house) == ["nobody"]


def test_people_who_share_an_address_get_a_mail_each(house: House) -> None:
    for name in ("ann", "bo"):
        confirmed(house, house.add(name), "team@harbour.example")
    asked(house, " Team@Harbour.example ")
    written(house)
    told = letters(house.installation, MessageKind.PASSWORD_RESET)
    assert sorted(str(letter.data["user_name"]) for letter in told) == ["ann", "bo"]


@pytest.mark.parametrize("typed", ["ANN", "ａnn", " ann "])
def test_a_name_is_found_however_it_is_written(house: House, typed: str) -> None:
    confirmed(house, house.add("ann"), ANN)
    asked(house, typed)
    written(house)
    assert len(links(house)) == 1


def test_nothing_of_what_was_typed_is_kept(house: House) -> None:
    """Somebody may have typed their password into the wrong field."""
    asked(house, "seven tall herons waiting")
    rows = house.installation.database.read(
        lambda c: c.exec_driver_sql("select * from asked_resets").all()
    )
    assert len(rows) == 1
    assert "herons" not in str(rows)
    written(house)
    house.clock.forward(HOUR)
    assert "herons" not in str(recorded(house.installation, house.harbour))
