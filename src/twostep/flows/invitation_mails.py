"""The mail with which a new user is invited, and its link."""

from __future__ import annotations

from dataclasses import dataclass

from twostep.core.environments import Environment
from twostep.core.messages import HOUR, MessageKind
from twostep.core.users import User
from twostep.flows import messages
from twostep.flows.contact_rows import recipient
from twostep.flows.installation import Installation
from twostep.flows.user_links import LASTS, LinkPurpose, MadeLink, make
from twostep.storage import messages as stored_messages
from twostep.storage import user_links
from twostep.storage.contacts import StoredContact
from twostep.storage.database import Connection
from twostep.storage.messages import NewMessage


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """A link and its mail, made before the transaction begins."""

    link: MadeLink
    message: NewMessage


def invitation(
    installation: Installation,
    environment: Environment,
    user: User,
    to: StoredContact,
    text: str,
    *,
    made_by: bytes | None,
    now: int,
) -> Invitation:
    """A link for a user and its mail to ``text``, the address of ``to``. Outside of any unit.
    Raises KeyMissing.
    """
    purpose = LinkPurpose.INVITATION
    link = make(
        environment,
        user.id,
        purpose,
        password_generation=user.password_generation,
        made_by=made_by,
        now=now,
    )
    words: messages.Data = {
        "link": link.address.reveal(),
        "user_name": user.name,
        "full_name": user.full_name,
        "hours": LASTS[purpose] // HOUR,
    }
    kind = MessageKind.INVITATION
    message = messages.write(installation, kind, recipient(to, text), words, now=now)
    return Invitation(link=link, message=message)


def queue(connection: Connection, made: Invitation) -> None:
    """Queue the mail with its link, in the caller's transaction."""
    user_links.add(connection, [made.link.row])
    stored_messages.add(connection, made.message)
