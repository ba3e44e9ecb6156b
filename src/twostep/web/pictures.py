"""The QR code of a key, as a picture that stands in the page and nowhere else: no address ever
holds the key.
"""

from __future__ import annotations

import segno
from markupsafe import Markup

from twostep.crypto.secret import Secret

QUIET_ZONE = 4
"""Modules of white around the code (ISO/IEC 18004): without them, or with the colours the other way
round, common
scanners read nothing. So it is black on white in dark mode too."""


def qr_picture(address: Secret[str]) -> Markup:
    """The address as an SVG element, black on white, without sizes or styles of its own."""
    code = segno.make(address.reveal(), error="m", micro=False)
    svg = code.svg_inline(
        border=QUIET_ZONE, dark="#000", light="#fff", omitsize=True, svgclass=None, lineclass=None
    )
    return Markup(svg)  # noqa: S704 - made by segno from our own address; nothing of a person stands in it as text
