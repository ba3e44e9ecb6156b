"""AC-56, AC-74, R-09: a real nginx in front, and visitors who write the proxy's headers themselves.

nginx hands on what it is told to (docs/operate/proxies.md has the configuration that is tested word
for word in tests/cli). Here it *appends* to what a visitor brings, as many configurations do, and
visitors come from addresses of their own.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPSConnection
from pathlib import Path

import pytest
from sqlalchemy import select
from typing_extensions import override

from tests.helpers.house import PASSWORD, House, sign_in
from tests.helpers.http import TIMEOUT_SECONDS, Client
from tests.helpers.one_house import house_on_sqlite
from tests.helpers.places import a_name
from tests.helpers.server import free_port
from twostep.core.environments import Environment, Origin
from twostep.flows import environments
from twostep.storage.tables import attempts, sessions

PROXY = ipaddress.ip_network("127.0.0.1/32")
HOST = "login.example.org"

CONFIGURATION = """
daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
    uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
    large_client_header_buffers 4 64k;
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_certificate {folder}/certificate.pem;
        ssl_certificate_key {folder}/key.pem;
        location / {{
            proxy_pass http://127.0.0.1:{behind};
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-Proto $scheme;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        }}
    }}
}}
"""


@dataclass
class Visitor(Client):
    """A browser with an address of its own: of a connection to this machine, any of 127.0.0.0/8."""

    comes_from: str = "127.0.0.9"

    @override
    def _connection(self) -> HTTPSConnection:
        assert self.connect_to is not None
        return HTTPSConnection(
            *self.connect_to,
            timeout=TIMEOUT_SECONDS,
            context=self.trust,
            source_address=(self.comes_from, 0),
        )


class _NamedContext(ssl.SSLContext):
    """Connects to an address, and checks the certificate for the host's name."""

    @override
    def wrap_socket(self, sock: socket.socket, **more: object) -> ssl.SSLSocket:  # type: ignore[override]
        more["server_hostname"] = HOST
        return super().wrap_socket(sock, **more)  # type: ignore[arg-type]


@dataclass
class Proxied:
    house: House
    environment: Environment
    folder: Path
    port: int

    def visitor(self, comes_from: str = "127.0.0.9") -> Visitor:
        trust = _NamedContext(ssl.PROTOCOL_TLS_CLIENT)
        trust.load_verify_locations(self.folder / "certificate.pem")
        return Visitor(
            str(self.environment.primary),
            ("127.0.0.1", self.port),
            trust,
            comes_from=comes_from,
        )

    def addresses(self) -> list[str]:
        """Where each session came from, as it is kept."""
        return self.house.installation.database.read(
            lambda connection: list(
                connection.execute(
                    select(sessions.c.address).order_by(sessions.c.started_at)
                ).scalars()
            )
        )


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxied]:
    folder = tmp_path_factory.mktemp("nginx")
    make_certificate(folder)
    port = free_port()
    with house_on_sqlite(tmp_path_factory.mktemp("house"), trusted_proxies=[PROXY]) as house:
        added = environments.add(
            house.installation, name="Online", primary=Origin("https", HOST, port)
        )
        assert isinstance(added, Environment)
        text = CONFIGURATION.format(folder=folder, port=port, behind=house.port)
        (folder / "nginx.conf").write_text(text)
        nginx = subprocess.Popen(["nginx", "-p", folder, "-c", "nginx.conf", "-e", "error.log"])
        try:
            wait_for(port, nginx)
            yield Proxied(house, added, folder, port)
        finally:
            nginx.terminate()
            nginx.wait(timeout=30)


def make_certificate(folder: Path) -> None:
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-keyout", "key.pem", "-out", "certificate.pem", "-days", "2",
         "-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}"],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip


