"""Lines to a syslog server of each transport, each a real one."""

from __future__ import annotations

import re
import socket
from pathlib import Path

import pytest

from tests.helpers.certificates import make_certificate
from tests.helpers.receivers import datagrams, stream_of_frames
from twostep.delivery.syslog import (
    NotASyslog,
    Syslog,
    SyslogAway,
    Transport,
    address_of,
    read_syslog,
)

AT = 1_700_000_000_123
FORM = re.compile(rb"<109>1 2023-11-14T22:13:20\.123Z \S+ twostep - event - (.*)", re.DOTALL)
LINES = ('{"a":1}', '{"b":"zwölf\\n"}')


def test_a_datagram_is_a_message_of_rfc_5424() -> None:
    with datagrams() as received:
        read_syslog(f"udp://127.0.0.1:{received.port}").send(LINES, at=AT, kind="event")
        found = [FORM.fullmatch(body) for body in received.wait_for(2)]
    assert [match and match[1].decode() for match in found] == list(LINES)


def test_this_machines_socket_takes_it_too(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with datagrams(path) as received:
        read_syslog(f"unix://{path}").send(LINES, at=AT, kind="event")
        assert all(FORM.fullmatch(body) for body in received.wait_for(2))


def test_over_tcp_each_message_says_how_long_it_is() -> None:
    with stream_of_frames() as received:
        read_syslog(f"tcp://127.0.0.1:{received.port}").send(LINES, at=AT, kind="event")
        assert all(FORM.fullmatch(body) for body in received.wait_for(2))


def test_over_tls_the_certificate_is_looked_at(tmp_path: Path) -> None:
    certificate = (tmp_path / "certificate.pem", tmp_path / "key.pem")
    make_certificate(*certificate)
    with stream_of_frames(certificate) as received:
        address = f"tls://localhost:{received.port}"
        with pytest.raises(SyslogAway):
            read_syslog(address).send(LINES, at=AT, kind="event")
        trusting = read_syslog(address, authorities=certificate[0])
        trusting.send(LINES, at=AT, kind="event")
        assert len(received.wait_for(2)) == 2


def test_who_does_not_listen_is_away(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    for address in (f"tcp://127.0.0.1:{port}", f"unix://{tmp_path / 'none'}"):
        with pytest.raises(SyslogAway):
            read_syslog(address).send(LINES, at=AT, kind="event")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "tls://logs.example.org",
            Syslog(transport=Transport.TLS, host="logs.example.org", port=6514),
        ),
        ("udp://[::1]:5514", Syslog(transport=Transport.UDP, host="::1", port=5514)),
        ("tcp://h", Syslog(transport=Transport.TCP, host="h", port=601)),
        ("unix:///dev/log", Syslog(transport=Transport.LOCAL, host="/dev/log")),
    ],
)
def test_an_address_is_read_and_written(text: str, found: Syslog) -> None:
    assert read_syslog(text) == found
    assert read_syslog(address_of(found)) == found


@pytest.mark.parametrize(
    "text",
    ["", "logs.example.org", "http://h", "udp://", "udp://h/x", "tls://u:p@h", "unix://host/x",
     "udp://h:99999", "tcp://h?x=1"],
)  # fmt: skip
def test_what_is_no_address_of_one_is_refused(text: str) -> None:
    with pytest.raises(NotASyslog):
        read_syslog(text)
