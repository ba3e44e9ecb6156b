"""``twostep demo``, as somebody runs it who has never seen Twostep."""

import json
import re
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.clocks import HandClock
from tests.helpers.house import phone_from, sign_in
from tests.helpers.http import Client
from tests.helpers.server import RunningServer, all_end, free_port, run_twostep
from tests.storage.waiting import until
from twostep.app import build_installation, close
from twostep.cli.demo_people import WORDS, password, user_name
from twostep.clock import system_clock
from twostep.core.messages import MessageKind, Route
from twostep.flows import environments, messages
from twostep.flows.messages import Recipient
from twostep.settings import Settings
from twostep.storage import users


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[RunningServer]:
    """The demo on a free port, with its throw-away folder below the test's."""
    made = RunningServer(tmp_path / "demo", extra={"TMPDIR": str(tmp_path)})
    made.arguments = ["demo", "--port", str(made.port), "--json"]
    yield made
    made.kill_group()


def printed(demo: RunningServer) -> dict[str, Any]:
    demo.wait_for_output("\n")
    (line,) = demo.output.splitlines()
    read: dict[str, Any] = json.loads(line)
    return read


def folders(tmp_path: Path) -> list[Path]:
    return list(tmp_path.glob("twostep-demo-*"))


def test_one_line_of_json_says_where_and_who(demo: RunningServer) -> None:
    demo.start()
    said = printed(demo)
    assert said["url"] == f"http://127.0.0.1:{demo.port}"
    assert said["mailbox"] == f"http://127.0.0.1:{demo.port}/mailbox"
    people = said["users"]
    assert [set(person) for person in people] == [{"name", "password", "role", "url"}] * 6
    assert [person["role"] for person in people] == ["administrator", "user", "user"] * 2
    assert len({person["name"] for person in people}) == 6
    assert {person["url"] for person in people} == {
        f"http://127.0.0.1:{demo.port}",
        f"http://localhost:{demo.port}",
    }
    assert all(len(person["password"]) >= 15 for person in people)


def test_everybody_printed_can_sign_in_and_only_where_they_belong(demo: RunningServer) -> None:
    demo.start()
    said = printed(demo)
    for person in said["users"]:
        client = Client(person["url"])
        assert sign_in(client, person["name"], person["password"]).status == 303, person["name"]
        elsewhere = next(each["url"] for each in said["users"] if each["url"] != person["url"])
        stranger = Client(elsewhere)
        assert sign_in(stranger, person["name"], person["password"]).status != 303


def test_one_environment_asks_for_a_second_step_and_the_other_leaves_it_open(
    demo: RunningServer,
) -> None:
    demo.start()
    harbour = Client(f"http://harbour.localhost:{demo.port}", ("127.0.0.1", demo.port))
    northside = Client(f"http://northside.localhost:{demo.port}", ("127.0.0.1", demo.port))
    users = {person["name"]: person for person in printed(demo)["users"]}
    assert "Harbour Clinic" in harbour.get("/sign-in").text
    assert "Northside Housing" in northside.get("/sign-in").text
    assert sign_in(harbour, "ann", users["ann"]["password"]).location == "/"
    answer = sign_in(northside, "cleo", users["cleo"]["password"])
    assert answer.location == "/sign-in/set-up"
    page = northside.follow(answer)
    phone = phone_from(page, HandClock(system_clock()))
    done = northside.submit(page, "/sign-in/set-up", code=phone.code())
    assert "__Host-sess" in northside.cookies, done.text


def test_the_folder_is_gone_when_it_ends(demo: RunningServer, tmp_path: Path) -> None:
    demo.start()
    (folder,) = folders(tmp_path)
    assert (folder / "twostep.db").exists()
    assert folder.stat().st_mode & 0o777 == 0o700
    workers = demo.workers()
    assert demo.stop() == 0
    assert folders(tmp_path) == []
    assert all_end(workers)


def test_it_ends_with_the_terminal_that_it_runs_in(demo: RunningServer, tmp_path: Path) -> None:
    process = demo.begin()
    demo.wait_until_healthy()
    process.send_signal(signal.SIGHUP)
    assert process.wait(timeout=30) == 0
    assert folders(tmp_path) == []


