"""One try to send a message: prepared, handed over, and what becomes of the message after it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import assert_never

from twostep.core.environments import Environment
from twostep.core.looks import Look
from twostep.core.messages import (
    MOST_BROKEN_OFF,
    MOST_PAID_TRIES,
    GaveUp,
    MessageState,
    Route,
    Try,
    WaysOut,
    next_try,
)
from twostep.crypto.boxes import BoxDamaged
from twostep.crypto.keys import KeyMissing
from twostep.delivery.mail import Relay
from twostep.delivery.mail_form import Mail
from twostep.delivery.outcomes import Accepted, Outcome, Refused, Unreachable
from twostep.delivery.templates import ACCENT, MessageTemplates, Place, Words
from twostep.delivery.texts import TextTooLong, demand_one_message, through_gateway
from twostep.flows.delivery_routes import OwnDelivery, own_delivery
from twostep.flows.doors import MailDoor, TextDoor, open_mailer, open_provider
from twostep.flows.installation import Installation
from twostep.flows.messages import Content, open_content
from twostep.flows.return_addresses import return_address
from twostep.flows.server_words import hide
from twostep.storage import environments
from twostep.storage.messages import Claimed, Ending, Tried


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """How messages leave this installation, as the operator has set it.

    ``open_mail`` makes the door for mails in the sender's own event loop; None: there is none. The
    ``open_own`` ones make those to what an environment has of its own.
    ``most_at_once`` is how many messages may be under way, ``rate`` how many the relay takes in a
    minute (None: as many as we have).
    """

    sender: str = "twostep@localhost"
    envelope_sender: str | None = None
    open_mail: Callable[[], MailDoor] | None = None
    open_own_mail: Callable[[Relay], MailDoor] = open_mailer
    texts: TextDoor | None = None
    open_own_texts: Callable[[str], TextDoor] | None = open_provider
    rate: int | None = None
    most_at_once: int = 4
    templates_dir: Path | None = None

    @property
    def ways(self) -> WaysOut:
        """The same, as far as a page says it."""
        mails, texts = self.open_mail is not None, self.texts is not None
        return WaysOut(mails=mails, texts=texts, rate=self.rate)


@dataclass(frozen=True, slots=True, kw_only=True)
class TextForNumber:
    """A text for a provider."""

    to: str = field(repr=False)
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What goes out, by which way, and what must not stand in the words that come back."""

    parcel: Mail | TextForNumber
    content: Content
    ways: OwnDelivery


def prepare(
    installation: Installation,
    outgoing: Outgoing,
    templates: MessageTemplates,
    message: Claimed,
    *,
    now: int,
) -> Prepared | Ending:
    """What is to be handed over; or how it ends, where there is nothing to try any more. Raises
    RouteUnusable.
    """
    if now >= message.expires_at:
        return _given_up(message, GaveUp.TIME_OVER)
    ways = own_delivery(installation, message.environment_id)
    if not _has_door(outgoing, ways, message.route):
        return _given_up(message, GaveUp.NO_ROUTE)
    try:
        content = open_content(installation, message)
    except (BoxDamaged, KeyMissing):
        return _given_up(message, GaveUp.UNREADABLE)
    environment = installation.database.read(
        lambda connection: environments.by_id(connection, message.environment_id)
    )
    if environment is None:
        return _given_up(message, GaveUp.UNREADABLE)
    try:
        place = _place(environment, ways.look, content)
        named = _in_its_name(installation, outgoing, ways.look, message)
        parcel = _parcel(named, templates, message, content, place)
    except TextTooLong:
        return _given_up(message, GaveUp.TOO_LONG)
    return Prepared(parcel=parcel, content=content, ways=ways)


def ending_after(message: Claimed, prepared: Prepared, outcome: Outcome, *, now: int) -> Ending:
    """What becomes of a message after a try."""
    words = hide(outcome.words, message, prepared.content)
    match outcome:
        case Accepted():
            by_mail = message.route is not Route.TEXT_PROVIDER
            how = Try.ACCEPTED if by_mail else Try.SENT
            state = MessageState.ACCEPTED if by_mail else MessageState.SENT
            return Ending(state=state, words=words, history=_history(message, how, words, now))
        case Refused(permanent=True):
            history = _history(message, Try.REFUSED, words, now)
            return Ending(state=MessageState.REFUSED, words=words, history=history)
        case Refused():
            return put_off(message, Try.PUT_OFF, words, now=now)
        case Unreachable(handed_over=handed_over):
            how = Try.BROKEN_OFF if handed_over else Try.UNREACHABLE
            return put_off(message, how, words, now=now)
        case _:
            assert_never(outcome)


