"""The pages of messages in their situations, as ``sample_pages`` has the others."""

from __future__ import annotations

from dataclasses import replace

from twostep.admin.message_forms import Asked, read
from twostep.admin.message_page import form_of, list_of, shown_of
from twostep.admin.message_views import Messages
from twostep.core.messages import GaveUp, MessageKind, MessageState, Route, Try, WaysOut
from twostep.flows.message_lists import Page, Shown, Tried
from twostep.i18n.message_notices import MessageNotice
from twostep.i18n.notices import said
from twostep.web.rendering import FieldError, View

TODAY = 1_775_989_860_000
"""12 April 2026, 10:31 UTC, as in the other samples."""

REFUSAL = "550 5.1.1 <a•••@northside.example>: Recipient address rejected: User unknown"


def tried(ended: Try, words: str = "", *, ago: int = 0) -> Tried:
    """One try, so many milliseconds ago."""
    return Tried(at=TODAY - ago, ended=ended, words=words)


ACCEPTED = Shown(
    id=bytes(15) + b"\x01",
    user_id=bytes(16),
    user_name="ann.lee",
    kind=MessageKind.CODE,
    route=Route.MAIL,
    masked="a•••@northside.example",
    state=MessageState.ACCEPTED,
    reason=None,
    words="250 2.0.0 Ok: queued as 4XyZ1",
    attempts=1,
    tries=(tried(Try.ACCEPTED, "250 2.0.0 Ok: queued as 4XyZ1"),),
    made_at=TODAY - 1_000,
    next_try_at=None,
    expires_at=TODAY + 600_000,
    tried_at=TODAY,
    settled_at=TODAY,
)
NEW = replace(
    ACCEPTED,
    kind=MessageKind.TEST,
    state=MessageState.QUEUED,
    words="",
    attempts=0,
    tries=(),
    next_try_at=TODAY,
    tried_at=None,
    settled_at=None,
)
PUT_OFF = replace(
    NEW,
    words="451 4.7.1 Greylisted, please come back later",
    attempts=2,
    tries=(
        tried(Try.UNREACHABLE, ago=15_000),
        tried(Try.PUT_OFF, "451 4.7.1 Greylisted, please come back later"),
    ),
    next_try_at=TODAY + 60_000,
    tried_at=TODAY,
)
REFUSED = replace(
    ACCEPTED, state=MessageState.REFUSED, words=REFUSAL, tries=(tried(Try.REFUSED, REFUSAL),)
)
LONG_NAME = "bartholomäus-maximilian.von-und-zu-hohenlohe-schillingsfürst@northside.example"
GIVEN_UP = replace(
    ACCEPTED,
    user_name=LONG_NAME,
    kind=MessageKind.LOCKOUT,
    route=Route.TEXT_PROVIDER,
    masked="•••• 42",
    state=MessageState.GIVEN_UP,
    reason=GaveUp.TRIED_ENOUGH,
    words="",
    attempts=3,
    tries=(tried(Try.INTERRUPTED, ago=90_000), tried(Try.BROKEN_OFF)),
)


def messages(
    *found: Shown,
    asked: Asked | None = None,
    who: str = "",
    ways: WaysOut | None = None,
    errors: tuple[FieldError, ...] = (),
) -> Messages:
    """The list."""
    older = (TODAY, bytes(16)) if len(found) > 3 else None
    return list_of(
        asked or Asked(),
        Page(messages=found, older=older),
        ways or WaysOut(rate=30),
        csrf="a-token",
        who=who,
        test=form_of(who),
        errors=errors,
    )


def wrong(field: str, notice: MessageNotice, **data: int) -> FieldError:
    return FieldError(field=field, said=said(notice, **data))


MESSAGE_VIEWS: dict[str, View] = {
    "messages": messages(NEW, PUT_OFF, ACCEPTED, REFUSED, GIVEN_UP),
    "messages-none": messages(ways=WaysOut(mails=False, texts=False)),
    "messages-filtered": messages(
        asked=read({"state": "failed", "kind": "code", "route": "mail", "from": "2026-04-01"}),
        who="ann.lee",
    ),
    "messages-to-an-address": messages(ACCEPTED, asked=Asked(address="00" * 32)),
    "messages-older": messages(asked=Asked(before=(TODAY, bytes(16)))),
    "messages-wrong": messages(
        asked=read({"from": "1 April"}),
        who="nobody",
        errors=(
            wrong("who", MessageNotice.NOBODY_FOUND),
            wrong("from", MessageNotice.NOT_A_DAY),
        ),
    ),
    "messages-no-address": messages(
        ACCEPTED, errors=(wrong("address_kind", MessageNotice.NO_ADDRESS),)
    ),
    "messages-enough": messages(
        ACCEPTED,
        errors=(wrong("user_name", MessageNotice.ENOUGH_FOR_NOW, until=TODAY + 30_000),),
    ),
    **{
        f"message-{name}": shown_of(message, csrf="a-token")
        for name, message in {
            "queued": NEW,
            "put-off": PUT_OFF,
            "accepted": ACCEPTED,
            "refused": REFUSED,
            "given-up": GIVEN_UP,
        }.items()
    },
}
