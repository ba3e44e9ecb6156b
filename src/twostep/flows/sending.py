"""The sender: one thread of each process, which claims what is due and hands it over.

It claims no more than it can send at once, so a claim is under way from its first moment and ends
before it runs out. Who may have how many under way stands in ``flows/lanes.py``.

A process may be killed at any point. Between the server's word and our commit nobody can know that
both have happened; the claim runs out, and the same message goes again, with the same code and the
same Message-ID.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from functools import partial
from typing import Final, TypeVar

import structlog
from jinja2 import TemplateError

from twostep.core.audit import EventKind
from twostep.core.messages import WAITING, MessageState, Priority, Try
from twostep.delivery.outcomes import Outcome
from twostep.delivery.templates import compiled
from twostep.flows import audit
from twostep.flows.delivery_routes import RouteUnusable
from twostep.flows.doors import Doors, MailDoor, TextDoor
from twostep.flows.installation import Installation
from twostep.flows.lanes import Lane, Lanes
from twostep.flows.notice_expansion import expand
from twostep.flows.password_resets import write_mails
from twostep.flows.tries import (
    Outgoing,
    Prepared,
    TextForNumber,
    ending_after,
    prepare,
    put_off,
)
from twostep.storage import messages, reach
from twostep.storage.database import Connection, DatabaseAway, DatabaseBusy
from twostep.storage.messages import Claimed, Ending

LOOK_EVERY: Final = 1.0
"""Seconds. What another process has queued waits so long at most, and so does what is due again."""

LONGEST_WAIT: Final = 30.0

LAST_ROUND_SECONDS: Final = 4.0
"""For what is queued and under way when the process is asked to stop: less than half of what a
server waits for its workers, which have more to end. What is not done by then is another's, or the
next start's."""

NOTICES_AT_ONCE: Final = 4

SETTLING_TRIES: Final = 6
"""With growing waits, 6 seconds together: a database that comes back by then loses nothing, and
after that the message is sent twice rather than never."""

T = TypeVar("T")

_log = structlog.get_logger("twostep.messages")


def wait_after(failures: int) -> float:
    """Seconds until the next look, after so many in a row at which the database was away."""
    return min(LOOK_EVERY * (1 << min(failures, 10)), LONGEST_WAIT)


