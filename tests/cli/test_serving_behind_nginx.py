"""The nginx of docs/operate/proxies.md, as it stands there, before a real server."""

import re
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.house import PASSWORD, sign_in
from tests.helpers.http import Client
from tests.helpers.operating import ADMINISTRATOR, become_administrator
from tests.helpers.server import ROOT, RunningServer, free_port

PAGE = ROOT / "docs" / "operate" / "proxies.md"
HOST = "localhost"


def example() -> str:
    (found,) = re.findall(r"```nginx\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return str(found)


def configuration(folder: Path, certificate: tuple[Path, Path], *, port: int, behind: int) -> str:
    """The example with this machine's ports and paths, in the frame that nginx needs around it."""
    file, key = certificate
    here = {
        "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
        "server_name login.example.org": f"server_name {HOST}",
        "/etc/ssl/login.example.org.pem": str(file),
        "/etc/ssl/login.example.org.key": str(key),
        "http://127.0.0.1:8000": f"http://127.0.0.1:{behind}",
    }
    server = example()
    for there, ours in here.items():
        assert server.count(there) == 1, there
        server = server.replace(there, ours)
    paths = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"{path}_temp_path {folder}/{path};\n" for path in paths)
    return (
        f"daemon off;\nmaster_process off;\npid {folder}/pid;\nerror_log {folder}/error.log;\n"
        f"events {{}}\nhttp {{\naccess_log off;\n{temporary}{server}}}\n"
    )


@pytest.fixture
def proxied(tmp_path: Path, certificate: tuple[Path, Path]) -> Iterator[RunningServer]:
    """A server whose address is nginx's."""
    port = free_port()
    server = RunningServer(
        tmp_path / "behind",
        address=f"https://{HOST}:{port}",
        extra={"TWOSTEP_TRUSTED_PROXIES": "127.0.0.1"},
    )
    text = configuration(tmp_path, certificate, port=port, behind=server.port)
    (tmp_path / "nginx.conf").write_text(text, encoding="utf-8")
    nginx = subprocess.Popen(["nginx", "-p", tmp_path, "-c", "nginx.conf", "-e", "stderr"])
    try:
        with server:
            yield server
    finally:
        nginx.terminate()
        nginx.wait(timeout=30)


@pytest.fixture
def browser(proxied: RunningServer, certificate: tuple[Path, Path]) -> Client:
    """A browser that goes through nginx, and trusts its certificate."""
    return Client(proxied.address, trust=ssl.create_default_context(cafile=certificate[0]))


def test_people_sign_in_through_the_proxy(proxied: RunningServer, browser: Client) -> None:
    assert browser.get(proxied.welcome_path()).header("strict-transport-security")
    become_administrator(proxied, browser)
    assert sign_in(browser, ADMINISTRATOR).status == 303
    assert browser.get("/security").status == 200


def test_a_request_past_the_proxy_is_refused(proxied: RunningServer) -> None:
    """Its port answers on this machine, but without the proxy's word there is no HTTPS."""
    past = Client(proxied.address.replace("https", "http"), ("127.0.0.1", proxied.port))
    assert past.get("/sign-in").status == 421


def test_a_visitor_who_names_an_address_is_not_believed(
    proxied: RunningServer, browser: Client
) -> None:
    """R-09: the proxy replaces what a visitor says of himself."""
    headers = {"X-Forwarded-For": "198.51.100.77", "X-Forwarded-Proto": "http"}
    page = browser.get(proxied.welcome_path(), headers=headers)
    assert page.status == 200
    become_administrator(proxied, browser)
    page = browser.get("/sign-in", headers=headers)
    typed = {"user_name": ADMINISTRATOR, "password": PASSWORD}
    fields = page.form("/sign-in").fields | typed
    assert browser.post("/sign-in", fields, headers=headers).status == 303
    security = browser.get("/security").text
    assert "127.0.0.1" in security
    assert "198.51.100.77" not in security
