"""AC-67: the picture of a key is part of its page, and says nothing that a page must not say."""

from __future__ import annotations

import re

from twostep.crypto.secret import Secret
from twostep.web.pictures import QUIET_ZONE, qr_picture

ADDRESS = "otpauth://totp/Harbour%20Clinic:ann?secret=JBSWY3DPEHPK3PXP&issuer=Harbour%20Clinic"


def test_ac_67_the_picture_holds_the_address_as_squares_alone() -> None:
    picture = str(qr_picture(Secret(ADDRESS)))
    assert picture.startswith("<svg")
    for word in ("otpauth", "JBSWY3DPEHPK3PXP", "ann", "Harbour", "http", "script", "style", "on"):
        assert word not in picture.replace("version", "").replace("http://www.w3.org", "")


def test_it_is_black_on_white_with_room_around_it() -> None:
    """ISO/IEC 18004: four modules; without them, or the other way round, scanners read nothing."""
    picture = str(qr_picture(Secret(ADDRESS)))
    assert 'fill="#fff"' in picture
    assert 'stroke="#000"' in picture
    box = re.search(r'viewBox="0 0 (\d+) (\d+)"', picture)
    assert box is not None
    modules = int(box[1]) - 2 * QUIET_ZONE
    assert (modules - 17) % 4 == 0
    assert QUIET_ZONE == 4
    assert "width=" not in picture.partition(">")[0]


def test_a_name_cannot_bring_markup_into_the_page() -> None:
    """It is drawn, not written: only segno's own characters stand in the element."""
    picture = str(qr_picture(Secret("otpauth://totp/x?issuer=</svg><script>alert(1)</script>")))
    assert re.fullmatch(r'[\w\s<>/="#.:;-]*', picture)
    assert "script" not in picture
    assert picture.count("<svg") == picture.count("</svg>") == 1