def wait_for(port: int, nginx: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
        except OSError:
            try:
                nginx.wait(timeout=0.05)
            except subprocess.TimeoutExpired:
                continue
            raise AssertionError("nginx ended") from None
        return
    raise AssertionError("nginx never listened")


SPOOFED: tuple[dict[str, str], ...] = (
    {},
    {"X-Forwarded-For": "198.51.100.7"},
    {"X-Forwarded-For": "198.51.100.7, 127.0.0.1"},
    {"X-Forwarded-For": "127.0.0.1"},
    {"X-Forwarded-For": "127.0.0.1, 127.0.0.1, 127.0.0.1"},
    {"X-Forwarded-For": "::ffff:127.0.0.1"},
    {"X-Forwarded-For": "unknown, <script>, '"},
    {"X-Forwarded-For": ", , ,"},
    {"X-Real-IP": "198.51.100.7", "Forwarded": "for=198.51.100.7", "Client-IP": "198.51.100.7"},
    {"X_Forwarded_For": "198.51.100.7"},
    {"True-Client-IP": "198.51.100.7", "CF-Connecting-IP": "198.51.100.7"},
)


@pytest.mark.parametrize("spoofed", SPOOFED)
def test_r_09_a_visitor_comes_from_where_the_connection_comes_from(
    spoofed: dict[str, str], proxied: Proxied
) -> None:
    """AC-56: whatever the visitor writes stands to the left of what nginx saw."""
    name = a_name()
    proxied.house.add(name, proxied.environment)
    visitor = proxied.visitor()
    page = visitor.get("/sign-in", spoofed)
    assert page.status == 200
    fields = page.form("/sign-in").fields | {"user_name": name, "password": PASSWORD}
    proxied.house.clock.forward(1)
    answer = visitor.post("/sign-in", fields, spoofed)
    assert (answer.status, answer.location) == (303, "/")
    assert proxied.addresses()[-1] == "127.0.0.9"
    assert "127.0.0.9" in visitor.get("/security").text


def test_r_09_wrong_tries_are_counted_by_the_true_address(proxied: Proxied) -> None:
    """AC-56: a visitor with a new address in each header is one visitor."""
    for number in range(5):
        spoofed = {"X-Forwarded-For": f"198.51.100.{number}"}
        visitor = proxied.visitor()
        page = visitor.get("/sign-in", spoofed)
        fields = page.form("/sign-in").fields | {"user_name": f"nobody{number}", "password": "x"}
        assert visitor.post("/sign-in", fields, spoofed).status == 403
    other = proxied.visitor("127.0.0.10")
    sign_in(other, "nobody5", "x")
    networks = proxied.house.installation.database.read(
        lambda connection: list(
            connection.execute(
                select(attempts.c.network).where(attempts.c.state == "failed")
            ).scalars()
        )
    )
    assert sorted(networks.count(network) for network in set(networks)) == [1, 5]


def test_over_https_through_nginx_every_answer_keeps_the_browser_there(proxied: Proxied) -> None:
    visitor = proxied.visitor()
    for path in ("/sign-in", "/", "/nowhere"):
        answer = visitor.get(path)
        assert answer.all_headers("strict-transport-security") == [
            "max-age=31536000; includeSubDomains"
        ]
        assert answer.all_headers("x-frame-options") == ["DENY"]
        assert len(answer.all_headers("content-security-policy")) == 1


def test_ac_74_what_a_visitor_says_of_the_scheme_is_replaced(proxied: Proxied) -> None:
    for said in ("http", "https", "ftp", "https, http"):
        assert proxied.visitor().get("/sign-in", {"X-Forwarded-Proto": said}).status == 200


def test_ac_74_past_the_proxy_nobody_is_believed(proxied: Proxied) -> None:
    """From another address of this machine, straight to the port behind: no word of the proxy's, so
    no HTTPS, so no page."""
    ours = f"Host: {proxied.environment.primary.netloc}\r\n"
    for comes_from, told in (("127.0.0.9", b"421"), ("127.0.0.1", b"200")):
        with socket.create_connection(
            ("127.0.0.1", proxied.house.port), timeout=30, source_address=(comes_from, 0)
        ) as line:
            line.sendall(
                f"GET /sign-in HTTP/1.1\r\n{ours}Connection: close\r\n"
                "X-Forwarded-Proto: https\r\nX-Forwarded-For: 198.51.100.7\r\n\r\n".encode()
            )
            assert line.recv(100).split(b" ")[1] == told


def test_ac_74_two_cookies_are_refused_through_nginx_as_well(proxied: Proxied) -> None:
    answer = proxied.visitor().get("/", {"Cookie": "__Host-sess=a; __Host-sess=b"})
    assert answer.status == 400
    assert "two of our cookies" in answer.text


def test_ac_54_another_host_at_nginx_is_another_host_here(proxied: Proxied) -> None:
    visitor = proxied.visitor()
    assert visitor.get("/sign-in", {"Host": "evil.example"}).status == 421
    assert visitor.get("/sign-in", {"X-Forwarded-Host": "evil.example"}).status == 200
    # The environments of plain HTTP on this machine are none of those behind the proxy.
    assert visitor.get("/sign-in", {"Host": proxied.house.harbour.primary.netloc}).status == 421


def test_ac_68_nginx_and_we_agree_on_what_is_too_large(proxied: Proxied) -> None:
    visitor = proxied.visitor()
    visitor.get("/sign-in")
    assert visitor.post("/sign-in", {"user_name": "a" * 17_000}).status == 413
    assert visitor.get("/sign-in", {"Cookie": "a=" + "b" * 17_000}).status == 431
