"""Reading an export, line by line, and believing nothing of it (AC-80).

Every line that is wrong is named with its number, so that whoever mends the file sees all of it at
once. The events must be the chain that they say they are: it is followed here with the keys that
come along, before anything is written.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from twostep.core import environment_lines as lines_of
from twostep.core.audit_chain import GENESIS, Seal, SealedEvent, chain
from twostep.core.audit_stubs import NotAStub, read_stub
from twostep.core.contacts import ContactKind, EnteredBy
from twostep.core.environment_exports import LONGEST_LINE, WrongLine, read, record
from twostep.core.properties import BadValue, UnknownProperty, find
from twostep.core.users import NotAName, checked_name, name_key
from twostep.crypto.password_hashes import HostileParameters, UnknownHash, read_hash
from twostep.crypto.secret import Secret
from twostep.delivery.mail_form import NotAnAddress
from twostep.flows.contact_reading import NotUsable, read_email
from twostep.flows.contact_reading import read as read_address

MOST_NAMED: Final = 50
"""Wrong lines that are told of: behind them the file is another one altogether."""

_ORDER: Final = ("property", "audit_key", "user", "person", "stub", "event", "end")


@dataclass(frozen=True, slots=True, kw_only=True)
class BadLine:
    """A line that is wrong, by its number, and why."""

    number: int
    why: str


class WrongExport(Exception):
    """The file cannot be imported. ``lines`` names what is wrong, the first fifty."""

    def __init__(self, lines: Iterable[BadLine]) -> None:
        super().__init__("the file cannot be imported")
        self.lines = tuple(lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line that is right. ``value``: its members; of an event, the ``SealedEvent``; of a stub,
    its text.
    """

    kind: str
    value: Any


Take = Callable[[Line], object]


@dataclass(slots=True, kw_only=True)
class Reading:
    """One pass over a file. ``now`` in milliseconds."""

    now: int
    header: dict[str, Any] = field(default_factory=dict)
    keys: dict[int, bytes] = field(default_factory=dict)
    users: int = 0
    recovery_codes: int = 0
    head: SealedEvent | None = None
    sha256: str = ""
    bad: list[BadLine] = field(default_factory=list)
    _last: Seal = field(default_factory=lambda: Seal(number=0, mac=GENESIS))
    _names: dict[bytes, int] = field(default_factory=dict)
    _ids: set[bytes] = field(default_factory=set)
    _rank: int = 0
    _ended: bool = False

    def go(self, lines: Iterable[bytes], take: Take = lambda line: None) -> None:
        """Read all of it. ``take`` is given every line that is right. Raises WrongExport."""
        digest, number = hashlib.sha256(), 0
        for number, line in enumerate(lines, start=1):
            try:
                take(self._line(number, line, digest.hexdigest))
            except WrongLine as wrong:
                self.bad.append(BadLine(number=number, why=str(wrong)))
                if number == 1 or len(self.bad) >= MOST_NAMED:
                    raise WrongExport(self.bad) from None
            digest.update(line)
        if not self._ended:
            self.bad.append(BadLine(number=number + 1, why="the file ends too early"))
        if self.bad:
            raise WrongExport(self.bad)
        self.sha256 = digest.hexdigest()

    def _line(self, number: int, line: bytes, so_far: Callable[[], str]) -> Line:
        kind, members = read(line)
        if number == 1:
            self.header = lines_of.header(kind, members)
            return Line(kind="header", value=self.header)
        if kind not in _ORDER or _ORDER.index(kind) < self._rank or self._ended:
            raise WrongLine("a line of this kind does not stand here")
        self._rank = _ORDER.index(kind)
        match kind:
            case "property":
                return Line(kind=kind, value=_property(members))
            case "audit_key":
                key = record(members, lines_of.AUDIT_KEY)
                self.keys[key["version"]] = key["key"]
                return Line(kind=kind, value=key)
            case "user":
                return Line(kind=kind, value=self._user(number, members))
            case "person":
                return Line(kind=kind, value=_person(members))
            case "stub":
                return Line(kind=kind, value=self._stub(members))
            case "event":
                return Line(kind=kind, value=self._event(members))
            case _:
                return Line(kind=kind, value=self._end(number, members, so_far()))

    def _user(self, number: int, members: Mapping[str, Any]) -> dict[str, Any]:
        user = record(members, lines_of.USER)
        try:
            tidy = checked_name(user["name"])
        except NotAName:
            raise WrongLine("name: not the name of a user") from None
        key = hashlib.sha256(name_key(tidy).encode()).digest()[:16]
        first = self._names.setdefault(key, number)
        if tidy != user["name"] or first != number:
            raise WrongLine(f"name: the same as in line {first}, or not as it is stored")
        if user["id"] in self._ids:
            raise WrongLine("id: it comes twice")
        self._ids.add(user["id"])
        _check_password(user["password"])
        _check_addresses(user["addresses"], self.now)
        self.users += 1
        self.recovery_codes += user["recovery_codes"] > 0
        return user

    def _stub(self, members: Mapping[str, Any]) -> str:
        line: str = record(members, lines_of.STUB)["line"]
        place = self.header["environment_id"]
        try:
            stub = read_stub(line, environment_id=place, key_of=self.keys.__getitem__)
        except NotAStub:
            raise WrongLine("its signature does not fit") from None
        if self.head is not None or self._last.number:
            raise WrongLine("it comes twice")
        self._last = stub.seal
        return line

    def _event(self, members: Mapping[str, Any]) -> SealedEvent:
        entry = lines_of.sealed_event(members, self.header["environment_id"])
        if entry.event is None or entry.key_version not in self.keys:
            raise WrongLine("the key that sealed it does not come along")
        right = chain(self._last.mac, entry.event, key=self.keys[entry.key_version])
        if entry.number != self._last.number + 1 or not hmac.compare_digest(right, entry.mac):
            raise WrongLine("it is not what was sealed in this place of the audit log")
        self._last, self.head = Seal(number=entry.number, mac=entry.mac), entry
        return entry

    def _end(self, number: int, members: Mapping[str, Any], so_far: str) -> dict[str, Any]:
        end = record(members, lines_of.END)
        if end["lines"] != number - 1 or end["sha256"].hex() != so_far:
            raise WrongLine("the file is not as it was written")
        self._ended = True
        return end


