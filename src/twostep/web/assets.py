"""The files that pages load: styles, script, mark. Each has the hash of its content in its address.

A file of another content has another address, so browsers may keep each one for ever, and a page
never meets the style of another version. All of them are read once, at the start: a request picks
from a closed list and never names a path.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

STATIC_FOLDER = Path(__file__).parent.parent / "static"
STATIC_PATH = "/static/"

_MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/vnd.microsoft.icon",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One file as it is served, at ``/static/`` and its name with the hash."""

    hashed_name: str
    content: bytes
    media_type: str


class Assets:
    """Every file of the static folders, in memory. A later folder's file takes the place of an
    earlier one's.
    """

    def __init__(self, *folders: Path) -> None:
        """Reads the folders (the project's own where none is given); other kinds of file are left
        out.
        """
        self._by_name: dict[str, Asset] = {}
        for folder in folders or (STATIC_FOLDER,):
            for file in sorted(folder.iterdir()):
                if file.is_file() and file.suffix in _MEDIA_TYPES:
                    self._by_name[file.name] = _read(file)
        self._by_hashed_name = {asset.hashed_name: asset for asset in self._by_name.values()}

    def url(self, name: str) -> str:
        """The address of a file, such as ``/static/app.0123456789ab.css``. Raises KeyError for an
        unknown one.
        """
        return STATIC_PATH + self._by_name[name].hashed_name

    def find(self, hashed_name: str) -> Asset | None:
        """The file of that address below ``/static/``, or None. It may be kept for ever
        (``immutable``).
        """
        return self._by_hashed_name.get(hashed_name)

    def named(self, name: str) -> Asset | None:
        """The file of that plain name, for the few addresses that have no hash, such as
        ``/favicon.ico``.
        """
        return self._by_name.get(name)


def _read(file: Path) -> Asset:
    content = file.read_bytes()
    # Twelve hexadecimal digits: this tells versions of a file apart and protects nothing.
    digest = sha256(content).hexdigest()[:12]
    return Asset(
        hashed_name=f"{file.stem}.{digest}{file.suffix}",
        content=content,
        media_type=_MEDIA_TYPES[file.suffix],
    )