class Sender:
    """The thread. To be started after a fork, and stopped before the database is closed."""

    def __init__(self, installation: Installation, outgoing: Outgoing) -> None:
        """Opens nothing yet. Raises jinja2.TemplateSyntaxError for an operator's template."""
        self._installation = installation
        self._outgoing = outgoing
        self._templates = compiled(outgoing.templates_dir)
        self._stopping = False
        self._mail: MailDoor | None = None
        self._own_mail: Doors[MailDoor] = Doors()
        self._own_texts: Doors[TextDoor] = Doors()
        self._lanes = Lanes(most_at_once=outgoing.most_at_once, rate=outgoing.rate)
        self._looked_at = -LOOK_EVERY
        self._failures = 0
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin. What waits is in the database, so the process may end without this thread."""
        self._thread = threading.Thread(target=self._work, name="twostep-sender", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Send what is due, within some seconds, and end. Returns when that is done."""
        self._stopping = True
        self._installation.messages_wait.set()
        if self._thread is not None:
            self._thread.join()

    def _work(self) -> None:
        try:
            asyncio.run(self._run())
        except Exception:  # noqa: BLE001 - a thread that ended in silence would send nothing more
            _log.exception("sender_failed")

    async def _run(self) -> None:
        if self._outgoing.open_mail is not None:
            self._mail = self._outgoing.open_mail()
        try:
            while True:
                # Cleared before the look: what is committed, or asked of us, after it rings again.
                self._installation.messages_wait.clear()
                if self._stopping:
                    break
                await self._claim_what_is_due()
                await self._until_something_happens()
            async with asyncio.timeout(LAST_ROUND_SECONDS):
                while await self._claim_what_is_due() or self._lanes.under_way:
                    await asyncio.gather(*self._lanes.under_way, return_exceptions=True)
        except TimeoutError:
            _log.warning("messages_left", under_way=len(self._lanes.under_way))
        finally:
            for task in self._lanes.under_way:
                task.cancel()
            await asyncio.gather(*self._lanes.under_way, return_exceptions=True)
            await asyncio.gather(self._own_mail.close(), self._own_texts.close())
            if self._mail is not None:
                await self._mail.close()

    async def _until_something_happens(self) -> None:
        """A message rings, one that is under way ends, or a second is over."""
        rung = asyncio.ensure_future(
            asyncio.to_thread(self._installation.messages_wait.wait, wait_after(self._failures))
        )
        done, _ = await asyncio.wait(
            {rung, *self._lanes.under_way}, return_when=asyncio.FIRST_COMPLETED
        )
        if rung not in done:
            # Somebody's place is free. The thread that waits ends by itself.
            self._installation.messages_wait.set()
            await rung

    async def _claim_what_is_due(self) -> int:
        """Claim as much as there is room for, what somebody waits for first; how many."""
        claimed = 0
        await self._look_for_own_ways()
        for priority in Priority:
            ahead = self._write_notices if priority is Priority.NOTICE else self._write_resets
            await self._from_database(ahead)
            due = await self._from_database(partial(self._lanes.due, self._installation, priority))
            if due is None:
                self._failures += 1
                return claimed
            for lane in due:
                claim = partial(self._lanes.claim, self._installation, lane, priority)
                found = await self._from_database(claim)
                if found is None:
                    self._failures += 1
                    return claimed
                self._failures = 0
                for message in found:
                    self._begin(message, lane)
                    claimed += 1
        return claimed

    def _write_notices(self) -> None:
        """A few at a time: a code that is queued meanwhile waits for these, and not for all."""
        installation = self._installation
        done = expand(installation, now=installation.clock(), most=NOTICES_AT_ONCE)
        if done == NOTICES_AT_ONCE:
            installation.messages_wait.set()

    def _write_resets(self) -> None:
        """Who asked to set a password anew waits for it as for a code."""
        installation = self._installation
        done = write_mails(installation, now=installation.clock(), most=NOTICES_AT_ONCE)
        if done == NOTICES_AT_ONCE:
            installation.messages_wait.set()

    async def _look_for_own_ways(self) -> None:
        """Once a second: a change holds within that time, and a message that comes sooner finds the
        new door and the old place.
        """
        now = asyncio.get_running_loop().time()
        if now - self._looked_at >= LOOK_EVERY:
            self._looked_at = now
            await self._from_database(partial(self._lanes.look, self._installation))

    def _begin(self, message: Claimed, lane: Lane) -> None:
        task = asyncio.create_task(self._send(message))
        self._lanes.under_way[task] = (lane, message.priority)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        del self._lanes.under_way[task]
        if not task.cancelled() and (error := task.exception()) is not None:
            # Its claim runs out, and it is tried again.
            _log.error("message_failed", error=type(error).__name__)

    async def _send(self, message: Claimed) -> None:
        now = self._installation.clock()
        try:
            prepared = await asyncio.to_thread(
                prepare, self._installation, self._outgoing, self._templates, message, now=now
            )
        except TemplateError as error:
            _log.error("message_template_wrong", kind=message.kind.value, error=str(error))
            prepared = put_off(message, Try.NOT_BEGUN, "", now=now)
        except RouteUnusable as error:
            place = message.environment_id.hex()
            _log.error("message_route_unusable", environment=place, error=str(error))
            prepared = put_off(message, Try.NOT_BEGUN, "", now=now)
        if isinstance(prepared, Prepared):
            outcome = await self._hand_over(prepared)
            now = self._installation.clock()
            await self._settle(message, ending_after(message, prepared, outcome, now=now), now=now)
        else:
            await self._settle(message, prepared, now=now)

    async def _hand_over(self, prepared: Prepared) -> Outcome:
        parcel, ways, outgoing = prepared.parcel, prepared.ways, self._outgoing
        if isinstance(parcel, TextForNumber):
            if (texts := ways.texts) is None:
                assert outgoing.texts is not None
                return await outgoing.texts.send(to=parcel.to, text=parcel.text)
            assert outgoing.open_own_texts is not None
            opening = partial(outgoing.open_own_texts, texts.url)
            async with self._own_texts.through(texts.id, opening) as provider:
                return await provider.send(to=parcel.to, text=parcel.text)
        if (own := ways.relay) is None:
            assert self._mail is not None
            return await self._mail.send(parcel)
        async with self._own_mail.through(
            own.id, partial(outgoing.open_own_mail, own.relay)
        ) as door:
            return await door.send(parcel)

    async def _settle(self, message: Claimed, ending: Ending, *, now: int) -> None:
        for wait in range(SETTLING_TRIES):
            if await self._from_database(partial(self._write_down, message, ending, now)):
                return
            await asyncio.sleep(0.1 * 2**wait)
        _log.error("message_not_settled", state=ending.state.value)

    def _write_down(self, message: Claimed, ending: Ending, now: int) -> bool:
        """True: what became of it is in the database, by us or by who has claimed it since."""
        of = (message.environment_id, message.id)
        tried = [each.ended for each in ending.history]

        def act(connection: Connection) -> None:
            if ending.state not in WAITING:
                reach.lock_for_result(connection, *of, ending.state, ending.reason, tried)
            if messages.end(connection, message, ending, now=now) and ending.state not in WAITING:
                reach.note_result(connection, *of, ending.state, ending.reason, tried)
                if ending.state in (MessageState.ACCEPTED, MessageState.SENT):
                    reach.note_use(connection, *of, now=now)
                _record(connection, self._installation, message, ending, now=now)

        self._installation.database.write(act)
        return True

    async def _from_database(self, act: Callable[[], T]) -> T | None:
        """What the act gave, or None where the database is away: it is asked again later."""
        try:
            return await asyncio.to_thread(act)
        except (DatabaseAway, DatabaseBusy) as away:
            _log.warning("messages_wait_for_database", why=str(away))
        except Exception:  # noqa: BLE001 - one row that cannot be read must not end the sender
            _log.exception("messages_not_read")
        return None


def _record(
    connection: Connection,
    installation: Installation,
    message: Claimed,
    ending: Ending,
    *,
    now: int,
) -> None:
    audit.record(
        connection,
        installation,
        EventKind.MESSAGE_SETTLED,
        environment_id=message.environment_id,
        now=now,
        target=message.user_id,
        message=message.id.hex(),
        kind_of_message=message.kind.value,
        route=message.route.value,
        result=ending.state.value,
        why="" if ending.reason is None else ending.reason.value,
        tries=message.attempts,
    )
