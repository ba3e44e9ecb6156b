"""Pictures of screens in a third of their size: 256 colours, and a screen of ours has hardly more.

The browser that took a picture counts its colours as well, because Python has no reader of pictures
of its own and the project needs none otherwise. Colours beyond the 256 most used (soft edges of
letters) become the nearest of those.
"""

from __future__ import annotations

import base64
import struct
import zlib

from playwright.sync_api import Browser

_TO_PALETTE = """
async (picture) => {
  const bytes = Uint8Array.from(atob(picture), (letter) => letter.charCodeAt(0));
  const bitmap = await createImageBitmap(new Blob([bytes], {type: "image/png"}));
  const {width, height} = bitmap;
  const canvas = new OffscreenCanvas(width, height).getContext("2d");
  canvas.drawImage(bitmap, 0, 0);
  const pixels = new Uint32Array(canvas.getImageData(0, 0, width, height).data.buffer);
  const used = new Map();
  for (const colour of pixels) used.set(colour, (used.get(colour) ?? 0) + 1);
  const colours = [...used].sort((a, b) => b[1] - a[1] || a[0] - b[0]).map(([colour]) => colour);
  const parts = (colour) => [colour & 255, (colour >> 8) & 255, (colour >> 16) & 255];
  const palette = colours.slice(0, 256).map(parts);
  const distance = (a, b) => a.reduce((sum, part, i) => sum + (part - b[i]) ** 2, 0);
  const nearest = (colour) => {
    const wanted = parts(colour);
    return palette.reduce((best, each, index) =>
      distance(each, wanted) < distance(palette[best], wanted) ? index : best, 0);
  };
  const places = new Map(colours.map((colour, at) => [colour, at < 256 ? at : nearest(colour)]));
  let rows = "";
  for (const colour of pixels) rows += String.fromCharCode(places.get(colour));
  return {width, height, palette: palette.flat(), rows: btoa(rows)};
}
"""


class Shrinker:
    """Works in a page of its own, which stays open until the browser is closed."""

    def __init__(self, browser: Browser) -> None:
        self._page = browser.new_page()

    def shrink(self, picture: bytes) -> bytes:
        """The same picture as a PNG with a palette (ISO/IEC 15948, colour type 3)."""
        made = self._page.evaluate(_TO_PALETTE, base64.b64encode(picture).decode())
        width, height = made["width"], made["height"]
        pixels = base64.b64decode(made["rows"])
        # Each row begins with its filter: none, which is best for a palette.
        rows = b"".join(b"\0" + pixels[at : at + width] for at in range(0, len(pixels), width))
        chunks = (
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
            _chunk(b"PLTE", bytes(made["palette"])),
            _chunk(b"IDAT", zlib.compress(rows, 9)),
            _chunk(b"IEND", b""),
        )
        return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
