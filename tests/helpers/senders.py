"""An installation with somebody to write to, and a sender that hands over to a real server."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select

from tests.helpers.clocks import HandClock
from tests.helpers.house import make_installation_in
from tests.helpers.post_office import PostOffice
from tests.storage.waiting import until
from twostep.core.environments import Environment, Origin
from twostep.core.messages import MINUTE, MessageKind, MessageState, Route
from twostep.core.users import User
from twostep.crypto.identifiers import new_id
from twostep.delivery.mail import Mailer, Relay, Tls
from twostep.flows import environments, messages
from twostep.flows.installation import Installation
from twostep.flows.messages import Recipient
from twostep.flows.sending import Sender
from twostep.flows.tries import Outgoing
from twostep.storage import message_lists, users
from twostep.storage.database import Connection, Database
from twostep.storage.message_lists import Listed
from twostep.storage.tables import messages as table

ADDRESS = "ann@northside.example"


def relay_of(office: PostOffice, **more: Any) -> Relay:
    return Relay(
        host="localhost", port=office.port, tls=Tls.NEVER, greeting="login.example", **more
    )


def outgoing_to(relay: Relay, **more: Any) -> Outgoing:
    return Outgoing(sender="codes@login.example", open_mail=lambda: Mailer(relay), **more)


@dataclass
class Writers:
    """An installation, Ann in one of its environments, and what is written to her."""

    installation: Installation
    environment: Environment
    user_id: bytes
    clock: HandClock
    sent: list[bytes] = field(default_factory=list)

    @property
    def database(self) -> Database:
        return self.installation.database

    def recipient(self, to: str = ADDRESS, route: Route = Route.MAIL) -> Recipient:
        return Recipient(
            environment_id=self.environment.id,
            user_id=self.user_id,
            route=route,
            to=to,
            language="en",
        )

    def queue(
        self,
        code: str = "123456",
        *,
        kind: MessageKind = MessageKind.CODE,
        to: str = ADDRESS,
        route: Route = Route.MAIL,
        lasts: int = 10 * MINUTE,
    ) -> bytes:
        """In a transaction of its own; the message's id."""
        now = self.clock()
        message = messages.write(
            self.installation,
            kind,
            self.recipient(to, route),
            {"code": code, "minutes": 10},
            now=now,
            expires_at=now + lasts,
        )
        self.database.write(lambda connection: messages.queue(connection, message))
        messages.send_soon(self.installation)
        return message.id

    def listed(self, message_id: bytes) -> Listed:
        found = self.database.read(
            lambda connection: message_lists.by_id(connection, self.environment.id, message_id)
        )
        assert found is not None
        return found

    def state(self, message_id: bytes) -> MessageState:
        return self.listed(message_id).state

    def states(self) -> set[str]:
        return self.database.read(
            lambda connection: set(connection.execute(select(table.c.state)).scalars())
        )

    def send_all_due(self, outgoing: Outgoing) -> None:
        """One sender, begun and stopped: its last round sends all that is due."""
        sender = Sender(self.installation, outgoing)
        sender.start()
        sender.stop()

    def wait_for(self, message_id: bytes, state: MessageState) -> None:
        until(lambda: self.state(message_id) is state)


def make_writers(database: Database, folder: Path, clock: HandClock) -> Writers:
    return add_environment(make_installation_in(database, folder, clock=clock), clock, "Northside")


def add_environment(
    installation: Installation, clock: HandClock, name: str, *, user_id: bytes | None = None
) -> Writers:
    """One more of that name, with an Ann of its own."""
    database = installation.database
    environment = environments.add(
        installation, name=name, primary=Origin("https", f"login.{name.lower()}.example", 443)
    )
    assert isinstance(environment, Environment)
    ann = User(
        id=user_id or new_id(),
        environment_id=environment.id,
        name="ann",
        made_at=clock(),
        password_generation=1,
        second_step_generation=1,
    )

    def add(connection: Connection) -> None:
        users.add(connection, ann, key="ann")

    database.write(add)
    return Writers(installation, environment, ann.id, clock)
