"""Who cannot be reached by sent codes, in words: what lacks, and what to do about it.

The page and the file that it gives away say the same. They say what is known and no more.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from twostep.core.address_readiness import Gap
from twostep.core.contacts import ContactKind, ContactState
from twostep.i18n.sentences import N_
from twostep.i18n.translations import translations

_LABELS: Final[Mapping[Gap, str]] = MappingProxyType(
    {
        Gap.NO_ADDRESS: N_("No address"),
        Gap.WAITING: N_("Waiting for confirmation"),
        Gap.DEAD_GATEWAY: N_("Gateway that is gone"),
        Gap.FAILED: N_("Last message failed"),
        Gap.DYING_GATEWAY: N_("Gateway that ends or loses messages"),
        Gap.UNCONFIRMED: N_("Entered by an administrator, not confirmed"),
    }
)

_REMEDIES: Final[Mapping[Gap, str]] = MappingProxyType(
    {
        Gap.NO_ADDRESS: N_(
            "Nothing can be sent. Ask them to add an address in Security Settings, or have one"
            " entered for them."
        ),
        Gap.WAITING: N_(
            "Nothing is sent there yet. Ask them to type the code that went there, or to have it"
            " sent again."
        ),
        Gap.DEAD_GATEWAY: N_(
            "Nothing arrives there. Ask them to remove that address, so that codes go to their"
            " email."
        ),
        Gap.FAILED: N_(
            "See under Messages what the server said, and compare the address with theirs."
        ),
        Gap.DYING_GATEWAY: N_(
            "Ask them to have another way in good time: their email, or an authenticator app."
        ),
        Gap.UNCONFIRMED: N_("Codes go there. Send a test message, and ask whether it came."),
    }
)

_KINDS: Final[Mapping[ContactKind, str]] = MappingProxyType(
    {
        ContactKind.EMAIL: N_("Email"),
        ContactKind.SMS_EMAIL: N_("SMS Email"),
        ContactKind.PHONE: N_("Number for text messages"),
    }
)

_STATES: Final[Mapping[ContactState, str]] = MappingProxyType(
    {
        ContactState.CONFIRMED: N_("confirmed"),
        ContactState.UNCONFIRMED: N_("not confirmed"),
        ContactState.WAITING: N_("waits for confirmation"),
    }
)

_HEADINGS: Final = (
    N_("User name"),
    N_("Authenticator app"),
    N_("Recovery codes left"),
    N_("Email"),
    N_("SMS Email"),
    N_("Number for text messages"),
    N_("What is missing"),
    N_("What to do"),
)

_YES, _NO = N_("yes"), N_("no")


def label(gap: Gap, language: str) -> str:
    """What lacks, in a few words."""
    return translations(language).gettext(_LABELS[gap])


def remedy(gap: Gap, language: str) -> str:
    """What to do about it."""
    return translations(language).gettext(_REMEDIES[gap])


def kind_of_address(kind: ContactKind, language: str) -> str:
    """The field of the profile, by its name."""
    return translations(language).gettext(_KINDS[kind])


def state_of_address(state: ContactState, language: str) -> str:
    """How an address stands."""
    return translations(language).gettext(_STATES[state])


def headings(language: str) -> tuple[str, ...]:
    """The first line of the file, in the order of its columns."""
    say = translations(language).gettext
    return tuple(say(text) for text in _HEADINGS)


def yes_or_no(value: bool, language: str) -> str:
    """One of two words."""
    return translations(language).gettext(_YES if value else _NO)
