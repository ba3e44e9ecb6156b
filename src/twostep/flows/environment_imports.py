"""``twostep import``: an environment that was exported elsewhere, with its users, keys and events.

    read all of it, believing nothing ─► everything in one transaction ─► the log says so

The file is read twice: once to find all that is wrong, and once to write it. Nothing is half
imported: a wrong line, a full disk or a kill leaves the installation as it was. In the place of the
boxes that were opened for the way stand new ones, sealed with keys of this installation.

The environment keeps its id, and so does every user: the audit log goes on where it ended, with the
key that came along, and whatever its events refer to is found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from twostep.core.audit import EventKind
from twostep.core.audit_chain import SealedEvent
from twostep.core.environments import Environment, Origin
from twostep.core.properties import CATALOGUE, Scope, effective
from twostep.core.users import name_key
from twostep.crypto.secret import KeyVersion
from twostep.flows import audit
from twostep.flows.environments import AddressTaken, EnvironmentNameTaken, checked_address
from twostep.flows.export_reading import Line, Reading
from twostep.flows.imported_keys import ImportedKeys
from twostep.flows.imported_users import Rows, Sealing
from twostep.flows.installation import Installation
from twostep.flows.person_contents import person_of
from twostep.storage import audit_stubs, environment_imports, environments, properties
from twostep.storage import keys as stored_keys
from twostep.storage.database import Connection

BATCH: Final = 500

Open = Callable[[], Iterable[bytes]]
"""Gives the lines of the file from its beginning."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A property that holds otherwise here, because defaults and floors of an installation stay."""

    name: str
    there: str
    here: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What was imported. ``without_codes``: users who had recovery codes, and have none here."""

    environment: Environment
    users: int
    events: int
    without_codes: int
    differences: Sequence[Difference]


@dataclass(frozen=True, slots=True)
class EnvironmentThere:
    """This environment is here already, as it was exported or as it has become since."""


Outcome = Imported | EnvironmentThere | EnvironmentNameTaken | AddressTaken


class FileChanged(Exception):
    """The file is another one than a moment ago. Nothing was imported."""


def import_environment(
    installation: Installation,
    open_lines: Open,
    *,
    trusted: bool,
    origins: Sequence[Origin] = (),
    name: str | None = None,
    progress: Progress = lambda done, total: None,
) -> Outcome:
    """Import the environment of a file. ``trusted``: it was sealed with a passphrase. ``origins``
    take the place of the addresses that it had, the first one the primary; ``name`` that of its
    name.

    Raises WrongExport, before anything is written, NotAnOrigin, FileChanged and ForeignKeyFile.
    """
    now = installation.clock()
    first = Reading(now=now)
    first.go(open_lines(), _telling(first, progress, half=0))
    environment = _environment(first, origins, name)
    keys = ImportedKeys.made(installation, environment.id, first, now=now)

    def act(connection: Connection) -> Outcome:
        refused = _refused(connection, environment)
        if refused is not None:
            return refused
        environments.add(connection, environment, key=name_key(environment.name), now=now)
        stored_keys.add(connection, keys.rows)
        writing = _Writing(connection, installation, environment.id, keys.box, trusted=trusted)
        # A unit does nothing but SQL, and this one reads a file: a million users who are written
        # all or none cannot lie in memory. It begins the file anew where it is run again.
        again = Reading(now=now)
        again.go(open_lines(), _telling(again, progress, half=1, take=writing.take))
        if again.sha256 != first.sha256:
            raise FileChanged
        writing.end(again.head, now=now)
        _record(connection, installation, environment.id, again, now=now)
        return _imported(connection, environment, again)

    return installation.database.write(act)


def _environment(read: Reading, origins: Sequence[Origin], name: str | None) -> Environment:
    """What it is to be here. Raises NotAnOrigin."""
    places = tuple(origins) or tuple(map(checked_address, read.header["origins"]))
    return Environment(
        id=read.header["environment_id"],
        name=name or read.header["name"],
        primary=places[0],
        others=places[1:],
    )


@dataclass(slots=True)
class _Writing:
    """Writes lines as they are read, a batch at a time."""

    connection: Connection
    installation: Installation
    environment_id: bytes
    box: KeyVersion
    trusted: bool = field(kw_only=True)
    _rows: Rows = field(default_factory=dict)
    _events: list[SealedEvent] = field(default_factory=list)
    _waiting: int = 0

    def take(self, line: Line) -> None:
        """Take one line."""
        match line.kind:
            case "property":
                self._add({"properties": [self._property(line.value)]})
            case "user":
                sealing = Sealing(
                    installation=self.installation,
                    environment_id=self.environment_id,
                    key=self.box,
                    trusted=self.trusted,
                )
                self._add(sealing.rows_of(line.value))
            case "person":
                self._add({"people": [self._person(line.value)]})
            case "stub":
                audit_stubs.put(self.connection, self.environment_id, line.value)
            case "event":
                self._events.append(line.value)
                self._waiting += 1
            case _:
                pass
        if self._waiting >= BATCH:
            self._write()

    def end(self, head: SealedEvent | None, *, now: int) -> None:
        """Write what is left, and how far the chain goes."""
        self._write()
        if head is not None:
            environment_imports.add_seal(self.connection, self.environment_id, head, now=now)

    def _add(self, rows: Mapping[str, Sequence[dict[str, Any]]]) -> None:
        for table, found in rows.items():
            self._rows.setdefault(table, []).extend(found)
        self._waiting += 1

    def _write(self) -> None:
        environment_imports.add(self.connection, self._rows)
        environment_imports.add_events(self.connection, self._events)
        self._rows, self._events, self._waiting = {}, [], 0

    def _property(self, value: Mapping[str, Any]) -> dict[str, Any]:
        of = {"environment_id": self.environment_id, "scope": Scope.ENVIRONMENT.value}
        return {**of, **value, "generation": 1}

    def _person(self, value: Mapping[str, Any]) -> dict[str, Any]:
        person = person_of(
            self.installation.keys,
            self.environment_id,
            value["id"],
            is_user=value["is_user"] == "yes",
            parts=value["content"],
        )
        return {
            "environment_id": self.environment_id,
            "id": person.id,
            "user_id": person.user_id,
            "lookup": person.lookup,
            "content": person.content,
            "erased_at": value["erased_at"],
        }


def _telling(
    reading: Reading,
    progress: Progress,
    *,
    half: int,
    take: Callable[[Line], None] = lambda line: None,
) -> Callable[[Line], None]:
    """``take``, with the bar moving: reading is one half of the work, writing the other."""
    done = 0

    def told(line: Line) -> None:
        nonlocal done
        take(line)
        done += 1
        total = int(reading.header["users"] + reading.header["events"])
        progress(half * total + min(done, total), 2 * total)

    return told


def _refused(
    connection: Connection, environment: Environment
) -> EnvironmentThere | EnvironmentNameTaken | AddressTaken | None:
    if environment_imports.is_there(connection, environment.id):
        return EnvironmentThere()
    if environments.by_name_key(connection, name_key(environment.name)) is not None:
        return EnvironmentNameTaken()
    taken = environments.taken_origin(connection, environment.origins)
    return None if taken is None else AddressTaken(taken)


def _record(
    connection: Connection,
    installation: Installation,
    environment_id: bytes,
    read: Reading,
    *,
    now: int,
) -> None:
    audit.record(
        connection,
        installation,
        EventKind.EVERYTHING_IMPORTED,
        environment_id=environment_id,
        now=now,
        users=read.users,
        events=read.head.number if read.head else 0,
    )


def _imported(connection: Connection, environment: Environment, read: Reading) -> Imported:
    stored = properties.of_environment(connection, environment.id)
    there: Mapping[str, str] = read.header["effective"]
    return Imported(
        environment=environment,
        users=read.users,
        events=read.head.number if read.head else 0,
        without_codes=read.recovery_codes,
        differences=tuple(
            Difference(name=name, there=value, here=effective(stored, name).value)
            for name, value in there.items()
            if name in CATALOGUE and effective(stored, name).value != value
        ),
    )
