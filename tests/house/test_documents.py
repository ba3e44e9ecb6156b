"""Documents lead somewhere, and say no more than the project has."""

import re
import subprocess
from pathlib import Path

from tests.house.source import LAYERS, PACKAGE, ROOT

LINK = re.compile(r"\]\(([^)\s]+)\)")
DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]


def dead_links(document: Path) -> list[str]:
    """Links to a file that is not there. What leads out of the project is not followed."""
    targets = LINK.findall(document.read_text(encoding="utf-8"))
    return [
        f"{document.name}: {target}"
        for target in targets
        if not re.match(r"[a-z]+:|#", target)
        and not (document.parent / target.split("#")[0]).exists()
    ]


def test_every_link_between_documents_leads_somewhere(tmp_path: Path) -> None:
    sample = tmp_path / "sample.md"
    sample.write_text(
        "[a](sample.md#b) [c](missing.md) ![d](https://example.org)", encoding="utf-8"
    )
    assert dead_links(sample) == ["sample.md: missing.md"]
    assert DOCUMENTS
    assert [link for document in DOCUMENTS for link in dead_links(document)] == []


def test_the_page_about_the_layers_names_each_of_them() -> None:
    page = (ROOT / "docs" / "develop" / "layers.md").read_text(encoding="utf-8")
    there = {path.stem for path in PACKAGE.iterdir() if (path / "__init__.py").exists()}
    there |= {path.stem for path in PACKAGE.glob("*.py")} - {"__init__"}
    assert there <= set(LAYERS)
    assert {layer for layer in there if f"`{layer}`" not in page} == set()


def test_make_help_lists_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    said = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "run" in targets
    assert targets - set(re.findall(r"^  make (\w+)", said.stdout, re.MULTILINE)) == set()


def test_the_template_for_translators_holds_the_sentences_of_today(tmp_path: Path) -> None:
    fresh = tmp_path / "twostep.pot"
    subprocess.run([ROOT / "scripts" / "messages", fresh], check=True)
    stored = PACKAGE / "i18n" / "locale" / "twostep.pot"
    up_to_date = stored.read_bytes() == fresh.read_bytes()
    assert up_to_date, "twostep.pot is older than the sentences: make messages"