def lines_in(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The lines of pieces of any size, each with its newline."""
    rest = b""
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        yield from (line + b"\n" for line in whole)
        if len(rest) > LONGEST_LINE:
            break  # No line of ours; more of it would only fill the memory.
    if rest:
        yield rest


def _property(members: Mapping[str, Any]) -> dict[str, Any]:
    found = record(members, lines_of.PROPERTY)
    try:
        right = find(found["name"]).check(found["value"])
    except (UnknownProperty, BadValue):
        raise WrongLine("no such property, or no value of it") from None
    return {**found, "name": find(found["name"]).name, "value": right}


def _person(members: Mapping[str, Any]) -> dict[str, Any]:
    person = record(members, lines_of.PERSON)
    names = {"name"} if person["is_user"] == "yes" else {"address", "browser"}
    if person["content"] is not None and person["content"].keys() != names:
        raise WrongLine("content: not what stands there of a person")
    return person


def _check_password(password: Mapping[str, Any] | None) -> None:
    """A hash that would take gigabytes at each sign-in is refused here, and not at the sign-in."""
    if password is None:
        return
    try:
        read_hash(Secret(password["hash"].encode()))
    except HostileParameters:
        raise WrongLine(
            "password: its hash asks for more memory or time than any of ours"
        ) from None
    except UnknownHash:
        raise WrongLine("password: a hash of no known form") from None


def _check_addresses(addresses: list[dict[str, Any]], now: int) -> None:
    kinds = [address["kind"] for address in addresses]
    if len(kinds) != len(set(kinds)):
        raise WrongLine("addresses: two of one kind")
    for address in addresses:
        if not _is_address(ContactKind(address["kind"]), address["address"], now):
            raise WrongLine(f"addresses: no {address['kind']} that could be used")
        if address["entered_by"] == EnteredBy.USER and address["confirmed_at"] is None:
            raise WrongLine("addresses: one that does not count")


def _is_address(kind: ContactKind, text: str, now: int) -> bool:
    if kind is ContactKind.PHONE:
        found = read_address(kind, text, now=now)
        return not isinstance(found, NotUsable) and found.text == text
    try:
        # An address of a gateway that has ended is a good address: it leads nowhere, and is
        # listed as such.
        return read_email(text) == text
    except NotAnAddress:
        return False
