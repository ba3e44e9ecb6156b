"""What comes in is locked: one version and the hashes of its files, whoever serves them."""

import re

import pytest

from tests.house.source import ROOT

LOCKS = ("run", "develop", "build")
PIN = re.compile(r"(?P<name>[a-z0-9][a-z0-9._-]*)(\[[a-z,]+\])?==(?P<version>[^\s;]+)( ; .+)?")
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


def faults(lock: str) -> list[str]:
    """Requirements that are not one version with hashes, and lines that say where to look."""
    found = []
    plain = "\n".join(line for line in lock.splitlines() if not line.lstrip().startswith("#"))
    for line in plain.replace("\\\n", " ").splitlines():
        pin, *hashes = re.split(r"\s+(?=--hash)", line.strip())
        if pin and not (PIN.fullmatch(pin) and hashes and all(map(HASH.fullmatch, hashes))):
            found.append(pin)
    return found


def read(name: str) -> str:
    return (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")


def pins(lock: str) -> dict[str, str]:
    found = (PIN.match(line) for line in lock.splitlines())
    return {pin["name"]: pin["version"] for pin in found if pin}


@pytest.mark.parametrize(
    "line",
    [
        "starlette==1.10.0",
        "starlette>=1.10 --hash=sha256:" + "0" * 64,
        "starlette @ https://example.org/starlette.zip",
        "starlette==1.10.0 --hash=md5:" + "0" * 32,
        "--trusted-host example.org",
        "--find-links wheels",
        "-e .",
    ],
)
def test_a_requirement_that_is_not_locked_is_found(line: str) -> None:
    assert faults(line)


@pytest.mark.parametrize("name", LOCKS)
def test_every_requirement_has_one_version_and_its_hashes(name: str) -> None:
    assert faults(read(name)) == []
    assert pins(read(name))


def test_the_lock_holds_what_the_project_asks_for() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    named = re.findall(r'^    "([a-z0-9-]+)(?:\[[a-z,]+\])?>=', project, re.MULTILINE)
    assert "starlette" in named
    assert "pytest" in named
    assert set(named) - set(pins(read("develop"))) == set()


@pytest.mark.parametrize("name", ["run", "build"])
def test_the_developers_run_the_versions_that_users_run(name: str) -> None:
    develop = pins(read("develop"))
    differing = {
        package: version
        for package, version in pins(read(name)).items()
        if develop.get(package, version) != version
    }
    assert differing == {}
