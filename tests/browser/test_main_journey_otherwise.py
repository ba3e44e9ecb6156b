"""The main journey of people who come to it in another way."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.conftest import Windows
from tests.browser.journeys import main_journey
from tests.browser.keyboards import KeyboardWindow
from tests.helpers.house import House

pytestmark = pytest.mark.browser


def test_the_main_journey_without_a_mouse(
    house: House, harbour: str, windows: Windows, tmp_path: Path
) -> None:
    """Tab, Enter and typing: the focus is seen at each step, and goes through the page in order."""
    house.add()
    main_journey(
        lambda: windows(harbour, kind=KeyboardWindow, viewport={"width": 1280, "height": 720}),
        tmp_path,
        issuer="Harbour Clinic",
        clock=house.clock,
        forward=house.clock.forward,
    )


def test_the_main_journey_without_javascript(
    house: House, harbour: str, windows: Windows, tmp_path: Path
) -> None:
    """The script adds comfort and nothing else."""
    house.add()
    main_journey(
        lambda: windows(harbour, java_script_enabled=False),
        tmp_path,
        issuer="Harbour Clinic",
        clock=house.clock,
        forward=house.clock.forward,
    )


def test_the_main_journey_on_a_phone_in_the_dark(
    house: House, harbour: str, windows: Windows, tmp_path: Path
) -> None:
    """The QR code is read off a dark page, small, and as sharp as a phone's screen is."""
    house.add()
    main_journey(
        lambda: windows(
            harbour,
            color_scheme="dark",
            viewport={"width": 390, "height": 700},
            device_scale_factor=2,
            has_touch=True,
            is_mobile=True,
        ),
        tmp_path,
        issuer="Harbour Clinic",
        clock=house.clock,
        forward=house.clock.forward,
    )
