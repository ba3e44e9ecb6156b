"""Lists of new users: read as they come in, checked, and imported all or none.

    bytes ──feed──► lines, in batches ──finish──► checked: every bad line with its reason
                                                      │ none is bad, and the button is pressed
                                                      ▼
                                     all users in one transaction (``import_lists``)

A list may have a hundred thousand lines; never more than a batch of them is in memory. Addresses
are sealed as soon as they are read. A list that was begun and not finished is nobody: it is thrown
away by its maker's next one, and after a day by itself.
"""

from __future__ import annotations

import codecs
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from twostep.core.contacts import ContactKind, EnteredBy
from twostep.core.environments import Environment
from twostep.core.permissions import Permission
from twostep.core.user_lists import (
    LONGEST_LINE,
    MOST_LINES,
    BadLine,
    Header,
    Import,
    ImportState,
    LineProblem,
    ListProblem,
    NewLine,
    WrongList,
    is_empty,
    name_in,
    read_header,
    read_line,
)
from twostep.core.users import LONGEST_NAME, User, name_key, without_controls
from twostep.crypto.identifiers import new_id
from twostep.flows.contact_reading import NotUsable, read
from twostep.flows.contact_rows import Entered, sealed
from twostep.flows.installation import Installation
from twostep.flows.sessions import Person, still_in
from twostep.storage import permissions, user_imports
from twostep.storage.database import Connection

BATCH: Final = 500
"""Lines written in one transaction: some tens of milliseconds, for which others who write wait."""

MOST_SHOWN: Final = 200
"""Bad lines on one page."""


class ListDropped(Exception):
    """The list was thrown away while it was read: its maker has begun another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One of the first lines, as it was understood."""

    name: str
    full_name: str
    masked: str
    invite: bool


class Reading:
    """A list that comes in. ``feed`` it in pieces of any size, then ``finish``.

    Each may raise WrongList, for a list of which nothing can be read, and ListDropped; after that,
    and whenever the rest does not come, it is to be dropped.
    """

    def __init__(
        self,
        installation: Installation,
        environment: Environment,
        *,
        made_by: bytes | None,
        language: str,
    ) -> None:
        """Writes down that a list has begun."""
        self._installation = installation
        self._environment = environment
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._rest = ""
        self._number = 0
        self._header: Header | None = None
        self._batch: list[Mapping[str, object]] = []
        self._read = 0
        now = installation.clock()
        self.id = new_id()
        new = Import(
            environment_id=environment.id,
            id=self.id,
            made_by=made_by,
            state=ImportState.READING,
            lines=0,
            bad=0,
            invited=0,
            finished=0,
            language=language,
            made_at=now,
            changed_at=now,
        )
        installation.database.write(lambda connection: user_imports.begin(connection, new))

    @property
    def lines(self) -> int:
        """How many users were read so far."""
        return self._read

    def feed(self, data: bytes) -> None:
        """The next piece."""
        self._rest += self._decoded(data)
        *lines, self._rest = self._rest.split("\n")
        for line in lines:
            self._take(line)
        if len(self._rest) > LONGEST_LINE + 1:
            # Cut, so that a file without line ends fills no memory: it stays too long.
            self._rest = self._rest[: LONGEST_LINE + 2]

    def finish(self) -> Import:
        """All has come: look for names that are there twice, or taken."""
        self._rest += self._decoded(b"", final=True)
        self._take(self._rest)
        self._write()
        if self._read == 0:
            raise WrongList(ListProblem.EMPTY, max(1, self._number))
        return check(self._installation, self._environment.id, self.id)

    def drop(self) -> None:
        """Throw the list away."""
        now = self._installation.clock()
        self._installation.database.write(
            lambda c: user_imports.drop(c, self._environment.id, self.id, now=now)
        )

    def _decoded(self, data: bytes, *, final: bool = False) -> str:
        try:
            return self._decoder.decode(data, final)
        except UnicodeDecodeError as wrong:
            # A piece may hold many lines: those before the letter are readable.
            before = wrong.object[: wrong.start].count(b"\n")
            raise WrongList(ListProblem.NOT_UTF8, self._number + 1 + before) from None

    def _take(self, line: str) -> None:
        self._number += 1
        line = line.rstrip("\r")
        if is_empty(line):
            return
        if self._header is None:
            if len(line) > LONGEST_LINE:
                raise WrongList(ListProblem.NO_HEADER, self._number)
            self._header = read_header(line)
            return
        self._read += 1
        if self._read > MOST_LINES:
            raise WrongList(ListProblem.TOO_MANY, self._number)
        self._batch.append(self._row(self._header, line))
        if len(self._batch) >= BATCH:
            self._write()

    def _row(self, header: Header, line: str) -> Mapping[str, object]:
        found = read_line(header, line)
        if isinstance(found, NewLine):
            return self._good(found)
        name = name_in(header, line)
        return self._values(name, "", problem=found)

    def _good(self, line: NewLine) -> Mapping[str, object]:
        if not line.email:
            return self._values(line.name, line.full_name, invite=line.invite)
        now = self._installation.clock()
        address = read(ContactKind.EMAIL, line.email, now=now)
        if isinstance(address, NotUsable):
            return self._values(line.name, line.full_name, problem=LineProblem.ADDRESS_UNUSABLE)
        user = _user(self._environment.id, line, now)
        entered = Entered(
            kind=ContactKind.EMAIL, text=address.text, by=EnteredBy.ADMINISTRATOR, language=""
        )
        to = sealed(self._installation, user, entered, now=now)
        values = dict(self._values(line.name, line.full_name, invite=line.invite))
        return values | {
            "id": to.contact.id,
            "user_id": user.id,
            "sealed": to.sealed,
            "key_version": to.key_version,
            "masked": to.masked,
            "address_hash": to.address_hash,
        }

    def _values(
        self, name: str, full_name: str, *, invite: bool = False, problem: LineProblem | None = None
    ) -> Mapping[str, object]:
        shown = without_controls(name)[:LONGEST_NAME]
        return {
            "id": new_id(),
            "number": self._number,
            "user_id": new_id(),
            "name": shown,
            "name_key": name_key(shown),
            "full_name": full_name,
            "sealed": None,
            "key_version": None,
            "masked": None,
            "address_hash": None,
            "invite": invite,
            "problem": None if problem is None else problem.value,
        }

    def _write(self) -> None:
        batch, self._batch = self._batch, []
        if not batch:
            return
        now, place = self._installation.clock(), (self._environment.id, self.id)
        written = self._installation.database.write(
            lambda c: user_imports.add_lines(c, *place, batch, now=now)
        )
        if not written:
            raise ListDropped


