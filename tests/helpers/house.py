"""A whole installation in this process: real database, real hashing, a clock that a test moves by
hand.

``House`` is the installation with its environments; ``house.client(...)`` is a browser at one of
them, over a real
connection to a real server in a thread of this process.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.helpers.clocks import HandClock
from tests.helpers.http import Answer, Client
from tests.helpers.quick_hashes import QUICK
from twostep.core.authenticators import NEW_KEY, code_at, step_at
from twostep.core.environments import Environment, Origin
from twostep.core.lockouts import LIMITS, Limits, Schedule
from twostep.core.properties import find
from twostep.core.users import User
from twostep.crypto.key_files import KeyFile, new_master_key
from twostep.crypto.passwords import Hashing
from twostep.crypto.secret import Secret
from twostep.flows import environments, properties, users
from twostep.flows.installation import Installation
from twostep.flows.keys import load_ring, make_installation_keys
from twostep.storage.database import Database
from twostep.storage.environments import make_installation

PASSWORD = "seven tall herons waiting"
OTHER_PASSWORD = "violet anchors drift slowly"

SET_UP_DONE = "/security/recovery-codes?going_to=/security%3Fsaid%3Dset-up-done"
"""Where **Verify and Save** on Security Settings leads somebody without recovery codes."""

NO_LIMITS = Limits(
    password=Schedule(delays=(), memory=1, budgets=(), hard_stop=1_000_000),
    second_step=Schedule(delays=(), memory=1, budgets=(), hard_stop=1_000_000),
    recovery_code=Schedule(delays=(), memory=1, budgets=(), hard_stop=1_000_000),
    help_desk_code=Schedule(delays=(), memory=1, budgets=(), hard_stop=1_000_000),
    network=replace(LIMITS.network, slow_from=1_000_000, refuse_from=1_000_000),
)
"""The counters out of the way, for a test of something else."""


@dataclass
class House:
    """An installation with two environments: *harbour* (Optional) and *northside* (Required)."""

    installation: Installation
    clock: HandClock
    port: int
    harbour: Environment = field(init=False)
    northside: Environment = field(init=False)

    def __post_init__(self) -> None:
        self.harbour = self.environment("Harbour Clinic", "harbour")
        self.northside = self.environment("Northside Housing", "northside")
        self.set(self.northside, "two_step_verification", "required")

    def environment(self, name: str, host: str) -> Environment:
        added = environments.add(
            self.installation,
            name=name,
            primary=Origin("http", f"{host}.localhost", self.port),
        )
        assert isinstance(added, Environment)
        return added

    def set(self, environment: Environment, name: str, value: str) -> None:
        """Set a property."""
        properties.set_in_environment(self.installation, environment, find(name), value)

    def add(
        self,
        name: str = "ann",
        environment: Environment | None = None,
        *,
        administrator: bool = False,
        full_name: str = "",
    ) -> User:
        """Add a user with ``PASSWORD``."""
        added = users.add(
            self.installation,
            environment or self.harbour,
            name=name,
            password=Secret(PASSWORD),
            administrator=administrator,
            full_name=full_name,
        )
        assert isinstance(added, User)
        return added

    def client(self, environment: Environment | None = None) -> Client:
        """A new browser at the environment's address."""
        return Client(str((environment or self.harbour).primary))


@dataclass
class Phone:
    """An authenticator app with one account, as it was read off a page."""

    key: bytes
    clock: HandClock
    slow_by: int = 0

    def code(self, *, steps: int = 0) -> str:
        """What the app shows now, or so many steps from now."""
        now = self.clock() - self.slow_by
        return code_at(self.key, step_at(now, NEW_KEY) + steps, NEW_KEY)

    def wrong_code(self) -> str:
        """A code that this key shows in none of the steps near now."""
        near = {self.code(steps=step) for step in range(-20, 21)}
        return next(f"{n:06}" for n in range(1_000_000) if f"{n:06}" not in near)


def phone_from(page: Answer, clock: HandClock) -> Phone:
    """The key that a set-up page shows as text, taken into an app."""
    match = re.search(r'id="key">([A-Z2-7 ]+)<', page.text)
    assert match, page.text
    return Phone(base64.b32decode(match[1].replace(" ", "")), clock)


def sign_in(client: Client, name: str = "ann", password: str = PASSWORD) -> Answer:
    """User name and password, sent; what the server answered, not followed."""
    page = client.follow(client.get("/sign-in"))
    return client.submit(page, "/sign-in", user_name=name, password=password)


def set_up(house: House, client: Client) -> Phone:
    """A signed-in client sets an app up in Security Settings."""
    page = client.follow(client.submit(client.get("/security"), "/security/two-step"))
    phone = phone_from(page, house.clock)
    done = client.submit(page, "/security/two-step/verify", code=phone.code())
    assert done.location == SET_UP_DONE, (done.status, done.text)
    return phone


def enrolled(house: House, name: str = "ann", environment: Environment | None = None) -> Phone:
    """A user with an app, added and set up through the pages, and signed out again; the app's code
    is spent.
    """
    house.add(name, environment)
    client = house.client(environment)
    answer = sign_in(client, name)
    if answer.location == "/sign-in/set-up":
        page = client.get("/sign-in/set-up")
        phone = phone_from(page, house.clock)
        client.submit(page, "/sign-in/set-up", code=phone.code())
    else:
        phone = set_up(house, client)
    house.clock.forward(60_000)
    return phone


def make_installation_in(
    database: Database, folder: Path, *, clock: HandClock, limits: Limits = LIMITS
) -> Installation:
    """A new installation in an empty database with the newest schema."""
    file = KeyFile(folder / "twostep.key")
    file.create(new_master_key())
    database.write(lambda connection: make_installation(connection, now=clock()))
    make_installation_keys(database, file, now=clock())
    ring = load_ring(database, file, clock=clock)
    hashing = Hashing(QUICK, threads=2, clock=clock)
    return Installation(database=database, keys=ring, hashing=hashing, clock=clock, limits=limits)
