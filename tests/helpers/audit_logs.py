"""An audit log with people in it, and what somebody who owns the database can do to it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Executable, event, select, text

from tests.helpers.clocks import SECOND, START, HandClock
from tests.helpers.sealed_rows import add_environment, installation_on
from twostep.core.audit import EventKind, Visitor
from twostep.core.reasons import Reasons
from twostep.core.users import User
from twostep.crypto.identifiers import new_id
from twostep.crypto.key_files import KeyFile
from twostep.flows import audit
from twostep.flows.audit_chain import Verification, verify_environment
from twostep.flows.installation import Installation
from twostep.flows.keys import load_ring, make_installation_keys
from twostep.flows.sealing import seal
from twostep.storage import users
from twostep.storage.database import Connection, Database
from twostep.storage.tables import events

ANNS = Visitor(address="203.0.113.7", browser="Firefox 140 on Linux")
BOBS = Visitor(address="2001:db8::b0b", browser="Safari on iPhone")
NAMES = ("Ann Abara", "Bob Bright")


@dataclass
class AuditLog:
    """One environment, *harbour*, with Ann, and Bob who administers it."""

    installation: Installation
    clock: HandClock
    key_file: KeyFile
    environment_id: bytes
    ann: bytes
    bob: bytes

    @property
    def database(self) -> Database:
        return self.installation.database

    def on(self, database: Database) -> AuditLog:
        """The same log as another node has it."""
        ring = load_ring(database, self.key_file, clock=self.clock)
        return replace(self, installation=replace(self.installation, database=database, keys=ring))

    def elsewhere(self) -> AuditLog:
        """The log of another environment of this installation, with people of the same names."""
        id_ = new_id()
        add_environment(self.database, self.installation.keys, id_, name=f"other{id_.hex()}")
        ann, bob = (add_user(self.database, id_, name) for name in NAMES)
        return replace(self, environment_id=id_, ann=ann, bob=bob)

    def record(
        self,
        kind: EventKind = EventKind.PASSWORD_ACCEPTED,
        *,
        actor: bytes | None = None,
        target: bytes | None = None,
        visitor: Visitor | None = ANNS,
        reasons: Reasons = (),
        **data: Any,
    ) -> None:
        """One event, a second after the one before it. Who does it is Ann, unless it is said."""
        now = self.clock.forward(SECOND)
        self.database.write(
            lambda connection: audit.record(
                connection,
                self.installation,
                kind,
                environment_id=self.environment_id,
                now=now,
                actor=actor,
                target=target or self.ann,
                visitor=visitor,
                reasons=reasons,
                **data,
            )
        )

    def record_many(self, count: int) -> None:
        for place in range(count):
            self.record(actor=self.ann, sign_in=f"{place:032x}")

    def sealed(self, count: int) -> AuditLog:
        """With so many events, all of them sealed."""
        self.record_many(count)
        assert self.seal() == count
        return self

    def seal(self) -> int:
        return seal(self.installation, now=self.clock())

    def verify(self, checkpoints: Iterable[str] = ()) -> Verification:
        return verify_environment(
            self.database,
            self.installation.keys,
            self.environment_id,
            now=self.clock(),
            checkpoints=checkpoints,
        )

    def do(self, *statements: Executable | str) -> int:
        """Run SQL past the program, all in one transaction; how many rows the last one changed."""

        def act(connection: Connection) -> int:
            changed = 0
            for statement in statements:
                said = text(statement) if isinstance(statement, str) else statement
                changed = connection.execute(said).rowcount
            return changed

        return self.database.write(act)

    def rows(self, statement: Any) -> Sequence[Any]:
        return self.database.read(lambda connection: connection.execute(statement).all())

    def numbers(self) -> list[int | None]:
        """Of all events, in the order of their numbers."""
        return [row.number for row in self.rows(select(events.c.number).order_by(events.c.number))]


def make_log(database: Database, folder: Path) -> AuditLog:
    """A new installation with an empty log."""
    clock, source = HandClock(), KeyFile(folder / "twostep.key")
    make_installation_keys(database, source, now=START)
    installation = installation_on(database, source, clock)
    environment_id = new_id()
    add_environment(database, installation.keys, environment_id, name="harbour")
    ann, bob = (add_user(database, environment_id, name) for name in NAMES)
    return AuditLog(installation, clock, source, environment_id, ann, bob)


def add_user(database: Database, environment_id: bytes, name: str) -> bytes:
    """A user, without an event; the id."""
    user = User(
        id=new_id(),
        environment_id=environment_id,
        name=name,
        made_at=START,
        password_generation=1,
        second_step_generation=1,
    )
    database.write(lambda connection: users.add(connection, user, key=name.casefold()))
    return user.id


def statements_of(connection: Connection) -> list[str]:
    """A list that grows with every statement that this connection sends from now on."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    event.listen(connection, "before_cursor_execute", note)
    return sent
