"""Where a page finds the colours and the logo of its environment.

Both addresses change with what is there, so browsers may keep it for ever.
"""

from __future__ import annotations

from typing import Final

from twostep.core.looks import Look, Shades, stored_shades

LOGO_PATH: Final = "/logo/"
COLOURS_PATH: Final = "/colours/"


def logo_url(look: Look) -> str | None:
    """The address of its logo, where it has one."""
    return None if look.logo_name is None else f"{LOGO_PATH}{look.logo_name}.png"


def colours_url(look: Look) -> str | None:
    """The address of its colours, where it has its own and they can be read."""
    shades = stored_shades(look.accent)
    return None if shades is None else f"{COLOURS_PATH}{shades.light.removeprefix('#')}.css"


def style_of(shades: Shades) -> str:
    """The style sheet that puts the shades in the place of ours."""
    light = f"--accent: {shades.light}; --accent-pressed: {shades.light_pressed};"
    dark = f"--accent: {shades.dark}; --accent-pressed: {shades.dark_pressed};"
    return f":root {{ {light} }}\n@media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}\n"