def put_off(message: Claimed, how: Try, words: str, *, now: int) -> Ending:
    """Later again, or never where its time will be over by then."""
    history = _history(message, how, words, now)
    if message.route is Route.TEXT_PROVIDER and message.attempts >= MOST_PAID_TRIES:
        reason = GaveUp.TRIED_ENOUGH
        return Ending(state=MessageState.GIVEN_UP, reason=reason, words=words, history=history)
    broken_off = [tried for tried in history if tried.ended is Try.BROKEN_OFF]
    if how is Try.BROKEN_OFF and len(broken_off) >= MOST_BROKEN_OFF:
        reason = GaveUp.BROKEN_OFF
        return Ending(state=MessageState.GIVEN_UP, reason=reason, words=words, history=history)
    due_at = next_try(
        message.priority, attempts=message.attempts, now=now, expires_at=message.expires_at
    )
    if due_at is None:
        return Ending(
            state=MessageState.GIVEN_UP, reason=GaveUp.TIME_OVER, words=words, history=history
        )
    return Ending(state=MessageState.QUEUED, words=words, history=history, due_at=due_at)


def _has_door(outgoing: Outgoing, ways: OwnDelivery, route: Route) -> bool:
    if route is not Route.TEXT_PROVIDER:
        return ways.relay is not None or outgoing.open_mail is not None
    if ways.texts is not None:
        return outgoing.open_own_texts is not None
    return outgoing.texts is not None


def _in_its_name(
    installation: Installation, outgoing: Outgoing, look: Look, message: Claimed
) -> Outgoing:
    """With the environment's own sender, and where reports about this message go."""
    bounces = look.bounces or outgoing.envelope_sender
    return replace(
        outgoing,
        sender=look.sender or outgoing.sender,
        envelope_sender=bounces and return_address(installation, bounces, message.id),
    )


def _place(environment: Environment, look: Look, content: Content) -> Place:
    return Place(
        environment=environment.name,
        host=environment.primary.host,
        language=content.language,
        accent=look.accent or ACCENT,
        sender_name=look.sender_name or environment.name,
    )


def _parcel(
    outgoing: Outgoing,
    templates: MessageTemplates,
    message: Claimed,
    content: Content,
    place: Place,
) -> Mail | TextForNumber:
    """Raises TextTooLong."""
    # The same at every try, so that whoever gets a message twice can tell.
    reference = f"{message.id.hex()}@{outgoing.sender.rpartition('@')[2]}"
    match message.route:
        case Route.TEXT_PROVIDER:
            text = demand_one_message(templates.text(message.kind, content.data, place))
            return TextForNumber(to=content.to, text=text)
        case Route.TEXT_GATEWAY:
            return through_gateway(
                sender=outgoing.sender,
                to=content.to,
                text=templates.text(message.kind, content.data, place),
                message_id=reference,
                at=message.made_at,
                language=content.language,
                envelope_sender=outgoing.envelope_sender,
            )
        case Route.MAIL:
            words = templates.mail(message.kind, content.data, place)
            return _mail(outgoing, message, content, place, words, reference)
        case _:
            assert_never(message.route)


def _mail(
    outgoing: Outgoing,
    message: Claimed,
    content: Content,
    place: Place,
    words: Words,
    reference: str,
) -> Mail:
    return Mail(
        sender=outgoing.sender,
        sender_name=place.sender_name,
        to=content.to,
        subject=words.subject,
        text=words.text,
        html=words.html,
        message_id=reference,
        at=message.made_at,
        language=content.language,
        envelope_sender=outgoing.envelope_sender,
    )


def _given_up(message: Claimed, reason: GaveUp) -> Ending:
    """With the last words that a server said, if any: they say why it was in vain."""
    history = _before(message)
    words = history[-1].words if history else ""
    return Ending(state=MessageState.GIVEN_UP, reason=reason, words=words, history=history)


def _history(message: Claimed, ended: Try, words: str, now: int) -> tuple[Tried, ...]:
    return (*_before(message), Tried(at=now, ended=ended, words=words))


def _before(message: Claimed) -> tuple[Tried, ...]:
    """The tries before this one; of one that was interrupted nobody has written the end."""
    if message.interrupted_at is None:
        return message.history
    return (*message.history, Tried(at=message.interrupted_at, ended=Try.INTERRUPTED, words=""))
