"""Text messages: by mail to a carrier's gateway, or by a real provider through Apprise.

Threat: Apprise tells its log everything that it sends, the code and the number among it, and the
HTTP library under it the address of every request. Neither reaches a log of ours (AC-67): both are
silenced before anything is sent, and of what they say of a failure the number is masked.

Apprise loads all its hundred providers when it is imported, half a second and some megabytes; so it
is imported where a provider is set, and not otherwise.
"""

from __future__ import annotations

import asyncio
import logging
import re
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

from twostep.core.addresses import mask_number
from twostep.core.gsm7 import size_of
from twostep.delivery.mail_form import Mail
from twostep.delivery.outcomes import MOST_HEARD, Accepted, Outcome, Refused, Unreachable, words_of

if TYPE_CHECKING:
    from apprise import Apprise

PLACE_OF_NUMBER: Final = "{to}"
"""Stands in a provider's address where the number goes."""

PROVIDER_SECONDS: Final = 10
"""They answer within one or two. No thread of a process that is asked to stop hangs for longer."""

MOST_AT_ONCE: Final = 4
"""Threads of one provider. They are its own: one that hangs holds up no other's texts, and nothing
else that waits for a thread."""

_NUMBER: Final = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
"""E.164."""


class TextTooLong(ValueError):
    """The text does not fit into one message. It is not repeated here."""


class WrongProvider(ValueError):
    """The address of a provider cannot be used. It holds a password, and is not repeated here."""


def demand_one_message(text: str) -> str:
    """The text, if it is one message: 160 septets, or 70 units. Raises TextTooLong."""
    size = size_of(text)
    if not size.fits:
        raise TextTooLong(f"the text takes {size.used} of {size.most} places")
    return text


def through_gateway(
    *,
    sender: str,
    to: str,
    text: str,
    message_id: str,
    at: int,
    language: str,
    envelope_sender: str | None = None,
) -> Mail:
    """A text as the mail that a gateway makes one of: no subject, no name and no HTML, which would
    be shown, and eat room. Raises TextTooLong.
    """
    return Mail(
        sender=sender,
        sender_name="",
        to=to,
        subject="",
        text=demand_one_message(text),
        html=None,
        message_id=message_id,
        at=at,
        language=language,
        envelope_sender=envelope_sender,
    )


class Provider:
    """A provider of text messages, by its Apprise address with ``{to}`` for the number."""

    def __init__(self, url: str) -> None:
        """Raises WrongProvider."""
        _silence()
        if url.count(PLACE_OF_NUMBER) != 1:
            raise WrongProvider(f"the address of a text provider holds {PLACE_OF_NUMBER} once")
        self._url = url
        self._for("+15551234567")
        self._threads = ThreadPoolExecutor(MOST_AT_ONCE, thread_name_prefix="twostep-texts")

    async def send(self, *, to: str, text: str) -> Outcome:
        """Try once. ``to`` is a number in the form of E.164. Raises TextTooLong."""
        demand_one_message(text)
        if not _NUMBER.fullmatch(to):
            said = "this is not a telephone number in the international form"
            return Refused(code=None, words=said, permanent=True)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._notify, to, text)

    async def close(self) -> None:
        """Let its threads go when they are done."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _notify(self, to: str, text: str) -> Outcome:
        result = self._for(to).notify(
            body=text, timeout=PROVIDER_SECONDS, log_level=logging.WARNING
        )
        said = words_of(" ".join(entry.message for entry in result.logs()), most=MOST_HEARD)
        said = said.replace(text, "•••").replace(to.lstrip("+"), mask_number(to))
        if result:
            return Accepted(words=said)
        return Unreachable(words=said or "the provider of text messages did not take it")

    def _for(self, number: str) -> Apprise:
        from apprise import Apprise, AppriseAsset  # noqa: PLC0415 - see this module's docstring

        one = Apprise(asset=AppriseAsset(async_mode=False, storage_mode="memory"))
        if not one.add(self._url.replace(PLACE_OF_NUMBER, number)):
            raise WrongProvider("Apprise does not know a text provider of such an address")
        return one


def _silence() -> None:
    """Nothing of what they log goes further; what Apprise returns does not depend on it."""
    for name in ("apprise", "urllib3"):
        logger = logging.getLogger(name)
        logger.propagate = False
        logger.setLevel(logging.WARNING)
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())
