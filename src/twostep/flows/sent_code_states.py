"""What a person is told of the codes that were sent to them, and of the ways that they have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from twostep.core.contacts import still_good
from twostep.core.messages import FAILED, MAY_HAVE_ARRIVED, WAITING, MessageState
from twostep.core.policies import Method
from twostep.core.sent_codes import OFFER_OTHERS_AFTER
from twostep.core.sign_in import AskSecondStep, NextStep
from twostep.core.users import User
from twostep.core.ways import Way, ways_of
from twostep.flows import messages
from twostep.flows.contact_rows import counting_of, opened, recipient, rows_of
from twostep.flows.installation import Installation
from twostep.flows.sent_codes import NotYet
from twostep.storage import contacts, devices, message_lists, sent_codes
from twostep.storage.database import Connection
from twostep.storage.sent_codes import Bound
from twostep.storage.sign_ins import SignIn


@dataclass(frozen=True, slots=True, kw_only=True)
class Last:
    """The last code that was sent, as its person may know it.

    ``state``: what became of its message. ``late``: it was tried in vain, and is tried again.
    ``unsure``: none said that it took it, and it may come all the same.
    ``works``: it can still be right at this moment. ``others_first``: the other ways are to be
    offered first, because so many did not come, or this one does not (CS-2, CS-7).
    """

    way: Way
    masked: str
    sent_at: int
    expires_at: int
    again_at: int
    digits: int
    works: bool
    state: MessageState | None
    late: bool
    unsure: bool
    others_first: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WayTo:
    """A way, and where its codes go, masked; empty where nothing is sent."""

    way: Way
    masked: str = ""


def last_of(installation: Installation, user: User, bound: Bound) -> Last | None:
    """The last code of a sign-in or session, and what became of it; None before the first."""
    now = installation.clock()

    def look(connection: Connection) -> Last | None:
        stored = sent_codes.newest(connection, bound)
        if stored is None:
            return None
        rows = contacts.of_user(connection, user.environment_id, user.id)
        row = next((row for row in rows if row.contact.id == stored.contact_id), None)
        if row is None:
            return None
        message = message_lists.by_id(connection, bound.environment_id, stored.message_id)
        state = message.state if message else None
        tries = () if message is None else message.history
        late = state in WAITING and bool(tries)
        may_have = any(tried.ended in MAY_HAVE_ARRIVED for tried in tries)
        enough = stored.code.sent_before + 1 >= OFFER_OTHERS_AFTER
        return Last(
            way=Way(row.contact.kind.value),
            masked=row.masked,
            sent_at=stored.code.made_at,
            expires_at=stored.code.expires_at,
            again_at=stored.code.again_at(),
            digits=stored.code.length,
            works=stored.live and stored.code.takes_tries(now),
            state=state,
            late=late,
            unsure=state is MessageState.GIVEN_UP and may_have,
            others_first=enough or late or state in FAILED,
        )

    return installation.database.read(look)


def not_before(installation: Installation, user: User, way: Way) -> NotYet | None:
    """When a code can next be sent by this way, where that is not now: codes of other sign-ins
    count as well. To be called outside of any unit.
    """
    now, rows = installation.clock(), rows_of(installation, user)
    row = counting_of(rows, way.sent_to) if way.sent_to else None
    text = opened(installation, row) if row else None
    if row is None or text is None:
        return None
    to = recipient(row, text)
    at = installation.database.read(
        lambda connection: messages.may_ask_at(connection, installation, to, now=now)
    )
    return NotYet(at) if at > now else None


def ways_open(installation: Installation, user: User, step: NextStep) -> Sequence[WayTo]:
    """The ways in which this step can be passed, the strongest first; none where no code is asked.
    To be called outside of any unit.
    """
    if not isinstance(step, AskSecondStep):
        return ()
    rows, app = rows_of(installation, user), Method.AUTHENTICATOR in step.methods
    there = still_good([row.contact for row in rows], installation.clock(), other_way=app)
    found = []
    for way in ways_of(step.methods, there):
        row = counting_of(rows, way.sent_to) if way.sent_to else None
        found.append(WayTo(way=way, masked=row.masked if row else ""))
    return found


def chosen_way(installation: Installation, sign_in: SignIn) -> Way | None:
    """By which way the person showed their second step last in this browser, where it is known."""
    if sign_in.device_id is None:
        return None
    place = (sign_in.environment_id, sign_in.device_id)
    device = installation.database.read(lambda connection: devices.by_id(connection, *place))
    return device.way if device else None
