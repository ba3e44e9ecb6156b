"""Any order of acts about the ways to pass a second step, each done by the flows and entered into
the book of the rules.

Whenever something is typed, the book says whether it lets in. Where the flows think differently, in
either direction, the machine stops with a :class:`Differs`.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from tests.helpers.clocks import MINUTE, SECOND, START
from tests.helpers.device_machine import Differs, a_world
from tests.helpers.house import House, Phone
from tests.helpers.keepers import Keeper, step_now
from tests.helpers.ways_book import APP, EMAIL, PAPER, TEXT, TRIES, Book
from twostep.core import messages
from twostep.core.contacts import ContactKind
from twostep.core.messages import DAY, Cap
from twostep.core.sign_in import AskSecondStep, SetUp, SignedIn
from twostep.core.ways import Way
from twostep.flows import (
    recovery_codes,
    second_step_by_message,
    sent_code_checks,
    sent_codes,
    step_up,
)
from twostep.flows.contact_entries import EnteredForUser, set_for_user
from twostep.flows.mint import Minted
from twostep.flows.pending import Waiting, cancel
from twostep.flows.recovery_codes import Made
from twostep.flows.recovery_sign_in import by_recovery_code
from twostep.flows.second_step import second_step
from twostep.flows.second_step_by_message import by_sent_code, confirm_by_sent_code
from twostep.flows.sent_codes import Sent, send_in_session, send_in_sign_in
from twostep.flows.set_up import SetUpDone
from twostep.flows.sign_in import Pending
from twostep.flows.step_up import Ended
from twostep.storage import contacts

FIELDS = {"email": EMAIL, "sms_email": EMAIL, "phone": TEXT}
"""The ways by which codes are sent, each with the method that it is."""

SIGN_IN, FRESH = "sign-in", "fresh proof"

fields = st.sampled_from(["email", "email", "sms_email", "phone"])
tabs = st.sampled_from([-1, -1, -1, 0, 1])
"""The newest page most often."""

typed = st.sampled_from(["own", "own", "older", "foreign", "app", "paper", "wrong", "again"])
between = st.sampled_from([*[""] * 6, "resend", "twin", "cancel", "address", "disable"])


class World:
    """One installation for all examples. ``done``: which acts were, and how often."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.users = 0
        self.numbers, self.addresses = itertools.count(1), itertools.count(1)
        self.done: Counter[str] = Counter()


@contextmanager
def a_world_of_ways(url: str | None = None) -> Iterator[World]:
    """Where a person may ask for as many codes a day as the machine likes; the half minute between
    two stays. Each code that is sent is another one, so that none is right by chance.
    """
    with a_world(url) as made, pytest.MonkeyPatch.context() as patch:
        world = World(made.house)
        patch.setattr(messages, "PER_USER", (Cap(most=1_000, within=DAY),))
        patch.setattr(
            sent_codes, "secrets", SimpleNamespace(randbelow=lambda _: next(world.numbers))
        )
        house = made.house
        for name in ("email", "text"):
            house.set(house.northside, f"allow_{name}_codes", "yes")
        house.set(house.northside, "text_countries", "US")
        house.set(house.northside, "text_messages_a_day", "10000")
        yield world


@dataclass(eq=False)
class Tab:
    """A page of a sign-in, as it was when it was loaded."""

    guest: Keeper
    waiting: Waiting
    asked: set[str]

    @property
    def id(self) -> bytes:
        return self.waiting.sign_in.id


