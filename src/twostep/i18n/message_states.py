"""What became of a message, in the words of **Messages**: states, kinds, ways, reasons, tries.

They say what is known and no more: a mail server that took a message has not shown it to anybody.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from twostep.core.contacts import ContactKind
from twostep.core.messages import GaveUp, MessageKind, MessageState, Route, Try
from twostep.i18n.sentences import Sentence, says

STATES: Final[Mapping[MessageState, Sentence]] = MappingProxyType(
    {
        MessageState.QUEUED: says(5001, "Queued"),
        MessageState.SENDING: says(5002, "Being sent"),
        MessageState.SENT: says(5003, "Sent"),
        MessageState.ACCEPTED: says(5004, "Accepted"),
        MessageState.REFUSED: says(5005, "Refused"),
        MessageState.GIVEN_UP: says(5006, "Given up"),
        MessageState.BOUNCED: says(5007, "Bounced"),
    }
)

MEANINGS: Final[Mapping[MessageState, Sentence]] = MappingProxyType(
    {
        MessageState.QUEUED: says(5011, "It waits to be handed over, or for its next try."),
        MessageState.SENDING: says(5012, "It is being handed over at this moment."),
        MessageState.SENT: says(
            5013, "The provider of text messages took it. Whether it arrived, nobody has told us."
        ),
        MessageState.ACCEPTED: says(
            5014,
            "The mail server took it, with the words below. Whether it arrived, only the person"
            " knows.",
        ),
        MessageState.REFUSED: says(5015, "The server said no for good. It is not tried again."),
        MessageState.GIVEN_UP: says(
            5016, "No server has said that it took it, and it is not tried again."
        ),
        MessageState.BOUNCED: says(
            5017, "A server took it, and a report came back that it could not be delivered."
        ),
    }
)

WAITING = says(5021, "On its way (queued, or being sent)")
FAILED = says(5022, "Not sent (refused, given up, or bounced)")

KINDS: Final[Mapping[MessageKind, Sentence]] = MappingProxyType(
    {
        MessageKind.CODE: says(5101, "Code to sign in"),
        MessageKind.CONFIRM_ADDRESS: says(5102, "Code that confirms an address"),
        MessageKind.TEST: says(5103, "Test message"),
        MessageKind.CHECK_CALLER: says(5116, "Code to be read back to the help desk"),
        MessageKind.PASSWORD_RESET: says(5150, "Link to choose a new password"),
        MessageKind.INVITATION: says(5151, "Invitation"),
        MessageKind.SET_UP: says(5104, "Notice: 2-step verification set up"),
        MessageKind.REPLACED: says(5105, "Notice: moved to a new key"),
        MessageKind.TURNED_OFF: says(5106, "Notice: 2-step verification turned off"),
        MessageKind.REMOVED: says(5107, "Notice: 2-step verification removed"),
        MessageKind.TWO_STEP_PAUSED: says(5120, "Notice: 2-step verification paused"),
        MessageKind.HELP_DESK_CODE: says(5121, "Notice: help-desk code made"),
        MessageKind.NEW_DEVICE: says(5108, "Notice: new device"),
        MessageKind.RECOVERY_CODE_USED: says(5109, "Notice: recovery code used"),
        MessageKind.PASSWORD_CHANGED: says(5110, "Notice: password changed"),
        MessageKind.ADDRESS_CHANGED: says(5111, "Notice: address changed"),
        MessageKind.LOCKOUT: says(5112, "Notice: sign-in paused"),
        MessageKind.CODES_REFUSED: says(5113, "Notice: wrong codes after the right password"),
        MessageKind.RECOVERY_CODES_MADE: says(5114, "Notice: new recovery codes"),
        MessageKind.PASSWORD_SUSPECT: says(5115, "Notice: somebody else may know the password"),
        MessageKind.PERMISSION_CHANGED: says(5140, "Notice: permission given or taken"),
        MessageKind.PERMISSION_OF_ANOTHER: says(5141, "Notice: permission of somebody else"),
        MessageKind.BREAK_GLASS: says(5142, "Notice: break-glass link"),
    }
)

ROUTES: Final[Mapping[Route, Sentence]] = MappingProxyType(
    {
        Route.MAIL: says(5201, "Email"),
        Route.TEXT_GATEWAY: says(5202, "Text message, by email to the carrier"),
        Route.TEXT_PROVIDER: says(5203, "Text message, by a provider"),
    }
)

ADDRESSES: Final[Mapping[ContactKind, Sentence]] = MappingProxyType(
    {
        ContactKind.EMAIL: says(5211, "Email"),
        ContactKind.SMS_EMAIL: says(5212, "SMS Email"),
        ContactKind.PHONE: says(5213, "Number for text messages"),
    }
)
"""The addresses of a profile, to one of which a test message goes."""

REASONS: Final[Mapping[GaveUp, Sentence]] = MappingProxyType(
    {
        GaveUp.TRIED_ENOUGH: says(
            5301, "The provider did not take it in several tries, each of which may cost money."
        ),
        GaveUp.TIME_OVER: says(
            5302, "Its time was over before a server took it: by then nobody waits for it any more."
        ),
        GaveUp.NO_ROUTE: says(
            5303, "Nothing is set by which it could leave: no mail server, or no provider of texts."
        ),
        GaveUp.UNREADABLE: says(
            5304, "Its content could not be opened: it was changed, or its key is gone."
        ),
        GaveUp.RESTORED: says(
            5305, "It waited in a backup that was restored. It was of an earlier time."
        ),
        GaveUp.TOO_LONG: says(5306, "Its text does not fit into one text message."),
        GaveUp.BROKEN_OFF: says(
            5307,
            "The line broke each time after everything was handed over. It may have arrived, and"
            " would come once more with each further try.",
        ),
    }
)

TRIES: Final[Mapping[Try, Sentence]] = MappingProxyType(
    {
        Try.ACCEPTED: says(5401, "The mail server took it."),
        Try.SENT: says(5402, "The provider took it."),
        Try.REFUSED: says(5403, "The server refused it for good."),
        Try.PUT_OFF: says(5404, "The server asked to come back later."),
        Try.UNREACHABLE: says(5405, "The server could not be reached, or did not let us begin."),
        Try.BROKEN_OFF: says(
            5406, "The line broke after everything was handed over. It may have arrived."
        ),
        Try.NOT_BEGUN: says(
            5410,
            "No server was asked: a template of the operator's, or the mail server or provider that"
            " is set here, cannot be used.",
        ),
        Try.INTERRUPTED: says(
            5407, "Our own process ended in the middle of it. It may have arrived."
        ),
        Try.DELAYED: says(5408, "A report came: a later server still tries to deliver it."),
        Try.BOUNCED: says(5409, "A report came: it could not be delivered."),
    }
)

_ADVICE: Final[Mapping[MessageState, Sentence]] = MappingProxyType(
    {
        MessageState.QUEUED: says(
            5501,
            "It goes as soon as its turn has come. If it stays queued for minutes without a try,"
            " ask the operator whether Twostep can reach its database and its mail server.",
        ),
        MessageState.SENDING: says(
            5502, "Wait a moment: a try takes less than a minute, and its end stands here."
        ),
        MessageState.SENT: says(
            5503,
            "Compare the number with the person's. If it is right, the provider's own log knows"
            " what happened next.",
        ),
        MessageState.ACCEPTED: says(
            5504,
            "Ask the person to look in junk mail, and compare the address with theirs. If it is"
            " right, whoever runs the mail server finds the message by the server's words and the"
            " time.",
        ),
        MessageState.REFUSED: says(
            5505,
            "Compare the address with the person's: most often it has a mistake. If it is right,"
            " pass the server's words on to whoever runs the mail server.",
        ),
        MessageState.GIVEN_UP: says(
            5506,
            "Ask the person to try again, and send a test message. If that one is given up too,"
            " pass the server's words on to whoever runs the mail server.",
        ),
        MessageState.BOUNCED: says(
            5507,
            "The address does not exist any more, or its mailbox is full. Compare it with the"
            " person's.",
        ),
    }
)

_PUT_OFF = says(
    5508,
    "The server wants to be asked again, as many do for the first mail from a sender. Nothing is to"
    " be done, except that the person may choose Try another way meanwhile.",
)

_QUEUED_AFTER: Final[Mapping[Try, Sentence]] = MappingProxyType(
    {
        Try.UNREACHABLE: says(
            5509,
            "The mail server, or the provider, was not reached or did not let us begin, and is"
            " tried again. Where that goes on, pass the words above on to the operator: twostep"
            " doctor shows what is wrong. The person may choose Try another way meanwhile.",
        ),
        Try.BROKEN_OFF: says(
            5510,
            "The server did not say whether it took it, so it is tried again. It may come twice,"
            " with the same words. Where that goes on, tell whoever runs the mail server.",
        ),
        Try.NOT_BEGUN: says(
            5515,
            "Tell the operator: the log of Twostep says what is wrong. It goes as soon as that is"
            " mended. The person may choose Try another way meanwhile.",
        ),
    }
)

_ADVICE_FOR: Final[Mapping[GaveUp, Sentence]] = MappingProxyType(
    {
        GaveUp.NO_ROUTE: says(
            5511,
            "Ask the operator to set a mail server (TWOSTEP_SMTP) or a provider of text messages"
            " (TWOSTEP_TEXT_PROVIDER). Until then codes reach nobody by this way.",
        ),
        GaveUp.UNREADABLE: says(
            5512, "Tell the operator: this does not happen by itself. The person can ask anew."
        ),
        GaveUp.RESTORED: says(5513, "Nothing is to be done. Whoever waits can ask for a new one."),
        GaveUp.TOO_LONG: says(
            5514, "Tell the operator: the words that were set for this message are too long."
        ),
        GaveUp.BROKEN_OFF: says(
            5516,
            "Ask the person to look in their mailbox. If it is not there, tell whoever runs the"
            " mail server that it takes messages and does not say so.",
        ),
    }
)


def advice(state: MessageState, reason: GaveUp | None, *, last: Try | None) -> Sentence:
    """What the help desk can do about a message. ``last``: how its last try ended, if any has."""
    if reason is not None and reason in _ADVICE_FOR:
        return _ADVICE_FOR[reason]
    if state is MessageState.QUEUED and last is not None:
        return _QUEUED_AFTER.get(last, _PUT_OFF)
    return _ADVICE[state]


def all_of_them() -> Mapping[str, Sentence]:
    """Every sentence here, by a name that stays the same, for the list of numbers."""
    groups: Mapping[str, Mapping[str, Sentence]] = {
        "state": {key.name: words for key, words in STATES.items()},
        "meaning": {key.name: words for key, words in MEANINGS.items()},
        "group": {"WAITING": WAITING, "FAILED": FAILED},
        "kind": {key.name: words for key, words in KINDS.items()},
        "route": {key.name: words for key, words in ROUTES.items()},
        "address": {key.name: words for key, words in ADDRESSES.items()},
        "reason": {key.name: words for key, words in REASONS.items()},
        "try": {key.name: words for key, words in TRIES.items()},
        "advice": {key.name: words for key, words in _ADVICE.items()} | {"PUT_OFF": _PUT_OFF},
        "advice-for": {key.name: words for key, words in _ADVICE_FOR.items()},
        "advice-after": {key.name: words for key, words in _QUEUED_AFTER.items()},
    }
    return {
        f"{group} {name}": words for group, found in groups.items() for name, words in found.items()
    }
