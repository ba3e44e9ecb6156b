"""SECURITY §5.3. That every answer has them is in tests/attacks/test_headers_everywhere.py."""

from __future__ import annotations

from twostep.web.headers import security_headers


def test_the_policy_allows_what_has_the_nonce_and_nothing_inline() -> None:
    policy = security_headers(nonce="abc", secure=True)["content-security-policy"]
    directives = dict(part.split(" ", 1) for part in policy.split("; "))
    assert directives["default-src"] == "'none'"
    assert directives["script-src"] == directives["style-src"] == "'nonce-abc'"
    assert directives["form-action"] == "'self'"
    for closed in ("base-uri", "object-src", "frame-ancestors"):
        assert directives[closed] == "'none'"
    assert "unsafe" not in policy


def test_hsts_is_for_https() -> None:
    """RFC 6797 section 7.2: never over plain HTTP."""
    assert "strict-transport-security" not in security_headers(nonce="", secure=False)
    secure = security_headers(nonce="", secure=True)
    assert secure["strict-transport-security"] == "max-age=31536000; includeSubDomains"
    rest = {name: value for name, value in secure.items() if name[0:2] != "st"}
    assert rest == security_headers(nonce="", secure=False)


def test_no_feature_of_the_browser_is_on_but_passkeys() -> None:
    entries = security_headers(nonce="", secure=True)["permissions-policy"].split(", ")
    assert len(entries) == len(set(entries))
    on = [entry for entry in entries if not entry.endswith("=()")]
    assert on == ["publickey-credentials-get=(self)", "publickey-credentials-create=(self)"]


def test_nothing_is_kept_and_answers_differ_by_what_decides_on_them() -> None:
    headers = security_headers(nonce="", secure=True)
    assert headers["cache-control"] == "no-store"
    assert headers["vary"] == "Sec-Fetch-Site, Origin, Accept-Language"
