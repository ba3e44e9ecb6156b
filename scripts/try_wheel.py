"""Builds the wheel, installs it where nothing else is, and sees whether it serves.

What a test run from the source tree cannot show: that every template, style sheet and migration is
in the wheel, that the locked dependencies are all that it needs, and that it starts in an empty
folder and stops when it is asked to.
"""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
START_ATTEMPTS = 150
"""Of a fifth of a second each: a cold start takes about one, a busy CI machine gets thirty."""


def main() -> None:
    """Fails with a sentence at the first thing that is not as it should be."""
    with tempfile.TemporaryDirectory(prefix="twostep wheel ") as name:
        folder = Path(name)
        wheel = build(folder / "dist")
        check_contents(wheel)
        program = install(wheel, folder / "venv")
        run([program, "--help"], cwd=folder, quiet=True)
        empty = folder / "empty"
        empty.mkdir()
        serve(program, empty)
    print("The wheel holds every file, installs from the lock, serves and stops.")


def build(target: Path) -> Path:
    """The wheel, built with the locked build tools rather than with what an index has today."""
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation"]
    run([*build, "--outdir", target, ROOT], quiet=True)
    (wheel,) = target.glob("*.whl")
    return wheel


def check_contents(wheel: Path) -> None:
    """Every file of the package must be in it: code, templates, styles, migrations."""
    source = ROOT / "src"
    expected = {
        path.relative_to(source).as_posix()
        for path in source.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    with zipfile.ZipFile(wheel) as archive:
        missing = expected - set(archive.namelist())
    if missing:
        sys.exit(f"The wheel lacks {', '.join(sorted(missing))}")


def install(wheel: Path, folder: Path) -> Path:
    """The program of a fresh environment that holds the lock and the wheel, and nothing else."""
    venv.create(folder, with_pip=True)
    pip: list[str | Path] = [folder / "bin" / "pip", "--disable-pip-version-check", "-q"]
    run([*pip, "install", "--require-hashes", "-r", ROOT / "requirements" / "run.txt"])
    run([*pip, "install", "--no-deps", "--no-index", wheel])
    run([*pip, "check"], quiet=True)
    return folder / "bin" / "twostep"


def serve(program: Path, folder: Path) -> None:
    """Starts it as somebody would who has just installed it, looks at it, and asks it to stop."""
    address = f"http://localhost:{free_port()}"
    log = folder.parent / "serve.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [program, "serve", "--address", address],
            cwd=folder,
            env=clean_environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            wait_until_healthy(server, address)
            look_around(address)
            server.send_signal(signal.SIGTERM)
            status = server.wait(timeout=30)
        except (AssertionError, OSError, subprocess.TimeoutExpired) as error:
            sys.exit(f"The installed wheel does not serve: {error}\n{log.read_text()}")
        finally:
            server.kill()
    if status != 0:
        sys.exit(f"It ended with {status} when it was asked to stop.\n{log.read_text()}")


def wait_until_healthy(server: subprocess.Popen[bytes], address: str) -> None:
    """Returns when ``/healthz`` answers 200. Raises AssertionError if that never comes."""
    for _ in range(START_ATTEMPTS):
        try:
            if get(f"{address}/healthz")[0] == 200:
                return
        except OSError:
            pass
        try:
            status = server.wait(timeout=0.2)
        except subprocess.TimeoutExpired:
            continue
        raise AssertionError(f"it ended with {status} before it answered")
    raise AssertionError("/healthz never answered 200")


def look_around(address: str) -> None:
    """The sign-in page and every file it names: the templates and styles were found."""
    status, page = get(f"{address}/sign-in")
    assert status == 200, f"/sign-in answered {status}"
    files = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    assert files, "the sign-in page names no style sheet"
    for path in files:
        assert get(address + path)[0] == 200, f"{path} is missing"


def get(url: str) -> tuple[int, str]:
    """Status and text of one request, past any proxy that the environment names."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=5) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, ""


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def clean_environment() -> dict[str, str]:
    """This environment without what would point at the source tree or at another installation."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("TWOSTEP_", "PYTHON", "VIRTUAL_ENV", "COVERAGE"))
    }


def run(command: list[str | Path], cwd: Path = ROOT, *, quiet: bool = False) -> None:
    """Runs a command to its end; what it printed is shown where it fails."""
    result = subprocess.run(
        command,
        cwd=cwd,
        env=clean_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if quiet else None,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if result.returncode:
        print(result.stdout or "")
        sys.exit(f"Failed: {' '.join(str(part) for part in command)}")


if __name__ == "__main__":
    main()
