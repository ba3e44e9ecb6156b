"""AC-54, AC-68, AC-74: what only a hand-written connection can send, to the server as it is
installed.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import suppress

import pytest

from tests.helpers.house import PASSWORD, sign_in
from tests.helpers.server import RunningServer


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with RunningServer(tmp_path_factory.mktemp("server")) as made:
        client = made.client()
        page = client.get(made.welcome_path())
        client.submit(page, user_name="boss", new_password=PASSWORD)
        yield made


def ask(server: RunningServer, *parts: bytes, host: bool = True) -> bytes:
    """Everything that comes back on a connection of its own, to its end. A server that has refused
    the beginning may close before it has read the rest."""
    first, *rest = parts
    ours = f"Host: localhost:{server.port}\r\n".encode() if host else b""
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as line:
        answer = b""
        with suppress(ConnectionError):
            line.sendall(first + b"\r\n" + ours + b"Connection: close\r\n" + b"".join(rest))
        with suppress(ConnectionError):
            while piece := line.recv(65536):
                answer += piece
    return answer


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


GET = b"GET /sign-in HTTP/1.1"
END = b"\r\n"


def form(server: RunningServer) -> bytes:
    return (
        f"Origin: http://localhost:{server.port}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
    ).encode()


def test_ac_74_two_cookies_of_one_name_are_refused(server: RunningServer) -> None:
    """Tossed in from a sibling host: in one header, or in two, whichever comes first."""
    client = server.client()
    sign_in(client, "boss")
    ours = f"__Host-sess={client.cookies['__Host-sess']}".encode()
    assert status(ask(server, b"GET / HTTP/1.1", b"Cookie: " + ours + END, END)) == 200
    for lines in (
        b"Cookie: " + ours + b"; __Host-sess=evil" + END,
        b"Cookie: __Host-sess=evil; " + ours + END,
        b"Cookie: " + ours + END + b"Cookie: __Host-sess=evil" + END,
        b"cookie: " + ours + END + b"COOKIE: a=b;" + ours + END,
    ):
        answer = ask(server, b"GET / HTTP/1.1", lines, END)
        assert status(answer) == 400
        assert b"set-cookie" not in answer.lower()


def test_ac_54_one_host_is_needed(server: RunningServer) -> None:
    assert status(ask(server, GET, END)) == 200
    assert status(ask(server, GET, b"Host: evil.example" + END, END)) == 400
    assert status(ask(server, GET, f"Host: localhost:{server.port}\r\n".encode(), END)) == 400
    assert status(ask(server, GET, END, host=False)) == 400
    assert status(ask(server, b"GET /sign-in HTTP/1.0", END, host=False)) == 400
    assert status(ask(server, GET, b"Host: evil.example" + END, END, host=False)) == 421


def test_ac_54_an_address_in_the_request_line_is_no_host(server: RunningServer) -> None:
    """RFC 9112 section 3.2.2. The page is the one of the Host header, and names no other."""
    answer = ask(server, b"GET http://evil.example/sign-in HTTP/1.1", END)
    assert status(answer) in {200, 400, 421}
    assert b"evil" not in answer
    alone = ask(server, b"GET http://evil.example/sign-in HTTP/1.1", END, host=False)
    assert status(alone) in {400, 421}


def test_ac_68_a_body_without_end_is_cut_off(server: RunningServer) -> None:
    chunk = b"1000\r\n" + b"a" * 4096 + b"\r\n"
    post = b"POST /sign-in HTTP/1.1"
    chunked = form(server) + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 5
    assert status(ask(server, post, chunked)) == 413
    announced = form(server) + b"Content-Length: 16385\r\n\r\n"
    assert status(ask(server, post, announced)) == 413
    assert status(ask(server, b"POST /csp-reports HTTP/1.1", announced)) == 413


def test_ac_68_headers_without_end_are_refused(server: RunningServer) -> None:
    """Ours end at 16 KiB of cookies, the server's own at some multiple of 64 KiB in all."""
    assert status(ask(server, GET, b"Cookie: " + b"a" * 17_000 + END, END)) == 431
    for parts in (
        (GET, b"X-Large: " + b"a" * 300_000 + END, END),
        (GET, b"".join(b"X-%d: a\r\n" % number for number in range(200)), END),
        (b"GET /sign-in?" + b"a" * 300_000 + b" HTTP/1.1", END),
    ):
        answer = ask(server, *parts)
        assert answer == b"" or status(answer) in {400, 414, 431}
    assert server.answers()


@pytest.mark.parametrize(
    "lines",
    [
        b"Content-Length: 5\r\nContent-Length: 6\r\n",
        b"Content-Length: -1\r\n",
        b"Content-Length: 0x10\r\n",
        b"Content-Length: 99999999999999999999999999\r\n",
        b"Transfer-Encoding: gzip\r\n",
        b"Transfer-Encoding: chunked, identity\r\n",
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        b"X: a\x00b\r\n",
        b"X : a\r\n",
        b" X: a\r\n",
        b"X\r\n",
        b"\xff: a\r\n",
    ],
)
def test_r_31_what_is_not_http_is_refused_or_read_as_one_request(
    lines: bytes, server: RunningServer
) -> None:
    """And the request that is hidden in its body is not answered: one status line comes back."""
    hidden = b"0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    answer = ask(server, b"POST /sign-in HTTP/1.1", form(server) + lines, END, hidden)
    assert 400 <= status(answer) < 500
    assert answer.count(b"HTTP/1.1 ") == 1
    assert server.answers()


@pytest.mark.parametrize(
    "line",
    [
        b"GET /security?\x80 HTTP/1.1",
        b"GET /\xff HTTP/1.1",
        b"GET /%ff%00%0a HTTP/1.1",
        b"GET /sign-in\t/x HTTP/1.1",
        b"GET  /sign-in HTTP/1.1",
        b"GET /sign-in HTTP/2.0",
        b"GET /sign-in HTTP/0.9",
        b"GET sign-in HTTP/1.1",
        b"OPTIONS * HTTP/1.1",
        b"CONNECT evil.example:443 HTTP/1.1",
        b"TRACE /sign-in HTTP/1.1",
        b"G\xc9T / HTTP/1.1",
        b"PRI * HTTP/2.0",
        b"\x16\x03\x01\x02\x00",
        b"",
    ],
)
def test_r_31_no_request_line_breaks_the_server(line: bytes, server: RunningServer) -> None:
    answer = ask(server, line, END)
    assert answer == b"" or 300 <= status(answer) < 500
    assert b"__Host-sess" not in answer
    assert server.answers()
    assert "request_failed" not in server.log
