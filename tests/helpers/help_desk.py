"""An administrator at the telephone, by the flows: what their pages do, without the pages."""

from __future__ import annotations

from dataclasses import dataclass

from tests.helpers.house import House, Phone, enrolled, phone_from, sign_in
from tests.helpers.http import Client
from twostep.core.audit import Visitor
from twostep.core.environments import Environment
from twostep.core.help_desk_codes import HelpDeskPurpose, HelpReason
from twostep.core.users import User
from twostep.flows import help_desk_codes, two_step_removals, users
from twostep.flows.help_desk_codes import CodesNotUsable, MadeCode, Making
from twostep.flows.sessions import Person, who
from twostep.flows.two_step_removals import Removed
from twostep.flows.visitors import Browser
from twostep.web import cookies

BROWSER = Browser(id=b"a" * 32, visitor=Visitor(address="192.0.2.9", browser="Firefox"))


@dataclass
class HelpDesk:
    """Somebody with every permission, who has just signed in; ``phone``: with an app."""

    house: House
    environment: Environment
    client: Client
    name: str
    phone: Phone | None = None

    @property
    def person(self) -> Person:
        """The administrator, by the session of their browser."""
        cookie = self.client.cookies[cookies.SESSION]
        found = who(self.house.installation, self.environment, cookie)
        assert isinstance(found, Person), found
        return found

    def user(self, name: str) -> User:
        found = users.find(self.house.installation, self.environment, name)
        assert found is not None
        return found

    def make(
        self,
        name: str = "ann",
        purpose: HelpDeskPurpose = HelpDeskPurpose.TODAY,
        *,
        minutes: int = 60,
        uses: int = 1,
        note: str = "",
    ) -> Making | CodesNotUsable:
        """A help-desk code for that user."""
        return help_desk_codes.make(
            self.house.installation,
            self.person,
            self.user(name).id,
            purpose=purpose,
            minutes=minutes,
            uses=uses,
            reason=HelpReason.LOST_PHONE,
            note=note,
            browser=BROWSER,
        )

    def code(self, name: str = "ann", **wanted: object) -> str:
        """The same, as it is read aloud."""
        made = self.make(name, **wanted)  # type: ignore[arg-type]
        assert isinstance(made, MadeCode), made
        return made.code.reveal()

    def remove(self, name: str = "ann") -> Removed:
        """The user's second step is removed."""
        done = two_step_removals.remove(
            self.house.installation,
            self.person,
            self.user(name).id,
            reason=HelpReason.LOST_PHONE,
            note="",
            browser=BROWSER,
        )
        assert isinstance(done, Removed), done
        return done


def help_desk(
    house: House, environment: Environment | None = None, *, name: str = "morgan"
) -> HelpDesk:
    """An administrator who has just signed in; where a second step is required, with an app."""
    place = environment or house.harbour
    house.add(name, place, administrator=True)
    client = house.client(place)
    answer = sign_in(client, name)
    phone = None
    if answer.location == "/sign-in/set-up":
        page = client.get("/sign-in/set-up")
        phone = phone_from(page, house.clock)
        client.submit(page, "/sign-in/set-up", code=phone.code())
    return HelpDesk(house, place, client, name, phone)


__all__ = ["BROWSER", "HelpDesk", "enrolled", "help_desk"]
