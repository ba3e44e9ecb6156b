"""The mail with which a forgotten password is set anew: whether a user gets one, and what is in it.

A mailbox may stand in for the password, and never for both steps (R-37; NIST SP 800-63B-4
§4.2.2.2: one code alone is never enough where two were asked). So nobody who asks by themselves
gets a link at an address that would be sent their codes as well. An administrator who has made sure
who calls may send one: that is another way to know the person, and no mailbox.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from twostep.core.contacts import by_method, reached, reset_by_mail_from, still_good
from twostep.core.environments import Environment
from twostep.core.messages import MINUTE, PER_RESET, MessageKind
from twostep.core.policies import Method, TwoStepVerification
from twostep.core.properties import policy_of, text_terms_of
from twostep.core.situations import Credentials
from twostep.core.users import User
from twostep.crypto.keys import KeyMissing
from twostep.flows import messages
from twostep.flows.contact_rows import Rows, opened, recipient
from twostep.flows.installation import Installation
from twostep.flows.user_links import LASTS, LinkPurpose, MadeLink, mailbox, make
from twostep.storage import contacts, message_counts, passwords, properties, situations
from twostep.storage.contacts import StoredContact
from twostep.storage.database import Connection
from twostep.storage.messages import NewMessage


class NoMail(StrEnum):
    """Why nothing is sent. The log says it; whoever asked for themselves is not told (AC-20)."""

    NOBODY = "nobody"
    DISABLED = "disabled"
    NO_PASSWORD = "no_password"
    """Somebody who has not accepted their invitation has nothing to set anew."""
    NO_ADDRESS = "no_address"
    ADDRESS_NEW = "address_new"
    """An administrator has entered an address less than a day ago (AC-31)."""
    SAME_MAILBOX = "same_mailbox"
    """Codes go there as well (R-37)."""
    TOO_MANY = "too_many"
    """Enough were sent to this address for now (AC-53)."""
    UNREADABLE = "unreadable"
    """The address does not open: its row was changed, or its key is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetMail:
    """A link and its mail, made before the transaction begins. ``to``: the address, as it was."""

    user: User
    to: StoredContact
    link: MadeLink
    message: NewMessage


def mailbox_for(
    connection: Connection, user: User, *, now: int, by_help_desk: bool
) -> StoredContact | NoMail:
    """To which address the user's link may be mailed at this moment, or why to none."""
    if user.disabled_at is not None:
        return NoMail.DISABLED
    place = (user.environment_id, user.id)
    if passwords.of_user(connection, *place) is None:
        return NoMail.NO_PASSWORD
    rows = contacts.of_user(connection, *place)
    to = mailbox(rows)
    if to is None:
        return NoMail.NO_ADDRESS
    if now < reset_by_mail_from([row.contact for row in rows]):
        return NoMail.ADDRESS_NEW
    if not by_help_desk and codes_go_there(connection, user, to, rows, now=now):
        return NoMail.SAME_MAILBOX
    return to


def codes_go_there(
    connection: Connection, user: User, to: StoredContact, rows: Rows, *, now: int
) -> bool:
    """Whether whoever reads this mailbox could also pass the user's second step with what comes
    there: by email or, however it is written, as the address of a gateway.
    """
    stored = properties.of_environment(connection, user.environment_id)
    policy = policy_of(stored, now)
    facts = situations.facts_of(connection, user.environment_id, user.id)
    if facts is None or policy.two_step_verification is TwoStepVerification.OFF:
        return False
    app = facts.authenticator_id is not None and Method.AUTHENTICATOR in policy.methods
    there = reached([row.contact for row in rows], text_terms_of(stored).countries)
    id_ = facts.authenticator_id
    credentials = Credentials(
        authenticators=frozenset() if id_ is None else frozenset({id_}),
        contacts=by_method(still_good(there, now, other_way=app)),
        wants_codes=facts.codes_wanted_at is not None,
    )
    if Method.EMAIL_CODE not in credentials.methods(policy):
        return False
    same = {row.contact.id for row in rows if row.address_hash == to.address_hash}
    return not same.isdisjoint(credentials.contacts[Method.EMAIL_CODE])


def prepare(
    installation: Installation,
    environment: Environment,
    user: User,
    to: StoredContact,
    *,
    made_by: bytes | None,
    now: int,
) -> ResetMail | NoMail:
    """A link and its mail. To be called outside of any unit."""
    text = opened(installation, to)
    if text is None:
        return NoMail.UNREADABLE
    link = make(
        environment,
        user.id,
        LinkPurpose.RESET,
        password_generation=user.password_generation,
        made_by=made_by,
        now=now,
    )
    kind, ends_at = MessageKind.PASSWORD_RESET, link.row.ends_at
    words: messages.Data = {
        "link": link.address.reveal(),
        "user_name": user.name,
        "minutes": LASTS[LinkPurpose.RESET] // MINUTE,
        "by_help_desk": int(made_by is not None),
    }
    try:
        message = messages.write(
            installation, kind, recipient(to, text), words, now=now, expires_at=ends_at
        )
    except KeyMissing:
        return NoMail.UNREADABLE
    return ResetMail(user=user, to=to, link=link, message=message)


def too_many(connection: Connection, mail: ResetMail, *, now: int) -> bool:
    """Whether the address has had enough of these for now, whoever's account it was for."""
    sent = message_counts.of_kind_to(
        connection,
        mail.to.address_hash,
        MessageKind.PASSWORD_RESET,
        since=now - PER_RESET.within,
        most=PER_RESET.most,
    )
    return len(sent) >= PER_RESET.most
