"""Where the server listens: refused before anything is written where it would not be safe, or not
possible.
"""

from __future__ import annotations

import errno
import ipaddress
import socket
import ssl
from contextlib import suppress

from twostep.cli.mistakes import Mistake, Status
from twostep.settings import Settings
from twostep.storage.database_url import SqliteUrl, read_database_url


def demand_good_listener(settings: Settings) -> None:
    """Raises Mistake where the settings cannot or must not be served."""
    _demand_encryption(settings)
    _demand_one_writer(settings)
    _demand_certificate(settings)
    demand_free_port(settings.host, settings.listen_port)


def demand_free_port(host: str, port: int) -> None:
    """Raises Mistake where somebody listens there, or nobody may.

    The server's own sockets allow others beside them (its workers share a port), so a second start
    would otherwise succeed, and each would get some of the requests.
    """
    try:
        _try_port(host, port)
    except OSError as error:
        raise Mistake(_why_not(error, host, port), Status.USAGE) from None


def is_free(port: int) -> bool:
    """Whether nobody of this machine listens on that port, on either loopback address."""
    for host in ("127.0.0.1", "::1"):
        try:
            _try_port(host, port)
        except OSError as error:
            # A machine without IPv6 has no such address, and nobody who listens on it.
            if error.errno not in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
                return False
    return True


def _try_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        # Connections that ended a moment ago do not keep a port; one that listens does.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(AttributeError, OSError):
            probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        probe.bind((host, port))


def _why_not(error: OSError, host: str, port: int) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return (
                f"Port {port} of {host} is in use: another program listens there, or another "
                "Twostep. Stop it, or choose a port with --port."
            )
        case errno.EACCES:
            return (
                f"Port {port} is kept for privileged programs. Choose one from 1024 on with "
                "--port, and let a proxy listen on it."
            )
        case errno.EADDRNOTAVAIL:
            return f"This machine has no address {host}. Choose one of its own with --host."
        case _:
            return f"Nothing can listen on port {port} of {host}: {error.strerror}."


def _demand_encryption(settings: Settings) -> None:
    """Passwords do not travel in the clear (SECURITY §5.9)."""
    on_loopback = ipaddress.ip_address(settings.host).is_loopback
    if on_loopback or settings.tls or settings.trusted_proxies:
        return
    raise Mistake(
        f"Plain HTTP on {settings.host} would send passwords in the clear. Three ways out: give "
        "TLS files (tls_certificate and tls_key); name the proxy in front that speaks HTTPS "
        "(trusted_proxies); or listen on this machine alone (host = 127.0.0.1).",
        Status.USAGE,
    )


def _demand_one_writer(settings: Settings) -> None:
    address = read_database_url(settings.database_url)
    if settings.workers > 1 and isinstance(address, SqliteUrl):
        raise Mistake(
            "SQLite carries one serving process: several that write starve each other, and one "
            "uses all cores for passwords anyway. Leave --workers at 1, or use PostgreSQL.",
            Status.USAGE,
        )


def _demand_certificate(settings: Settings) -> None:
    if settings.tls_certificate is None or settings.tls_key is None:
        return
    for setting, file in (
        ("tls_certificate", settings.tls_certificate),
        ("tls_key", settings.tls_key),
    ):
        if not file.is_file():
            raise Mistake(f"The setting {setting} names no file: {file}.", Status.USAGE)
    try:
        # Without a password to try, an encrypted key would stop the start and wait for one.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(
            settings.tls_certificate, settings.tls_key, password=lambda: ""
        )
    except (ssl.SSLError, OSError):
        raise Mistake(
            f"The certificate {settings.tls_certificate} and the key {settings.tls_key} cannot be "
            "used: both must be PEM, belong together, and the key must not be encrypted.",
            Status.USAGE,
        ) from None
