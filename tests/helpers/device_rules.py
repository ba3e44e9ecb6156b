"""The rules about devices once more, as a person would keep a book of them.

It is written from MISSION.md (CT-5 to CT-12) and the abuse cases AC-23 to AC-30, without looking at
the code that it judges, and imports nothing of it. Where the code compares numbers that rise, this
crosses entries out at the moment at which something ends them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

SECOND = 1_000
MINUTE = 60 * SECOND
DAY = 24 * 60 * MINUTE

IN, ASKED, SET_UP = "let in", "asked for a code", "held at set-up"


@dataclass(eq=False)
class Page:
    """What the book says of one device. ``ticked``: for how many days, as it was then."""

    code_at: int | None = None
    ticked: int | None = None
    minutes: bool = False
    forgotten: bool = False
    newest: int = 0
    before: int | None = None
    before_is_good: bool = False

    def cross_out(self) -> None:
        """Nothing that was shown here counts any more."""
        self.ticked, self.minutes = None, False


@dataclass
class Card:
    """The cookie that a browser holds: of which device, and the how manieth of that device."""

    page: Page
    number: int


@dataclass
class Waiting:
    """A sign-in whose password was right: what the browser was recognised as."""

    page: Page | None = None
    good: bool = False


@dataclass
class Book:
    """Of one user. Browsers are known by a letter."""

    mode: str = "optional"
    days: int = 30
    always: bool = False
    has_key: bool = True
    pages: list[Page] = field(default_factory=list)
    cards: dict[str, Card] = field(default_factory=dict)
    sessions: dict[str, Page] = field(default_factory=dict)

    # --- who is asked

    def expected(self, browser: str, now: int) -> str:
        """What happens to a right password in this browser."""
        if self.mode == "off":
            return IN
        if not self.has_key:
            return SET_UP if self.mode == "required" else IN
        seen = self._recognise(browser)
        return IN if seen.page and seen.good and self._passes(seen.page, now) else ASKED

    def ends(self, browser: str) -> list[int]:
        """The moments at which this browser stops to pass, as far as they are known."""
        card = self.cards.get(browser)
        if card is None or card.page.code_at is None:
            return []
        ticked = [] if card.page.ticked is None else [min(card.page.ticked, self.days) * DAY]
        return [card.page.code_at + lasts for lasts in (5 * MINUTE, *ticked)]

    def _passes(self, page: Page, now: int) -> bool:
        if page.forgotten or page.code_at is None:
            return False
        if page.code_at - now > 10 * SECOND:
            return False  # The clock was set back since: nobody knows how long ago it was.
        if page.minutes and now - page.code_at < 5 * MINUTE:
            return True
        if page.ticked is None:
            return False
        return now - page.code_at < min(page.ticked, self.days) * DAY

    # --- the cookie

    def _recognise(self, browser: str) -> Waiting:
        card = self.cards.get(browser)
        if card is None or card.page.forgotten:
            return Waiting()
        if card.number == card.page.newest:
            return Waiting(card.page, good=True)
        if card.number == card.page.before:
            return Waiting(card.page, good=card.page.before_is_good)
        return Waiting()

    def password_typed(self, browser: str) -> Waiting:
        """Right or wrong, it came with the cookie: whoever shows the newest one has received it."""
        seen = self._recognise(browser)
        if seen.page is not None and self.cards[browser].number == seen.page.newest:
            seen.page.before_is_good = False
        return seen

    def let_in(self, browser: str, seen: Waiting, now: int, *, code: bool, tick: bool) -> None:
        """The sign-in is complete, with a code or without: the browser gets its next cookie."""
        page = seen.page
        if page is None or page.forgotten:
            page = Page()
            self.pages.append(page)
        else:
            if not page.before_is_good:
                page.before, page.before_is_good = page.newest, True
            page.newest += 1
        if code:
            page.code_at, page.minutes = now, True
            page.ticked = self.days if (tick or self.always) and self.days > 0 else None
        self.cards[browser] = Card(page, page.newest)
        self.sessions[browser] = page

    def copy(self, of: str, to: str) -> None:
        """Somebody copies the lasting cookies of a browser into another one."""
        self.cards.pop(to, None)
        if of in self.cards:
            self.cards[to] = Card(self.cards[of].page, self.cards[of].number)

    # --- what ends it

    def forget(self, page: Page) -> None:
        """The person forgets a device; its sessions end."""
        page.forgotten = True
        self.sessions = {name: at for name, at in self.sessions.items() if at is not page}

    def forget_others(self, browser: str) -> None:
        """All but the one in which it is said."""
        for page in self.pages:
            if page is not self.sessions[browser]:
                self.forget(page)

    def new_password(self, browser: str) -> None:
        """In this browser all goes on (CT-8), everywhere else nothing does."""
        self._only_here(browser)

    def new_key(self, browser: str) -> None:
        """What is remembered in this browser goes on; the five minutes stood on the old key."""
        self._only_here(browser)
        self.sessions[browser].minutes = False
        self.has_key = True

    def turn_off(self, browser: str) -> None:
        """A second step that is no more was shown nowhere."""
        self._only_here(browser)
        self._nowhere()
        self.has_key = False

    def set_up_in_sign_in(self) -> None:
        """The key is new, and every session but the one to come has ended."""
        self._nowhere()
        self.sessions = {}
        self.has_key = True

    def set_days(self, days: int) -> None:
        """0 ends what is remembered, for good."""
        if days == 0 and self.days > 0:
            for page in self.pages:
                page.ticked = None
        self.days = days

    def set_mode(self, mode: str) -> None:
        """Off ends everything that was shown, for good (CT-11)."""
        if mode == "off" and self.mode != "off":
            self._nowhere()
        self.mode = mode

    def disable_and_enable(self) -> None:
        """An administrator shuts the person out, and lets them in again."""
        for page in self.pages:
            page.forgotten = True
        self.sessions = {}

    def _only_here(self, browser: str) -> None:
        here = self.sessions[browser]
        for page in self.pages:
            if page is not here:
                page.cross_out()
        self.sessions = {browser: here}

    def _nowhere(self) -> None:
        for page in self.pages:
            page.cross_out()