def check(installation: Installation, environment_id: bytes, import_id: bytes) -> Import:
    """Look again which names are there twice, or taken. Raises ListDropped."""
    now = installation.clock()
    found = installation.database.write(
        lambda connection: user_imports.check(connection, environment_id, import_id, now=now)
    )
    if found is None:
        raise ListDropped
    return found


def find(installation: Installation, environment_id: bytes, import_id: bytes) -> Import | None:
    """The list of that id, or None: there is none, or it was thrown away."""
    found = installation.database.read(
        lambda connection: user_imports.by_id(connection, environment_id, import_id)
    )
    return None if found is None or found.state is ImportState.DROPPED else found


def was_dropped(installation: Installation, environment_id: bytes, import_id: bytes) -> bool:
    """Whether there was a list of that id, which was thrown away."""
    found = installation.database.read(
        lambda connection: user_imports.by_id(connection, environment_id, import_id)
    )
    return found is not None and found.state is ImportState.DROPPED


def bad_lines(
    installation: Installation, found: Import, *, after: int = 0, most: int = MOST_SHOWN
) -> Sequence[BadLine]:
    """Lines that are wrong, beginning after that number."""
    return installation.database.read(
        lambda c: user_imports.bad_lines(c, found.environment_id, found.id, after=after, most=most)
    )


def drop(installation: Installation, found: Import, person: Person) -> bool:
    """Throw a list away; False where it was imported, or thrown away before, or where the person
    may no longer do it.
    """
    now = installation.clock()

    def act(connection: Connection) -> bool:
        if not still_in(connection, person):
            return False
        held = permissions.of_user(connection, found.environment_id, person.user.id)
        if Permission.MANAGE_USERS not in held:
            return False
        return user_imports.drop(connection, found.environment_id, found.id, now=now)

    return installation.database.write(act)


def samples(installation: Installation, found: Import, *, most: int) -> Sequence[Sample]:
    """The first lines, as they were understood."""
    rows = installation.database.read(
        lambda c: user_imports.lines(c, found.environment_id, found.id, most=most)
    )
    return [
        Sample(name=row.name, full_name=row.full_name, masked=row.masked or "", invite=row.invite)
        for row in rows
    ]


def _user(environment_id: bytes, line: NewLine, now: int) -> User:
    """As far as the box of an address asks for one."""
    return User(
        id=new_id(),
        environment_id=environment_id,
        name=line.name,
        made_at=now,
        password_generation=1,
        second_step_generation=1,
        full_name=line.full_name,
    )