def test_for_a_person_it_prints_addresses_passwords_and_what_to_try(demo: RunningServer) -> None:
    demo.arguments = demo.arguments[:-1]
    demo.start()
    demo.wait_for_output("Press Ctrl-C")
    for words in (
        "Harbour Clinic",
        f"http://harbour.localhost:{demo.port}",
        f"http://northside.localhost:{demo.port}",
        "2-Step Verification: optional",
        "2-Step Verification: required",
        "What to try",
    ):
        assert words in demo.output
    assert max(map(len, demo.output.splitlines())) <= 80
    (secret,) = re.findall(r"^\s+ann\s+(\S+)", demo.output, re.MULTILINE)
    harbour = Client(f"http://harbour.localhost:{demo.port}", ("127.0.0.1", demo.port))
    assert sign_in(harbour, "ann", secret).status == 303


def test_more_users_can_be_asked_for(demo: RunningServer) -> None:
    demo.arguments += ["--users", "7"]
    demo.start()
    names = [person["name"] for person in printed(demo)["users"]]
    assert len(names) == len(set(names)) == 16


def test_a_port_that_was_asked_for_and_is_taken_is_an_error(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        done = run_twostep("demo", "--port", port, folder=tmp_path)
    assert done.returncode == 2
    assert f"Port {port} of 127.0.0.1 is in use" in done.stderr


def test_without_a_port_it_takes_the_next_free_one(demo: RunningServer) -> None:
    demo.arguments = ["demo", "--json"]
    with socket.socket() as other:
        try:
            other.bind(("127.0.0.1", 8000))
            other.listen()
        except OSError:
            pass  # Somebody else listens there, which is the same to us.
        demo.begin()
        said = printed(demo)
    port = int(said["url"].rsplit(":", 1)[1])
    assert 8000 < port < 8100
    assert Client(said["url"]).get("/healthz").status == 200


def test_it_touches_no_settings_and_no_database_of_the_place_it_runs_in(
    demo: RunningServer, tmp_path: Path
) -> None:
    (demo.folder / "twostep.toml").write_text('database = "precious.db"\nport = 1\n')
    demo.extra["TWOSTEP_DATABASE"] = str(tmp_path / "precious.db")
    demo.start()
    assert printed(demo)["users"]
    assert not list(tmp_path.rglob("precious.db"))


def test_two_demos_can_run_side_by_side(demo: RunningServer, tmp_path: Path) -> None:
    demo.start()
    other = RunningServer(tmp_path / "other", port=free_port(), extra={"TMPDIR": str(tmp_path)})
    other.arguments = ["demo", "--port", str(other.port), "--json"]
    try:
        other.start()
        assert len(folders(tmp_path)) == 2
    finally:
        other.kill_group()
    assert demo.answers()


def test_passwords_are_words_and_names_do_not_run_out() -> None:
    assert len(WORDS) == len(set(WORDS)) > 250
    assert min(map(len, WORDS)) >= 4
    assert len({password().reveal() for _ in range(100)}) == 100
    names = [user_name(which, number) for which in (0, 1) for number in range(1000)]
    assert len(names) == len(set(names))


def test_the_mailbox_shows_each_message_with_its_code(demo: RunningServer, tmp_path: Path) -> None:
    """A message that is queued in the demo's database by somebody else is sent within a second."""
    demo.start()
    client = Client(printed(demo)["url"])
    page = client.get("/mailbox")
    assert page.status == 200
    assert "Nothing yet." in page.text
    (folder,) = folders(tmp_path)
    settings = Settings(data_dir=folder)
    installation = build_installation(settings, clock=system_clock)
    try:
        environment = environments.all_of_them(installation)[0]
        user = installation.database.read(
            lambda connection: users.by_name_key(connection, environment.id, "ann")
        )
        assert user is not None
        recipient = Recipient(
            environment_id=environment.id,
            user_id=user.id,
            route=Route.MAIL,
            to="ann@harbour.example",
            language="en",
        )
        now = system_clock()
        message = messages.write(
            installation,
            MessageKind.CODE,
            recipient,
            {"code": "918273", "minutes": 10},
            now=now,
            expires_at=now + 600_000,
        )
        installation.database.write(lambda connection: messages.queue(connection, message))
        until(lambda: "918273" in client.get("/mailbox").text)
    finally:
        close(installation)
    page = client.get("/mailbox")
    assert "Your Harbour Clinic code is 918273" in page.text
    assert "ann@harbour.example" in page.text
