"""The scripts that set everything up do so on machines that are not like ours.

Each test makes a machine out of a folder: the only programs that the script finds are in it.
"""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.house.source import ROOT


@dataclass
class Machine:
    programs: Path

    def has(self, name: str, script: str) -> None:
        path = self.programs / name
        path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        path.chmod(0o755)

    def has_ours(self, name: str, program: str) -> None:
        (self.programs / name).symlink_to(program)

    def run(self, script: str, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [ROOT / "scripts" / script, *words],
            env={"PATH": str(self.programs), **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine with a space in its path, a shell and little else."""
    programs = tmp_path / "small programs"
    programs.mkdir()
    made = Machine(programs)
    for name in ("bash", "sh", "env", "dirname", "head", "cat"):
        found = shutil.which(name)
        assert found
        made.has_ours(name, found)
    return made


OLD = 'case "$*" in --version) echo Python 3.9.2 ;; *) exit 1 ;; esac'
WITHOUT_VENV = f"""case "$2" in *ensurepip*) exit 1 ;; *) exec '{sys.executable}' "$@" ;; esac"""
OURS = f"""exec '{sys.executable}' "$@" """


def test_an_older_python_is_passed_over_for_one_that_is_new_enough(machine: Machine) -> None:
    machine.has("python3", OLD)
    machine.has("python3.12", OURS)
    found = machine.run("find-python")
    assert found.stdout.strip() == str(machine.programs / "python3.12")


def test_a_python_that_can_make_environments_is_preferred(machine: Machine) -> None:
    machine.has("python3.11", WITHOUT_VENV)
    machine.has("python3", OURS)
    found = machine.run("find-python")
    assert found.stdout.strip() == str(machine.programs / "python3")


def test_one_that_cannot_is_taken_where_there_is_no_other(machine: Machine) -> None:
    machine.has("python3", WITHOUT_VENV)
    found = machine.run("find-python")
    assert found.stdout.strip() == str(machine.programs / "python3")


def test_without_a_python_a_sentence_says_what_is_needed(machine: Machine) -> None:
    machine.has("python3", OLD)
    failed = machine.run("find-python")
    assert failed.returncode == 1
    assert "needs Python 3.11 or newer" in failed.stderr
    assert "Python 3.9.2" in failed.stderr


def test_a_named_python_that_is_too_old_is_not_replaced_by_another(machine: Machine) -> None:
    machine.has("python3", OLD)
    machine.has("python3.11", OURS)
    failed = machine.run("find-python", PYTHON="python3")
    assert failed.returncode == 1
    assert "PYTHON=python3" in failed.stderr


def test_root_installs_directly(machine: Machine) -> None:
    machine.has("id", "echo 0")
    machine.has("apt-get", 'echo "apt-get $*" >&2')
    done = machine.run("apt-install", "nginx", "zbar-tools")
    assert done.returncode == 0
    assert done.stderr.splitlines()[-1].endswith("install nginx zbar-tools")


def test_somebody_with_sudo_installs_by_it(machine: Machine) -> None:
    machine.has("id", "echo 1000")
    machine.has("sudo", '[ "$1" = -n ] && exit 0; echo "by sudo" >&2; exec "$@"')
    machine.has("apt-get", 'echo "apt-get $*" >&2')
    done = machine.run("apt-install", "nginx")
    assert "by sudo" in done.stderr
    assert done.stderr.splitlines()[-1].endswith("install nginx")


@pytest.mark.parametrize("sudo", [None, "echo 'a password is required' >&2; exit 1"])
def test_nobody_to_ask_is_said_in_a_sentence(machine: Machine, sudo: str | None) -> None:
    machine.has("id", "echo 1000")
    machine.has("apt-get", "exit 1")
    if sudo:
        machine.has("sudo", sudo)
    failed = machine.run("apt-install", "nginx")
    assert failed.returncode == 1
    assert "needs root" in failed.stderr
    assert "apt-get install nginx" in failed.stderr


def test_a_machine_without_apt_is_told_what_to_install(machine: Machine) -> None:
    failed = machine.run("apt-install", "nginx", "oathtool")
    assert failed.returncode == 1
    assert "nginx oathtool" in failed.stderr


def test_nothing_is_installed_where_everything_is_there(machine: Machine) -> None:
    machine.has("dpkg-query", "printf installed")
    done = machine.run("system-packages")
    assert done.returncode == 0
    assert done.stdout == ""


def test_only_what_is_missing_is_installed(machine: Machine) -> None:
    machine.has("dpkg-query", '[ "$4" = oathtool ] || printf installed')
    machine.has("id", "echo 0")
    machine.has("apt-get", 'echo "apt-get $*" >&2')
    done = machine.run("system-packages")
    assert done.stderr.splitlines()[-1].endswith("install oathtool")