class WaysMachine(RuleBasedStateMachine):
    """``world`` is set by whoever runs it, on a subclass of their own."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.house = self.world.house
        self.installation, self.done = self.house.installation, self.world.done
        self.house.clock.now = START
        for name in ("email_codes", "text_codes", "recovery_codes"):
            self.house.set(self.house.northside, f"allow_{name}", "yes")
        self.world.users += 1
        self.name = f"user {self.world.users}"
        self.user = self.house.add(self.name, self.house.northside)
        self.tabs: list[Tab] = []
        self.sessions: list[Keeper] = []
        self.phone: Phone | None = None
        self.last_step = 0

    @initialize(app=st.sampled_from([True, True, False]))
    def somebody(self, app: bool) -> None:
        """With an app, paper and codes that were turned on; or with nothing but addresses."""
        self.book = Book(has_app=app)
        if app:
            self._set_up_app()
        for kind in FIELDS:
            self._address(kind)
        self.start()
        self.send(0, "email")

    def _set_up_app(self) -> None:
        guest = Keeper(self.house, self.house.northside)
        assert isinstance(guest.sign_in(self.name), Pending)
        self.phone = guest.phone_in_sign_in()
        assert isinstance(guest.verify_and_save_in_sign_in(self._app_code()), SetUpDone)
        made = recovery_codes.make(
            self.installation, guest.me(), replaces=None, browser=guest.browser_in_session
        )
        assert isinstance(made, Made)
        self.book.paper = {code.reveal() for code in made.codes}
        place, now = (self.user.environment_id, self.user.id), self.house.clock()
        self.installation.database.write(lambda c: contacts.want_codes(c, *place, since=now))

    # --- what a person does

    @rule()
    def start(self) -> None:
        """The password, in a browser of its own."""
        guest = Keeper(self.house, self.house.northside)
        self.house.clock.forward(1)
        answer = guest.sign_in(self.name)
        assert isinstance(answer, Pending), answer
        waiting = guest.waiting()
        assert waiting is not None
        self.book.begin(waiting.sign_in.id, self.house.clock())
        expected = AskSecondStep if self.book.methods() else SetUp
        self._same(isinstance(waiting.step, expected), expected=True, what="start")
        self.tabs = [*self.tabs[-5:], Tab(guest, waiting, self.book.asked(waiting.sign_in.id))]

    @rule(number=tabs, field=fields)
    def send(self, number: int, field: str) -> None:
        """**Send again**, or **Try another way**."""
        self.house.clock.forward(30 * SECOND)
        self._send(self._tab(number), field)

    def _send(self, tab: Tab, field: str) -> None:
        done = send_in_sign_in(
            self.installation, tab.waiting, Way(field), language="en", browser=tab.guest.browser
        )
        now, method = self.house.clock(), FIELDS[field]
        if isinstance(done, Sent):
            can = self.book.waits(tab.id, now) and method in self.book.asked(tab.id)
            self._same(can, expected=True, what="sent")
            self.book.sent((SIGN_IN, tab.id), method, field, self._newest(), now)

    @rule(number=tabs, field=fields, what=typed, fresh=st.booleans(), act=between)
    def type_in(self, number: int, field: str, what: str, fresh: bool, act: str) -> None:
        """A code on the page of a sent code, to which one was sent if none was before; ``act``
        happens while it is being compared.
        """
        tab, method = self._tab(number), FIELDS[field]
        if not any(
            (code.of, code.method) == ((SIGN_IN, tab.id), method) for code in self.book.codes
        ):
            self.send(number, field)
        if fresh:
            self._load(tab)
        self.done[f"typed {what}"] += 1
        for _ in range(TRIES if what == "wrong" else 1):
            digits = self._digits(what, (SIGN_IN, tab.id), method)
            self._type_in(tab, field, digits, act)

    @rule(field=fields, act=between)
    def type_it_in(self, field: str, act: str) -> None:
        """The code that was sent, in a sign-in that has just begun; it is allowed again."""
        if FIELDS[field] not in self.book.allowed:
            self.administrator_changes(f"{FIELDS[field]}_codes")
        self.start()
        self.type_in(-1, field, "own", fresh=True, act=act)

    def _type_in(self, tab: Tab, field: str, digits: str, act: str = "") -> None:
        method, where, begun = FIELDS[field], (SIGN_IN, tab.id), self.house.clock()
        code = None
        if method in tab.asked:
            code = self.book.tried(where, method, digits, begun)
        with self._while_comparing(self._between(act, tab, field, digits)):
            answer = by_sent_code(
                self.installation, tab.waiting, Way(field), typed=digits, browser=tab.guest.browser
            )
        expected = False
        waits = tab.id in self.book.open
        if code is not None and waits and not code.dead:
            code.dead = True
            expected = self.book.counts(code) and self.book.waits(tab.id, self.house.clock())
            self.book.shown.append((tab.id, code))
        self._let_in(tab, answer, expected, f"by {method}")

    @rule(number=tabs, what=typed, door=st.sampled_from([APP, PAPER]))
    def type_elsewhere(self, number: int, what: str, door: str) -> None:
        """On the page of the app, or of recovery codes."""
        tab = self._tab(number)
        self._load(tab)
        digits = self._digits(what, (SIGN_IN, tab.id), EMAIL)
        right = what == door and self.book.has_app and digits != "000000"
        act: Callable[..., object] = second_step if door == APP else by_recovery_code
        answer = act(self.installation, tab.waiting, typed=digits, browser=tab.guest.browser)
        waits = self.book.waits(tab.id, self.house.clock())
        expected = right and waits and door in tab.asked
        if door == PAPER and right and door in tab.asked and tab.id in self.book.open:
            self.book.paper.discard(digits)
        self._let_in(tab, answer, expected, f"by {door}")

    @rule(door=st.sampled_from([APP, PAPER]), field=fields)
    def try_another_way(self, door: str, field: str) -> None:
        """A code is sent, and another one is typed; then the one that was sent all the same."""
        if PAPER not in self.book.allowed:
            self.administrator_changes("recovery_codes")
        self.start()
        self.send(-1, field)
        old = replace(self._tab(-1))
        self.type_elsewhere(-1, door, door)
        self._type_in(old, field, self._digits("own", (SIGN_IN, old.id), FIELDS[field]))

    @rule(number=tabs)
    def give_up(self, number: int) -> None:
        """**Cancel**."""
        self._cancel(self._tab(number))

    @rule(field=fields, what=typed, which=st.integers(0, 3))
    def prove(self, field: str, what: str, which: int) -> None:
        """A fresh proof in a session, whose last one is too old."""
        if not self.sessions:
            self.type_it_in(field, "")
        guest = self.sessions[which % len(self.sessions)]
        self.house.clock.forward(5 * MINUTE + 1)
        person = guest.person()
        if person is None:
            self.sessions.remove(guest)
            return
        method, where = FIELDS[field], (FRESH, person.session.sign_in_id)
        if what in ("own", "older"):
            sent = send_in_session(
                self.installation,
                person,
                "turn_off",
                Way(field),
                language="en",
                browser=guest.browser_in_session,
            )
            if isinstance(sent, Sent):
                can = method in self.book.methods()
                self._same(can, expected=True, what="sent in a session")
                now = self.house.clock()
                self.book.sent(where, method, field, self._newest(), now)
        digits = self._digits(what, where, method)
        code = self.book.tried(where, method, digits, self.house.clock())
        answer = confirm_by_sent_code(
            self.installation, person, Way(field), typed=digits, browser=guest.browser_in_session
        )
        if code is not None:
            code.dead = True
        self._same(isinstance(answer, Minted), code is not None, "confirmed")
        self.done["confirmed"] += code is not None
        guest.take(answer)
        if isinstance(answer, Ended):
            self.sessions.remove(guest)
            return
        step = step_up.demanded(self.installation, guest.me(), "turn_off")
        proven = code is not None and self.book.is_there(code)
        if self.book.methods():
            self._same(isinstance(step, SignedIn), proven, "proven")

    # --- what happens around them

    @rule(field=fields)
    def address_changes(self, field: str) -> None:
        self._address(field)

    @rule(what=st.sampled_from(["email_codes", "text_codes", "recovery_codes"]))
    def administrator_changes(self, what: str) -> None:
        """Disables a method, or allows it again."""
        method = {"email_codes": EMAIL, "text_codes": TEXT, "recovery_codes": PAPER}[what]
        value = "no" if method in self.book.allowed else "yes"
        self.house.set(self.house.northside, f"allow_{what}", value)
        self.book.allowed ^= {method}
        self.done[f"{what}: {value}"] += 1

    @rule(distance=st.sampled_from([30 * SECOND, 4 * MINUTE, 10 * MINUTE]))
    def time_passes(self, distance: int) -> None:
        self.house.clock.forward(distance)

    @rule(before=st.sampled_from([1, 0]))
    def time_passes_until_a_code_is_over(self, before: int) -> None:
        ends = [code.ends_at for code in self.book.codes if not code.dead]
        ahead = [end for end in ends if end - before > self.house.clock()]
        if ahead:
            self.house.clock.now = min(ahead) - before

    # --- how

    def _between(self, act: str, tab: Tab, field: str, digits: str) -> Callable[[], None]:
        acts: dict[str, Callable[[], None]] = {
            "": lambda: None,
            "resend": lambda: self._send_later(tab, field),
            "twin": lambda: self._type_in(tab, field, digits),
            "cancel": lambda: self._cancel(tab),
            "address": lambda: self._address(field),
            "disable": lambda: self.administrator_changes(f"{FIELDS[field]}_codes"),
        }
        return acts[act]

    def _send_later(self, tab: Tab, field: str) -> None:
        self.house.clock.forward(30 * SECOND)
        self._send(tab, field)

    @contextmanager
    def _while_comparing(self, act: Callable[[], None]) -> Iterator[None]:
        compare = sent_code_checks.compare
        done: list[bool] = []

        def then_something_happens(*given: Any) -> bool:
            right = compare(*given)
            if not done:
                done.append(True)
                act()
            return right

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(second_step_by_message, "compare", then_something_happens)
            yield

    def _tab(self, number: int) -> Tab:
        return self.tabs[number % len(self.tabs)]

    def _load(self, tab: Tab) -> None:
        """Load the page anew, where its sign-in still waits."""
        found = tab.guest.waiting() if tab.guest.pending else None
        if found is not None:
            tab.waiting, tab.asked = found, self.book.asked(tab.id)
            if not self.book.waits(tab.id, self.house.clock()):
                tab.asked = set()

    def _digits(self, what: str, where: tuple[str, bytes], method: str) -> str:
        codes = self.book.codes
        own = [code for code in codes if (code.of, code.method) == (where, method)]
        candidates = {
            "own": [code.digits for code in own[-1:]],
            "again": [code.digits for code in own[-1:]],
            "older": [code.digits for code in codes if code.of == where and code not in own[-1:]],
            "foreign": [code.digits for code in codes if code.of != where],
            "app": [self._app_code()] if self.phone and what == "app" else [],
            "paper": sorted(self.book.paper),
            "wrong": [],
        }
        return next(reversed(candidates[what]), "000000")

    def _app_code(self) -> str:
        """One that was not used yet."""
        assert self.phone is not None
        while step_now(self.house) <= self.last_step:
            self.house.clock.forward(30 * SECOND)
        self.last_step = step_now(self.house)
        return self.phone.code()

    def _newest(self) -> str:
        """The code that was made last. The counter is asked by making one nobody gets."""
        return str(next(self.world.numbers) - 1).zfill(6)

    def _address(self, field: str) -> None:
        number = next(self.world.addresses)
        text = {
            "email": f"user{number}@mail.example",
            "sms_email": f"21255{50000 + number}@gateway.example",
            "phone": f"+121255{50000 + number}",
        }[field]
        set_ = set_for_user(self.installation, self.user, ContactKind(field), text, language="en")
        assert isinstance(set_, EnteredForUser), set_
        self.book.address_changes(field, number)
        self.done["address"] += 1

    def _cancel(self, tab: Tab) -> None:
        cancel(self.installation, tab.waiting, tab.guest.browser)
        self.book.open.pop(tab.id, None)
        self.done["cancelled"] += 1

    def _let_in(self, tab: Tab, answer: object, expected: bool, how: str) -> None:
        self._same(isinstance(answer, Minted), expected, how)
        if expected:
            tab.guest.take(answer)
            self.book.open.pop(tab.id, None)
            self.sessions = [*self.sessions[-3:], tab.guest]
            self.done[how] += 1

    def _same(self, found: bool, expected: bool, what: str) -> None:
        if found != expected:
            raise Differs(f"{what}: {found}, and the book says {expected}")


Acts = Sequence[tuple[Any, ...]]
"""Each with the name of its rule, and what that is given."""


def machine_of(made: World) -> type[Any]:
    """The machine in that world."""
    return type("Here", (WaysMachine,), {"world": made})


def replay(made: World, acts: Acts) -> None:
    """These acts one after the other, by somebody without an app. Raises Differs."""
    machine = machine_of(made)()
    machine.somebody(app=False)
    for name, *given in acts:
        getattr(machine, name)(*given)
