"""From the facts to the views of **Messages**."""

from __future__ import annotations

from collections.abc import Iterable

from twostep.admin.message_forms import PATH, Asked
from twostep.admin.message_views import (
    Choice,
    MessageLine,
    Messages,
    MessageShown,
    Rate,
    TrialForm,
    TryLine,
)
from twostep.core.contacts import ContactKind
from twostep.core.messages import CROWD, FAILED, WAITING, WaysOut, minutes_for
from twostep.flows.message_lists import Page, Shown
from twostep.flows.try_messages import kind_for
from twostep.i18n import message_states
from twostep.i18n.sentences import Sentence
from twostep.web.rendering import FieldError


def list_of(
    asked: Asked,
    found: Page,
    ways: WaysOut,
    *,
    csrf: str,
    who: str,
    test: TrialForm,
    errors: tuple[FieldError, ...] = (),
) -> Messages:
    """The page with the list."""
    groups = (("waiting", message_states.WAITING), ("failed", message_states.FAILED))
    return Messages(
        csrf=csrf,
        who=who,
        by_address=asked.address,
        from_day=asked.from_day,
        states=_choices((*groups, *message_states.STATES.items()), asked.state),
        kinds=_choices(message_states.KINDS.items(), asked.kind),
        routes=_choices(message_states.ROUTES.items(), asked.route),
        filtered=asked.filtered,
        later_pages=asked.before is not None,
        lines=tuple(line_of(message) for message in found.messages),
        here=asked.path(),
        older=None if found.older is None else asked.at(found.older).path(),
        newest=asked.at(None).path(),
        test=test,
        crowd=CROWD,
        rate=_rate(ways),
        no_mails=not ways.mails,
        no_texts=not ways.texts,
        errors=errors,
    )


def form_of(user_name: str = "", kind: str = ContactKind.EMAIL) -> TrialForm:
    """The form of **Send test message**, as it was filled in."""
    return TrialForm(user_name=user_name, kinds=_choices(message_states.ADDRESSES.items(), kind))


def line_of(message: Shown) -> MessageLine:
    """One message in the words of the list."""
    reason = message.reason
    return MessageLine(
        id=message.id.hex(),
        user_name=message.user_name,
        kind=message_states.KINDS[message.kind],
        route=message_states.ROUTES[message.route],
        masked=message.masked,
        state=message_states.STATES[message.state],
        failed=message.state in FAILED,
        reason=None if reason is None else message_states.REASONS[reason],
        words=message.words,
        attempts=message.attempts,
        made_at=message.made_at,
        tried_at=message.tried_at,
        next_try_at=message.next_try_at if message.attempts else None,
        settled_at=message.settled_at,
    )


def shown_of(message: Shown, *, csrf: str) -> MessageShown:
    """The page of one message."""
    tries = tuple(
        TryLine(at=tried.at, ended=message_states.TRIES[tried.ended], words=tried.words)
        for tried in reversed(message.tries)
    )
    last = message.tries[-1].ended if message.tries else None
    return MessageShown(
        csrf=csrf,
        line=line_of(message),
        meaning=message_states.MEANINGS[message.state],
        advice=message_states.advice(message.state, message.reason, last=last),
        tries=tries,
        earlier_tries=max(0, message.attempts - len(tries)) if message.settled_at else 0,
        waits=message.state in WAITING,
        expires_at=message.expires_at,
        here=f"{PATH}/{message.id.hex()}",
        of_user=Asked(user=message.user_id.hex()).path(),
        address_kind=kind_for(message.route).value,
    )


def _choices(words: Iterable[tuple[str, Sentence]], chosen: str) -> tuple[Choice, ...]:
    return tuple(
        Choice(value=str(value), words=sentence, chosen=value == chosen)
        for value, sentence in words
    )


def _rate(ways: WaysOut) -> Rate | None:
    if ways.rate is None:
        return None
    return Rate(minutes=minutes_for(CROWD, ways.rate), a_minute=ways.rate)
