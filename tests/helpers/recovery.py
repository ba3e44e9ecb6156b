"""Somebody with an app and a sheet of recovery codes, without pages in between."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.helpers.house import PASSWORD, House, Phone, enrolled
from twostep.core.audit import Visitor
from twostep.core.environments import Environment
from twostep.core.users import User
from twostep.crypto.identifiers import new_id
from twostep.crypto.secret import Secret
from twostep.flows import pending, recovery_codes
from twostep.flows.mint import Minted
from twostep.flows.pending import Waiting
from twostep.flows.recovery_checks import RecoveryCodeRefused, RecoveryCodesPaused
from twostep.flows.recovery_codes import Made, NotNow, NotReplaced
from twostep.flows.recovery_sign_in import by_recovery_code
from twostep.flows.second_step import Elsewhere, second_step
from twostep.flows.sessions import Person
from twostep.flows.sign_in import Pending, first_step
from twostep.flows.visitors import Browser
from twostep.storage import users


@dataclass
class Holder:
    """A user, their phone, and the newest codes that they wrote down."""

    house: House
    name: str
    phone: Phone
    environment: Environment
    user: User = field(init=False)
    codes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        found = self.house.installation.database.read(
            lambda connection: users.by_name_key(connection, self.environment.id, self.name)
        )
        assert found is not None
        self.user = found

    def waiting(self, browser: Browser | None = None) -> Waiting:
        """A sign-in whose password was right."""
        browser = browser or a_browser()
        installation = self.house.installation
        begun = first_step(
            installation,
            self.environment,
            name=self.name,
            password=Secret(PASSWORD),
            browser=browser,
            going_to=None,
        )
        assert isinstance(begun, Pending), begun
        found = pending.look(installation, self.environment, begun.token.text.reveal(), browser)
        assert found is not None
        return found

    def give(
        self, code: str, *, waiting: Waiting | None = None, browser: Browser | None = None
    ) -> Minted | RecoveryCodeRefused | RecoveryCodesPaused | Elsewhere:
        """A recovery code, in a sign-in of its own where none is given."""
        browser = browser or a_browser()
        outcome = by_recovery_code(
            self.house.installation,
            waiting or self.waiting(browser),
            typed=code,
            browser=browser,
        )
        assert isinstance(outcome, Minted | RecoveryCodeRefused | RecoveryCodesPaused | Elsewhere)
        return outcome

    def by_app(self, browser: Browser | None = None) -> Person:
        """Signed in with a code of the app, which is spent."""
        browser = browser or a_browser()
        minted = second_step(
            self.house.installation,
            self.waiting(browser),
            typed=self.phone.code(),
            browser=browser,
        )
        assert isinstance(minted, Minted), minted
        self.house.clock.forward(60_000)
        return Person(self.user, minted.session)

    def by_paper(self) -> Person:
        """Signed in with the next recovery code, which is struck off the list."""
        minted = self.give(self.codes.pop())
        assert isinstance(minted, Minted), minted
        return Person(self.user, minted.session)

    def make(
        self, person: Person | None = None, *, replaces: int | None = None
    ) -> Made | NotReplaced | NotNow:
        """New codes, written down where there are any."""
        made = recovery_codes.make(
            self.house.installation,
            person or self.by_app(),
            replaces=replaces,
            browser=a_browser(),
        )
        if isinstance(made, Made):
            self.codes = [code.reveal() for code in made.codes]
        return made


def a_browser() -> Browser:
    """A browser that nobody has seen yet."""
    visitor = Visitor(address="192.0.2.7", browser="Firefox on Linux")
    return Browser(id=new_id() + new_id(), visitor=visitor)


def holder(
    house: House,
    name: str = "ann",
    environment: Environment | None = None,
    *,
    codes: bool = True,
) -> Holder:
    """A new user with an app and, if wanted, ten codes."""
    phone = enrolled(house, name, environment)
    made = Holder(house, name, phone, environment or house.harbour)
    if codes:
        assert isinstance(made.make(), Made)
    return made


def another(code: str) -> str:
    """A code of the same slot that nobody has: its last character is another one."""
    return code[:-1] + ("0" if code[-1] != "0" else "1")
