"""What a second step is passed with, as a person would keep a book of it.

It is written from the abuse cases AC-06, AC-09 and AC-11 of the security notes, without looking at
the code that it judges, and imports nothing of it: a code is good for the one sign-in and method
that it was sent for, once, as long as it is the newest, for ten minutes and five tries, while its
address is still there and its method allowed.
"""

from __future__ import annotations

from dataclasses import dataclass, field

MINUTE = 60_000

EMAIL, TEXT, APP, PAPER = "email", "text", "app", "paper"
SENT = (EMAIL, TEXT)

CODE_LIVES = 10 * MINUTE
TRIES = 5
SIGN_IN_WAITS, SET_UP_WAITS = 15 * MINUTE, 30 * MINUTE
MOST_OPEN = 5


@dataclass(eq=False)
class Entry:
    """One code that was sent. ``of``: the sign-in or session; ``address``: the how manieth of its
    field.
    """

    digits: str
    of: tuple[str, bytes]
    method: str
    field: str
    address: int
    ends_at: int
    tries: int = 0
    dead: bool = False


@dataclass
class Book:
    """One person's. ``addresses``: by field, the how manieth one is there now."""

    has_app: bool
    addresses: dict[str, int] = field(default_factory=dict)
    allowed: set[str] = field(default_factory=lambda: {EMAIL, TEXT, APP, PAPER})
    open: dict[bytes, int] = field(default_factory=dict)
    overtaken: set[bytes] = field(default_factory=set)
    paper: set[str] = field(default_factory=set)
    codes: list[Entry] = field(default_factory=list)
    shown: list[tuple[bytes, Entry]] = field(default_factory=list)

    def methods(self) -> set[str]:
        """What can be asked of this person now."""
        has = set(SENT) | ({APP, PAPER} if self.has_app else set())
        return has & self.allowed

    def asked(self, sign_in: bytes) -> set[str]:
        """What that sign-in asks for: nothing where something counts that was shown."""
        if sign_in in self.overtaken:
            return set()
        done = any(of == sign_in and self.counts(code) for of, code in self.shown)
        return set() if done else self.methods()

    def begin(self, sign_in: bytes, now: int) -> None:
        """The password was right."""
        self.open[sign_in] = now + (SIGN_IN_WAITS if self.methods() else SET_UP_WAITS)
        while len(self.open) > MOST_OPEN:
            del self.open[next(iter(self.open))]

    def waits(self, sign_in: bytes, now: int) -> bool:
        """Whether that sign-in can still be completed."""
        return now < self.open.get(sign_in, 0) and sign_in not in self.overtaken

    def address_changes(self, kind: str, number: int) -> None:
        """What was begun while codes went to the one before is over."""
        if kind in self.addresses:
            self.overtaken |= set(self.open)
        self.addresses[kind] = number

    def sent(self, of: tuple[str, bytes], method: str, kind: str, digits: str, now: int) -> None:
        """A new one replaces the one before."""
        for code in self.codes:
            if (code.of, code.method) == (of, method):
                code.dead = True
        entry = Entry(digits, of, method, kind, self.addresses[kind], now + CODE_LIVES)
        self.codes.append(entry)

    def alive(self, of: tuple[str, bytes], method: str, now: int) -> Entry | None:
        """The code that takes tries there."""
        for code in self.codes:
            if (code.of, code.method) == (of, method) and not code.dead:
                return code if now < code.ends_at and code.tries < TRIES else None
        return None

    def tried(self, of: tuple[str, bytes], method: str, digits: str, now: int) -> Entry | None:
        """The code that this is, if it is any. Each try counts."""
        code = self.alive(of, method, now)
        if code is None:
            return None
        code.tries += 1
        return code if code.digits == digits else None

    def is_there(self, code: Entry) -> bool:
        """Whether its address still is what it was."""
        return self.addresses[code.field] == code.address

    def counts(self, code: Entry) -> bool:
        """Whether a sign-in gets anything for it now."""
        return self.is_there(code) and code.method in self.allowed
