"""Certificates that nobody but themselves vouches for."""

from __future__ import annotations

import subprocess
from pathlib import Path


def make_certificate(file: Path, key: Path) -> None:
    """One for this machine, in these files."""
    names = "subjectAltName=DNS:localhost,IP:127.0.0.1"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-keyout", key, "-out", file, "-subj", "/CN=localhost", "-addext", names],
        check=True, capture_output=True,
    )  # fmt: skip
