"""Any order of acts about devices, each done by the flows and entered into the book of the rules.

After every act each browser is asked what a right password would lead to in it. Where that differs
from the book, in either direction, the machine stops with a :class:`Differs`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from sqlalchemy import or_, select

from tests.helpers.clocks import DAY, MINUTE, SECOND, START, HandClock
from tests.helpers.databases import new_sqlite
from tests.helpers.device_rules import ASKED, IN, SET_UP, Book, Waiting
from tests.helpers.house import NO_LIMITS, OTHER_PASSWORD, PASSWORD, House, make_installation_in
from tests.helpers.keepers import Keeper, step_now, would_be
from tests.helpers.owners import stored_token
from twostep.core.sign_in import AskSecondStep, NextStep, SetUp, SignedIn
from twostep.crypto.secret import Secret
from twostep.flows import authenticators, devices, users
from twostep.flows.mint import Minted
from twostep.flows.password_changes import Changed, change_own
from twostep.flows.pending import cancel
from twostep.flows.sessions import Person, who
from twostep.flows.set_up import SetUpDone
from twostep.flows.sign_in import NotLetIn, Pending
from twostep.flows.turn_off import turn_off
from twostep.storage import tables
from twostep.storage.database import open_database

BROWSERS = "ABCT"
"""T is the one into which cookies are copied, and somebody signs in there as well."""

browsers = st.sampled_from(BROWSERS)
distances = st.sampled_from(
    [SECOND, MINUTE, 4 * MINUTE, 6 * MINUTE, DAY, 6 * DAY, 8 * DAY, 23 * DAY]
)


class Differs(AssertionError):
    """The book says something else."""


class World:
    """One installation for all examples; a user of its own for each. ``done``: which acts were, and
    how often.
    """

    def __init__(self, house: House) -> None:
        self.house = house
        self.users = 0
        self.done: Counter[str] = Counter()


@contextmanager
def a_world(url: str | None = None) -> Iterator[World]:
    """Without the pauses after wrong tries: they are not what is looked at here.

    Without a database that has the newest schema and nothing in it, on SQLite, in memory where the
    machine has a folder for that.
    """
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        if url is None:
            url = new_sqlite(Path(folder) / "twostep.db")
        yield from _world_in(Path(folder), url)


def _world_in(folder: Path, url: str) -> Iterator[World]:
    database = open_database(url)
    clock = HandClock()
    made = make_installation_in(database, folder, clock=clock, limits=NO_LIMITS)
    try:
        yield World(House(made, clock, 8000))
    finally:
        made.hashing.close()
        database.close()


class DeviceMachine(RuleBasedStateMachine):
    """``world`` is set by whoever runs it, on a subclass of their own."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.house = house = self.world.house
        house.clock.now = START  # Each example has the same times, and so the same codes.
        self.installation, self.book = house.installation, Book()
        self._set("two_step_verification", "optional")
        self._set("days_to_remember_device", "30")
        self._set("remember_this_device", "ask")
        self.world.users += 1
        self.name, self.password = f"user {self.world.users}", PASSWORD
        self.user = house.add(self.name)
        self.guests = {letter: Keeper(house) for letter in BROWSERS}
        self.waiting: dict[str, Waiting] = {}
        self.last_step = self.looks = 0
        # Ann sets up her app in A, without any box to tick.
        guest = self.guests["A"]
        assert isinstance(guest.sign_in(self.name), Minted)
        self.book.let_in("A", Waiting(), house.clock(), code=False, tick=False)
        self.phone = guest.configure()
        self._use_step()
        assert isinstance(guest.verify_and_save(self.phone.code()), SetUpDone)
        self.book.new_key("A")

    # --- looking

    @invariant()
    def every_browser_is_asked_by_the_rules(self) -> None:
        """Now; and, of one browser after the other, around the moments at which it stops to pass,
        should nothing happen until then.
        """
        now = self.house.clock()
        self.looks += 1
        turn = BROWSERS[self.looks % len(BROWSERS)]
        later = [end - before for end in self.book.ends(turn) for before in (1, 0) if end > now + 1]
        looks = [(letter, now) for letter in BROWSERS] + [(turn, moment) for moment in later]
        for (letter, moment), step in zip(
            looks, would_be(self.house, self.user, self.guests, looks), strict=True
        ):
            self._compare(letter, step, moment)

    @invariant()
    def nobody_is_signed_in_whose_session_has_ended(self) -> None:
        for letter, guest in self.guests.items():
            if isinstance(guest.person(), Person) and letter not in self.book.sessions:
                raise Differs(f"the session in {letter} should have ended")

    def _compare(self, letter: str, step: NextStep, at: int) -> None:
        expected = self.book.expected(letter, at)
        kinds = {IN: SignedIn | Minted, ASKED: AskSecondStep, SET_UP: SetUp}
        if not isinstance(step, kinds[expected]):
            raise Differs(f"{letter} should be {expected} at {at - START}, not {step}")

    # --- signing in

    @initialize(
        ticked=st.sampled_from(["ABC", "AB", "BC", "C", ""]),
        days=st.sampled_from(["30", "7"]),
        since=st.sampled_from(["code mistype", "code", ""]),
    )
    def everywhere(self, ticked: str, days: str, since: str) -> None:
        """Each browser has shown a code once; the box was ticked in some. Then A's cookies were
        copied, and perhaps replaced since.
        """
        self._set_days(days)
        for letter in "ABC":
            self.sign_in(letter, "tick" if letter in ticked else "code")
        self._copy("A")
        for how in since.split():
            self.sign_in("A", how)

    @rule(
        letter=browsers,
        how=st.sampled_from(["tick", "tick", "mistype", "code", "give up", "leave"]),
    )
    def sign_in(self, letter: str, how: str) -> None:
        """As far as it goes; where a code is asked, as ``how`` says."""
        if how == "mistype":
            self.world.done["mistype"] += 1
            self.book.password_typed(letter)
            assert isinstance(self.guests[letter].sign_in(self.name, "not it"), NotLetIn)
            return
        if not self._password(letter) or how == "leave":
            return
        if how == "give up":
            waiting = self.guests[letter].waiting()
            assert waiting is not None
            cancel(self.installation, waiting, self.guests[letter].browser)
            del self.waiting[letter]
            self.world.done["give up"] += 1
        else:
            self._code(letter, tick=how == "tick")

    @precondition(lambda self: self.waiting)
    @rule(tick=st.booleans())
    def answer_what_waits(self, tick: bool) -> None:
        self._code(next(iter(self.waiting)), tick=tick)

    def _password(self, letter: str) -> bool:
        """The first step; whether the sign-in waits for a code or for set-up now."""
        guest, now = self.guests[letter], self.house.clock()
        expected = self.book.expected(letter, now)
        seen = self.book.password_typed(letter)
        answer = guest.sign_in(self.name, self.password)
        if isinstance(answer, Minted) and expected == IN:
            self.book.let_in(letter, seen, now, code=False, tick=False)
            self.waiting.pop(letter, None)
            self.world.done["let in"] += 1
            return False
        if not isinstance(answer, Pending) or expected == IN:
            raise Differs(f"{letter} should be {expected}, not {answer}")
        self._compare(letter, answer.step, now)
        self.waiting[letter] = seen
        return True

    def _code(self, letter: str, *, tick: bool) -> None:
        """The second step; a sign-in that something has overtaken meanwhile stays out."""
        guest, seen = self.guests[letter], self.waiting.pop(letter)
        self._use_step()
        found = guest.waiting() if guest.pending else None
        if found is not None and isinstance(found.step, SetUp):
            phone = guest.phone_in_sign_in()
            done = guest.verify_and_save_in_sign_in(phone.code())
            if isinstance(done, SetUpDone) and isinstance(done.step, Minted):
                self.phone = phone
                self.world.done["set up"] += 1
                self.book.set_up_in_sign_in()
                self._let_in(letter, seen, tick=False)
        elif found is not None:
            if isinstance(guest.code_and_tick(self.phone.code(), tick=tick), Minted):
                self.world.done["tick" if tick else "code"] += 1
                self._let_in(letter, seen, tick=tick)

    def _let_in(self, letter: str, seen: Waiting, *, tick: bool) -> None:
        self.book.let_in(letter, seen, self.house.clock(), code=True, tick=tick)

    def _use_step(self) -> None:
        """Wait for a code that was not used yet."""
        while step_now(self.house) <= self.last_step:
            self.house.clock.forward(30 * SECOND)
        self.last_step = step_now(self.house)

    # --- what a signed-in person does

    @rule(
        letter=browsers,
        act=st.sampled_from(["new key", "turn off", "password", "forget others", "new key"]),
    )
    def person_acts(self, letter: str, act: str) -> None:
        """In this browser, where they sign in first if they are not."""
        person = self._signed_in(letter)
        if person is None:
            return
        match act:
            case "forget others":
                devices.forget_others(self.installation, person)
                self.world.done[act] += 1
                self.book.forget_others(letter)
            case "password":
                self._change_password(letter, person)
            case "new key":
                self._new_key(letter)
            case "turn off":
                self._turn_off(letter)
            case _:
                raise AssertionError(act)

    @rule(letter=browsers, other=browsers)
    def person_forgets(self, letter: str, other: str) -> None:
        """Another device than the one in which it is done."""
        person = self._signed_in(letter)
        card, row = self.book.cards.get(other), self._row_of(other)
        if person is None or card is None or row is None:
            return
        if card.page is not self.book.sessions[letter]:
            if devices.forget(self.installation, person, row):
                self.world.done["forget"] += 1
                self.book.forget(card.page)

    def _signed_in(self, letter: str) -> Person | None:
        if self._person(letter) is None:
            self.sign_in(letter, "tick")
        return self._person(letter)

    def _change_password(self, letter: str, person: Person) -> None:
        new = OTHER_PASSWORD if self.password == PASSWORD else PASSWORD
        guest = self.guests[letter]
        done = change_own(
            self.installation,
            self.house.harbour,
            person,
            current=Secret(self.password),
            new=Secret(new),
            browser=guest.browser_in_session,
        )
        assert isinstance(done, Changed)
        self.password = new
        self.world.done["password"] += 1
        guest.take(done.step)
        self.book.new_password(letter)

    def _new_key(self, letter: str) -> None:
        """The first one, or another one."""
        guest = self.guests[letter]
        if self._proven(letter):
            authenticators.offer_in_session(
                self.installation, guest.me(), instead=self.book.has_key
            )
            person = guest.me()
            phone = guest.phone(person.user.id, person.session.id)
            self._use_step()
            assert isinstance(guest.verify_and_save(phone.code()), SetUpDone)
            self.phone = phone
            self.world.done["new key"] += 1
            self.book.new_key(letter)

    def _turn_off(self, letter: str) -> None:
        guest = self.guests[letter]
        if self.book.has_key and self.book.mode != "required" and self._proven(letter):
            done = turn_off(self.installation, guest.me(), browser=guest.browser_in_session)
            assert isinstance(guest.take(done), Minted)
            self.world.done["turn off"] += 1
            self.book.turn_off(letter)

    def _proven(self, letter: str) -> bool:
        if self._person(letter) is None:
            return False
        self._use_step()
        guest = self.guests[letter]
        return self._person(letter) is not None and guest.prove(
            "new_key", self.phone.code(), self.password
        )

    def _person(self, letter: str) -> Person | None:
        guest = self.guests[letter]
        found = who(self.installation, guest.where, guest.session) if guest.session else None
        return found if isinstance(found, Person) else None

    def _row_of(self, letter: str) -> bytes | None:
        """The id of the device whose cookie this browser holds."""
        token = stored_token(next(iter(self.guests[letter].cookies.values()), ""))
        device = tables.devices.c
        found = select(device.id).where(
            or_(device.token_hash == token, device.earlier_token_hash == token)
        )
        return self.installation.database.read(
            lambda connection: connection.execute(found).scalar_one_or_none()
        )

    # --- what happens around them

    @rule(of=st.sampled_from("ABC"))
    def copy_cookies(self, of: str) -> None:
        self._copy(of)

    def _copy(self, of: str) -> None:
        self.guests["T"].cookies = dict(self.guests[of].cookies)
        self.book.copy(of, "T")

    @rule(distance=distances)
    def time_passes(self, distance: int) -> None:
        self.house.clock.forward(distance)

    @rule(by=st.sampled_from([5 * SECOND, MINUTE]))
    def clock_is_set_back(self, by: int) -> None:
        self.house.clock.forward(-by)
        self.world.done["set back"] += 1

    @rule(letter=browsers, before=st.sampled_from([1, 0]), which=st.integers(0, 1))
    def time_passes_until_it_ends(self, letter: str, before: int, which: int) -> None:
        """To the last millisecond in which this browser passes, or to the first in which not."""
        ahead = [end for end in self.book.ends(letter) if end > self.house.clock() + 1]
        if ahead:
            self.house.clock.now = ahead[which % len(ahead)] - before

    @rule(days=st.sampled_from(["30", "7", "0 30", "7 30", "0"]))
    def administrator_sets_days(self, days: str) -> None:
        for value in days.split():
            self._set_days(value)

    def _set_days(self, value: str) -> None:
        self._set("days_to_remember_device", value)
        self.world.done[f"{value} days"] += 1
        self.book.set_days(int(value))

    @rule(mode=st.sampled_from(["optional", "required", "off optional", "off required", "off"]))
    def administrator_sets_mode(self, mode: str) -> None:
        for value in mode.split():
            self._set("two_step_verification", value)
            self.world.done[value] += 1
            self.book.set_mode(value)

    @rule(act=st.sampled_from(["ask", "always", "ask", "disable and enable"]))
    def administrator_does_something_else(self, act: str) -> None:
        if act == "disable and enable":
            users.disable(self.installation, self.house.harbour, self.user)
            users.enable(self.installation, self.house.harbour, self.user)
            self.world.done["disable"] += 1
            self.book.disable_and_enable()
        else:
            self._set("remember_this_device", act)
            self.world.done[act] += 1
            self.book.always = act == "always"

    def _set(self, name: str, value: str) -> None:
        self.house.set(self.house.harbour, name, value)


ACTS = frozenset(
    {
        "answer_what_waits",
        "person_acts",
        "person_forgets",
        "copy_cookies",
        "time_passes",
        "clock_is_set_back",
        "time_passes_until_it_ends",
        "administrator_sets_days",
        "administrator_sets_mode",
        "administrator_does_something_else",
    }
)
"""All of them, but for signing in."""


def machine_of(made: World, acts: frozenset[str] = ACTS) -> type[Any]:
    """The machine in that world, with these acts beside signing in."""
    assert acts <= ACTS
    left_out: dict[str, Any] = dict.fromkeys(ACTS - acts)
    return type("Here", (DeviceMachine,), {"world": made} | left_out)
