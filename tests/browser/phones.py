"""A phone with an authenticator app, made of programs that we did not write.

``zbarimg`` reads the QR code off a picture of the screen, as a camera does, and ``oathtool`` makes
the codes. So a test that signs in with them shows that other people's apps can.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from tests.helpers.clocks import SECOND

STEP = 30 * SECOND
"""A code lasts so long (RFC 6238 section 4.1)."""


class NothingToScan(AssertionError):
    """The camera found no QR code in the picture."""


@dataclass
class Phone:
    """An app with one account. ``clock`` is the world's; ``slow_by`` is the phone's own fault."""

    address: str
    clock: Callable[[], int]
    slow_by: int = 0

    @property
    def label(self) -> str:
        """What the app lists, as it stands in the address."""
        return urlsplit(self.address).path.removeprefix("/")

    @property
    def name(self) -> str:
        """The same in letters."""
        return unquote(self.label)

    @property
    def issuer(self) -> str:
        return self._parameter("issuer")

    @property
    def secret(self) -> str:
        return self._parameter("secret")

    def code(self, *, steps: int = 0) -> str:
        """What the app shows now, or so many steps from now."""
        seconds = (self.clock() - self.slow_by + steps * STEP) // SECOND
        return _run("oathtool", "--totp", "--base32", f"--now=@{seconds}", "-", typed=self.secret)

    def wrong_code(self) -> str:
        """A code that the app shows at no time near now."""
        near = {self.code(steps=step) for step in range(-12, 13)}
        return next(code for n in range(100) if (code := f"{n:06}") not in near)

    def _parameter(self, name: str) -> str:
        (value,) = parse_qs(urlsplit(self.address).query, strict_parsing=True)[name]
        return value


def scan(picture: Path) -> str:
    """What the QR code in the picture says. Raises NothingToScan."""
    try:
        return _run("zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", str(picture))
    except subprocess.CalledProcessError:
        raise NothingToScan(str(picture)) from None


def _run(*command: str, typed: str = "") -> str:
    done = subprocess.run(command, input=typed, capture_output=True, text=True, check=True)
    return done.stdout.strip()
