"""The tests mirror the source: tests/<layer>/test_<word>.py is about src/twostep/<layer>/<word>.py.

A word with much to say may have several files: test_sign_in_races.py is about sign_in as well.
"""

from pathlib import Path

from tests.house.source import LAYERS, PACKAGE, ROOT

TESTS = ROOT / "tests"
WITHOUT_A_MIRROR = {"attacks", "browser", "helpers", "house"}


def has_a_mirror(test: Path) -> bool:
    """For a path below tests/."""
    words = test.stem.removeprefix("test_").split("_")
    names = ["_".join(words[:count]) for count in range(len(words), 0, -1)]
    if test.parts[:-1] and test.parts[0] in WITHOUT_A_MIRROR:
        return True
    folder = PACKAGE.joinpath(*test.parts[:-1])
    return any((folder / f"{name}.py").exists() or (folder / name).is_dir() for name in names)


def test_each_test_file_is_about_a_module_of_the_same_name() -> None:
    assert has_a_mirror(Path("core/test_sign_in.py"))
    assert has_a_mirror(Path("core/test_sign_in_by_table.py"))
    assert not has_a_mirror(Path("core/test_everything.py"))
    assert not has_a_mirror(Path("flows/test_clock.py"))
    tests = [path.relative_to(TESTS) for path in sorted(TESTS.rglob("test_*.py"))]
    assert [str(test) for test in tests if not has_a_mirror(test)] == []


def test_each_folder_of_tests_is_a_layer_or_has_a_reason_of_its_own() -> None:
    folders = {path.name for path in TESTS.iterdir() if path.is_dir()} - {"__pycache__"}
    assert folders - WITHOUT_A_MIRROR - set(LAYERS) == set()
