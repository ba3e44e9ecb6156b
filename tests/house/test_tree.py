"""The tree works wherever it is cloned: no file names a machine's folders or where packages lie.

The patterns are put together from pieces, so that this file does not find itself.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from tests.house.source import ROOT

NOT_OURS = {".git", ".venv", "node_modules", "__pycache__", "dist", "build", "twostep-data"}
CACHES = re.compile(r"\.(mypy|ruff|pytest|import_linter)_cache|\.hypothesis|.*\.egg-info")
PICTURES = {".png", ".ico", ".woff2", ".mo", ".pyc"}

ELSEWHERE = re.compile(
    "|".join(
        (
            "/wor" + "k/",
            "/far" + "m/",
            "/tm" + "p/bash_jobs",
            "/ho" + r"me/\w+/",
            "/roo" + "t/",
            "far" + "m-(bench|studio)",
            "pypi" + r"\.(org|python)",
            "python" + r"hosted\.org",
            r"https?://[^\s\"]+/(simple" + "|packages/[0-9a-f]{2})/",
            '"resol' + 'ved": *"http',
            "index-ur" + "l[= ]+http",
            r"\.wh" + "l#",
        )
    )
)


def files_of_the_tree() -> Iterator[Path]:
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in NOT_OURS and not CACHES.match(name)]
        for name in names:
            path = Path(folder, name)
            if path.suffix not in PICTURES and not name.startswith(".coverage"):
                yield path


def places_named(text: str) -> list[str]:
    return [found.group() for found in ELSEWHERE.finditer(text)]


def test_no_file_names_a_machines_folder_or_a_package_registry() -> None:
    assert places_named("cd /wor" + "k/main && make")
    assert places_named("--index-ur" + "l https://packages.example/simple")
    assert places_named("https://packages.example/simp" + "le/twostep/")
    assert not places_named("a folder such as /srv/twostep, and --no-emit-index-url")
    found = {
        str(path.relative_to(ROOT)): places_named(path.read_text(encoding="utf-8"))
        for path in files_of_the_tree()
    }
    assert {path: places for path, places in found.items() if places} == {}
