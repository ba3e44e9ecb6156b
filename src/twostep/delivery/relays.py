"""A mail server as an operator writes it down: ``smtp://user@mail.example.org:587``."""

from __future__ import annotations

from urllib.parse import quote, unquote, urlsplit

from twostep.delivery.mail import Relay, Tls

_PORTS = {"smtp": 587, "smtps": 465}


class NotAMailServer(ValueError):
    """The text is not the address of a mail server. It is not repeated here: it may hold a
    password.
    """


def read_relay(text: str, *, starttls: Tls = Tls.REQUIRED, password: str | None = None) -> Relay:
    """The mail server of that address. ``smtps://`` is protected from the first byte, whatever
    ``starttls`` says. Raises NotAMailServer.
    """
    try:
        parts = urlsplit(text.strip())
        port = parts.port
    except ValueError:
        raise NotAMailServer("not an address") from None
    if parts.scheme not in _PORTS or not parts.hostname or parts.path.strip("/"):
        raise NotAMailServer("not the address of a mail server")
    if parts.password is not None or parts.query or parts.fragment:
        raise NotAMailServer("more than the address of a mail server")
    return Relay(
        host=parts.hostname,
        port=port or _PORTS[parts.scheme],
        tls=Tls.WRAPPED if parts.scheme == "smtps" else starttls,
        user=unquote(parts.username) if parts.username else None,
        password=password,
    )


def address_of(relay: Relay) -> str:
    """How an operator would write it, without the password."""
    scheme = "smtps" if relay.tls is Tls.WRAPPED else "smtp"
    user = "" if relay.user is None else f"{quote(relay.user, safe='')}@"
    host = f"[{relay.host}]" if ":" in relay.host else relay.host
    return f"{scheme}://{user}{host}:{relay.port}"
