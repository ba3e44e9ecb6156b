"""AC-41 and R-31 for the one place where a request may say where to go next: a path of ours, or
nothing.
"""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twostep.web.destinations import LONGEST, own_path

OURS = "https://login.example.org"

HOSTS = (
    *("evil.example", "evil.example:443", "login.example.org.evil.example", "[::1]", "127.0.0.1"),
    *("login.example.org@evil.example", "xn--lgin-qqa.example.org", "0x7f000001", "2130706433"),
)
PATTERNS = (
    *("//{}", "///{}", "////{}", "/\\{}", "\\\\{}", "\\/{}", "/\\/{}", "//\\{}", "/\t/{}"),
    *("https://{}", "https:{}", "https:/{}", "HTTPS://{}", "http:///{}", "//{}/%2f..", "/\n/{}"),
    *("{}", " //{}"),
    *("\x00//{}", "/ /{}", "//{}#/", "//{}?/", "javascript://{}/%0aalert(1)", "ftp://{}"),
)
FOREIGN = [pattern.format(host) for pattern in PATTERNS for host in HOSTS] + [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "about:blank",
    "blob:https://evil.example/1",
    "//",
    "///",
    "//[",
    "//[::1",
    "//]",
    "http://[",
    "http://[::1]]/",
    "\\",
    "/\\",
    ".",
    "..",
    "security",
    "?x=/",
    "#",
    "/é",
    "/\u3002\u3002/evil.example",
    "/\uff0fevil.example",
    "/a b",
    "/a\r\nSet-Cookie: x=y",
    "/" + "a" * LONGEST,
    "",
    None,
]


def test_the_corpus_is_large() -> None:
    assert len(FOREIGN) >= 150


@pytest.mark.parametrize("text", FOREIGN)
def test_ac_41_what_leads_elsewhere_leads_nowhere(text: str | None) -> None:
    assert own_path(text) is None


@pytest.mark.parametrize(
    "path",
    [
        *("/sign-in", "/sign-in/code", "/sign-in/cancel?x=y", "/sign-out", "/welcome/token"),
        *("/break-glass/token", "/reset/token", "/invitation/token"),
        *("/healthz", "/readyz", "/csp-reports", "/static/app.css"),
    ],
)
def test_no_way_leads_back_into_signing_in(path: str) -> None:
    assert own_path(path) is None


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/security",
        "/security?t=1&x=//evil.example",
        "/security/two-step",
        "/sign-inn",
        "/a%2f",
    ],
)
def test_a_path_of_ours_is_kept_with_its_query(path: str) -> None:
    assert own_path(path) == path
    assert own_path(f"{path}#part") == path


@given(
    text=st.text(max_size=60)
    | st.text("/\\.:@[]?#%e\t\r\n ", max_size=30)
    | st.builds("{}{}".format, st.sampled_from(["/", "//", "/\\", "https:"]), st.text(max_size=40))
)
def test_ac_41_whatever_is_kept_stays_on_our_origin(text: str) -> None:
    """As a browser resolves it, and as Python does. Raises nothing."""
    path = own_path(text)
    if path is None:
        return
    assert path.isascii()
    assert path.isprintable()
    assert path.startswith("/")
    assert path[1:2] not in {"/", "\\"}
    assert "\\" not in path
    target = urlsplit(urljoin(OURS, path))
    assert (target.scheme, target.netloc) == ("https", "login.example.org")
