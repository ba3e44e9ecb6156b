"""Messages: how soon one is with the mail server, how many a second, and what old ones cost.

* From "the password is right" to the mail server's 250 of the code, by the flows of a sign-in, one
  person after the other, against the same mail by a bare aiosmtplib connection that is kept open:
  median and 99th percentile.
* From the beginning of the act that queues a code to the mail server's 250, one after the other,
  against the same mail by a bare aiosmtplib connection that is kept open: median and 99th
  percentile.
* Messages a second, from the first claim to the last one settled, with as many senders as asked for
  (threads of this process: on SQLite there is one serving process), and on PostgreSQL by one and
  two processes of their own.
* A claim beside many messages that were accepted long ago, against one beside none.

Usage: python -m bench.messages [--database URL] [--messages N] [--sign-ins N] [--old N]
                                [--senders N]

The database must be empty; without one, a SQLite file in a throw-away folder is used. The mail
server is a process of its own, so that it shares neither our interpreter nor our lock.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from aiosmtplib import SMTP
from sqlalchemy import func, select, update
from typing_extensions import override

from tests.helpers.clocks import DAY, SECOND, HandClock
from tests.helpers.house import PASSWORD
from tests.helpers.many_messages import add_old_ones, add_people
from tests.helpers.senders import Writers, make_writers
from twostep.core.audit import Visitor
from twostep.core.contacts import ContactKind
from twostep.core.messages import LEASE, Priority
from twostep.core.properties import MODE, find
from twostep.core.users import User
from twostep.core.ways import Way
from twostep.crypto.secret import Secret
from twostep.delivery.mail import Mailer, Relay, Tls
from twostep.delivery.mail_form import Mail, compose
from twostep.delivery.outcomes import Outcome
from twostep.flows import properties, sign_in, users
from twostep.flows.contact_entries import set_for_user
from twostep.flows.passwords import Checked, check
from twostep.flows.sending import Sender
from twostep.flows.sent_codes import Sent, send_in_sign_in
from twostep.flows.tries import Outgoing
from twostep.flows.visitors import Browser
from twostep.storage import messages
from twostep.storage.database import Connection, open_database
from twostep.storage.tables import messages as table
from twostep.storage.upgrades import create_schema

SERVER = """
import asyncio
from aiosmtpd.smtp import SMTP
class Sink:
    async def handle_DATA(self, server, session, envelope):
        return "250 2.0.0 Ok"
