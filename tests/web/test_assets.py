"""The files that pages load."""

import re
from pathlib import Path

import pytest

from twostep.web.assets import Assets


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "app.css").write_text("body { margin: 0 }")
    (tmp_path / "secret.key").write_text("not a file of a page")
    return tmp_path


def test_the_address_of_a_file_changes_with_its_content(folder: Path) -> None:
    before = Assets(folder).url("app.css")
    (folder / "app.css").write_text("body { margin: 1px }")
    after = Assets(folder).url("app.css")
    assert re.fullmatch(r"/static/app\.[0-9a-f]{12}\.css", before)
    assert before != after


def test_a_file_is_found_by_the_address_that_was_given_for_it(folder: Path) -> None:
    assets = Assets(folder)
    asset = assets.find(assets.url("app.css").removeprefix("/static/"))
    assert asset is not None
    assert asset.content == b"body { margin: 0 }"
    assert asset.media_type == "text/css; charset=utf-8"


@pytest.mark.parametrize(
    "name", ["app.css", "../app.css", "secret.key", "/etc/passwd", "", "app.000000000000.css"]
)
def test_nothing_else_is_found(folder: Path, name: str) -> None:
    assert Assets(folder).find(name) is None


def test_an_unknown_name_in_a_template_is_an_error(folder: Path) -> None:
    with pytest.raises(KeyError):
        Assets(folder).url("ap.css")


def test_an_operators_folder_replaces_a_file_and_keeps_the_rest(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    own = tmp_path_factory.mktemp("own")
    (own / "app.css").write_text("body { color: teal }")
    (folder / "mark.svg").write_text("<svg/>")
    assets = Assets(folder, own)
    replaced, kept = assets.named("app.css"), assets.named("mark.svg")
    assert replaced is not None
    assert replaced.content == b"body { color: teal }"
    assert kept is not None


def test_the_projects_own_files_are_all_there() -> None:
    assets = Assets()
    assert all(assets.named(name) for name in ("app.css", "app.js", "mark.svg"))