async def main():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Sink(), hostname="post", loop=loop), "127.0.0.1")
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()
asyncio.run(main())
"""


EACH_PROCESS = 150
"""A process that sends what is due gives itself four seconds for it."""

BROWSER = Browser(id=b"b" * 32, visitor=Visitor(address="203.0.113.7", browser="Chrome on Linux"))


@contextmanager
def mail_server() -> Iterator[int]:
    """A server that takes everything; its port."""
    process = subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        yield int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()


class TimedMailer(Mailer):
    """Notes when each mail was accepted."""

    def __init__(self, relay: Relay, accepted: Callable[[Mail], None]) -> None:
        super().__init__(relay)
        self._accepted = accepted

    @override
    async def send(self, mail: Mail) -> Outcome:
        outcome = await super().send(mail)
        self._accepted(mail)
        return outcome


def told(name: str, seconds: Sequence[float]) -> None:
    last = sorted(seconds)[int(len(seconds) * 0.99)]
    print(
        f"{name:52} median {statistics.median(seconds) * 1e3:7.2f} ms   99 % {last * 1e3:7.2f} ms"
    )


def bare(port: int, count: int) -> list[float]:
    mail = Mail(
        sender="codes@login.example", sender_name="Northside", to="ann@northside.example",
        subject="Your Northside code is 123456", text="123456\n" * 8, html="<p>123456</p>" * 60,
        message_id="0@login.example", at=0, language="en",
    )  # fmt: skip
    content = compose(mail)

    async def run() -> list[float]:
        client = SMTP(hostname="127.0.0.1", port=port, start_tls=False, local_hostname="bench")
        await client.connect()
        times = []
        for _ in range(count):
            begun = time.perf_counter()
            await client.sendmail(mail.sender, [mail.to], content)
            times.append(time.perf_counter() - begun)
        await client.quit()
        return times

    return asyncio.run(run())


def outgoing(port: int, accepted: Callable[[Mail], None]) -> Outgoing:
    relay = Relay(host="127.0.0.1", port=port, tls=Tls.NEVER, greeting="bench")
    return Outgoing(sender="codes@login.example", open_mail=lambda: TimedMailer(relay, accepted))


def ours(writers: Writers, port: int, count: int) -> list[float]:
    done = threading.Event()
    sender = Sender(writers.installation, outgoing(port, lambda _mail: done.set()))
    sender.start()
    times = []
    for number in range(count):
        done.clear()
        begun = time.perf_counter()
        message = writers.queue(f"{number:06}")
        done.wait()
        times.append(time.perf_counter() - begun)
        while writers.state(message).value != "accepted":
            time.sleep(0.0005)
    sender.stop()
    return times


def sign_ins(writers: Writers, port: int, count: int) -> list[float]:
    """From the moment at which the hash was compared, everything of ours included."""
    people = add_people_with_addresses(writers, count)
    arrived, right_at = threading.Event(), [0.0]
    sender = Sender(writers.installation, outgoing(port, lambda _mail: arrived.set()))
    sender.start()

    def noted(*given: Any, **named: Any) -> Checked:
        found = check(*given, **named)
        right_at[0] = time.perf_counter()
        return found

    times = []
    with patch.object(sign_in, "check", noted):
        for name in people:
            arrived.clear()
            pending = sign_in.first_step(
                writers.installation, writers.environment, name=name, password=Secret(PASSWORD),
                browser=BROWSER, going_to=None,
            )  # fmt: skip
            assert isinstance(pending, sign_in.Pending) and pending.waiting is not None
            sent = send_in_sign_in(
                writers.installation, pending.waiting, Way.EMAIL, language="en", browser=BROWSER
            )
            assert isinstance(sent, Sent), sent
            arrived.wait()
            times.append(time.perf_counter() - right_at[0])
            writers.clock.forward(SECOND)
    sender.stop()
    return times


def add_people_with_addresses(writers: Writers, count: int) -> list[str]:
    """An environment that requires a second step, and people to whom a code is sent."""
    installation, environment = writers.installation, writers.environment
    for name, value in ((MODE, "required"), ("allow_email_codes", "yes")):
        properties.set_in_environment(installation, environment, find(name), value)
    names = [f"person{number}" for number in range(count)]
    for name in names:
        user = users.add(installation, environment, name=name, password=Secret(PASSWORD))
        assert isinstance(user, User)
        address = f"{name}@northside.example"
        set_for_user(installation, user, ContactKind.EMAIL, address, language="en")
    return names


def many(writers: Writers, port: int, count: int, senders: int) -> float:
    for number in range(count):
        writers.queue(f"{number:06}")
    running = [
        Sender(writers.installation, outgoing(port, lambda _mail: None)) for _ in range(senders)
    ]
    waiting = select(func.count()).where(table.c.state.in_(("queued", "sending")))
    begun = time.perf_counter()
    for sender in running:
        sender.start()
    while writers.database.read(lambda c: c.execute(waiting).scalar_one()):
        time.sleep(0.01)
    took = time.perf_counter() - begun
    for sender in running:
        sender.stop()
    return count / took


def by_processes(writers: Writers, url: str, folder: Path, port: int, processes: int) -> float:
    """Messages a second between the first one accepted and the last, by processes of their own."""
    for number in range(EACH_PROCESS * processes):
        writers.queue(f"{number:06}", lasts=DAY)
    accepted = select(func.count()).where(table.c.state == "accepted")

    def count() -> int:
        return int(writers.database.read(lambda c: c.execute(accepted).scalar_one()))

    before, end = count(), EACH_PROCESS * processes
    given = [url, str(folder / "twostep.key"), str(port), str(writers.clock()), "0"]
    words = [sys.executable, "-m", "tests.flows.sending_process", *given]
    running = [subprocess.Popen(words) for _ in range(processes)]
    while (begun_with := count() - before) == 0:
        time.sleep(0.002)
    begun = time.perf_counter()
    while (done := count() - before) < end and any(one.poll() is None for one in running):
        time.sleep(0.002)
    took = time.perf_counter() - begun
    for one in running:
        one.wait()
    return (done - begun_with) / took


def claims(writers: Writers, count: int = 200) -> list[float]:
    for number in range(20):
        writers.queue(f"{number:06}", lasts=365 * DAY)
    times = []
    for _ in range(count):
        now = writers.clock.forward(2 * LEASE)

        def act(connection: Connection, now: int = now) -> None:
            messages.claim(
                connection, priority=Priority.SOMEBODY_WAITS, claim_id=bytes(16), now=now,
                until=now + LEASE, most=4,
            )  # fmt: skip

        begun = time.perf_counter()
        writers.database.write(act)
        times.append(time.perf_counter() - begun)
    done = update(table).where(table.c.state != "accepted").values(state="accepted")
    writers.database.write(lambda c: c.execute(done).close())
    return times


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--database")
    parser.add_argument("--messages", type=int, default=500)
    parser.add_argument("--sign-ins", type=int, default=200)
    parser.add_argument("--old", type=int, default=1_000_000)
    parser.add_argument("--senders", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, mail_server() as port:
        url = given.database or str(Path(folder, "twostep.db"))
        create_schema(url)
        database = open_database(url)
        writers = make_writers(database, Path(folder), HandClock())
        told("bare aiosmtplib", bare(port, given.messages))
        told("queued, committed, claimed, sent", ours(writers, port, given.messages))
        told("password right, code sent", sign_ins(writers, port, given.sign_ins))
        told("bare aiosmtplib", bare(port, given.messages))
        rate = many(writers, port, given.messages, given.senders)
        print(f"{'messages a second, senders: ' + str(given.senders):52} {rate:14.0f}")
        if not url.endswith(".db"):
            for processes in (1, 2):
                rate = by_processes(writers, url, Path(folder), port, processes)
                print(f"{'messages a second, processes: ' + str(processes):52} {rate:14.0f}")
        told("a claim of four, beside few", claims(writers))
        add_people(database)
        add_old_ones(database, given.old)
        told(f"a claim of four, beside {given.old:,} old ones", claims(writers))
        writers.installation.hashing.close()
        database.close()


if __name__ == "__main__":
    main()
