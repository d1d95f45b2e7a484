"""The first start in a folder where nothing is installed, with a small project in the place of Soundstage."""

import ast
import os
import select
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COMMAND = Path(".venv/bin/soundstage")


def test_a_first_start_installs_once_though_one_failed_and_one_was_given_up_and_speaks_on_stderr_alone(
    tmp_path: Path,
) -> None:
    checkout(tmp_path)
    uv = uv_that(tmp_path, "echo no room\nexit 3")
    broken = start(tmp_path)
    assert (broken.returncode, broken.stdout) == (1, "")
    assert "no room\n\nsoundstage: the installation failed" in broken.stderr
    uv.unlink()
    give_up_on(tmp_path)
    with subprocess.Popen(
        command(tmp_path, "one"), env=alone(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as waiting:
        assert waiting.stderr
        assert "installing" in waiting.stderr.readline()
        (tmp_path / "go-on").write_bytes(b"")
        assert waiting.communicate() == ("served ['one']\n", "")
    last = start(tmp_path, "two")
    assert (last.returncode, last.stdout, last.stderr) == (0, "served ['two']\n", "")
    assert (tmp_path / "built").read_text(encoding="utf-8") == "once "


def test_an_installation_that_was_killed_after_it_wrote_the_command_is_made_good(tmp_path: Path) -> None:
    checkout(tmp_path)
    (tmp_path / "go-on").write_bytes(b"")
    # $PPID is the process that installs: what it would do next is never done.
    uv_that(tmp_path, f"mkdir -p {COMMAND.parent}\n: >{COMMAND}\nkill -9 $PPID")
    killed = start(tmp_path)
    assert (killed.returncode, killed.stdout) == (1, "")
    assert (tmp_path / COMMAND).is_file()
    # What of the packages is there may be there in part.
    uv = uv_that(tmp_path, "ls -A .venv\nexit 3")
    said = start(tmp_path).stderr
    assert "installing.log" in said
    assert "bin\n" not in said
    uv.unlink()
    good = start(tmp_path, "on")
    assert (good.returncode, good.stdout) == (0, "served ['on']\n")
    assert (tmp_path / "built").read_text(encoding="utf-8") == "once "


def test_an_installation_is_renewed_with_its_project_and_left_alone_where_it_was_made_by_hand(
    tmp_path: Path,
) -> None:
    checkout(tmp_path)
    (tmp_path / "go-on").write_bytes(b"")
    assert start(tmp_path, "one").stdout == "served ['one']\n"
    project = tmp_path / "pyproject.toml"
    project.write_text(f"{PROJECT}\n# Another.\n", encoding="utf-8")
    assert start(tmp_path, "two").stdout == "served ['two']\n"
    same = start(tmp_path, "three")
    assert (same.stdout, same.stderr) == ("served ['three']\n", "")
    assert (tmp_path / "built").read_text(encoding="utf-8") == "once once "
    (tmp_path / ".venv/installed").unlink()
    project.write_text(f"{PROJECT}\n# A third.\n", encoding="utf-8")
    by_hand = start(tmp_path, "four")
    assert (by_hand.stdout, by_hand.stderr) == ("served ['four']\n", "")
    assert (tmp_path / "built").read_text(encoding="utf-8") == "once once "


def test_an_installation_whose_python_is_gone_or_that_was_copied_is_made_anew(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    checkout(first)
    (first / "go-on").write_bytes(b"")
    assert start(first, "one").stdout == "served ['one']\n"
    lose_python(first)
    upgraded = start(first, "two")
    assert (upgraded.returncode, upgraded.stdout) == (0, "served ['two']\n")
    assert start(first, "three").stderr == ""
    shutil.copytree(first, second, symlinks=True)
    assert (second / "built").read_text(encoding="utf-8") == "once once "
    assert start(second, "four").stdout == "served ['four']\n"
    assert (second / "built").read_text(encoding="utf-8") == "once once once "
    assert (start(second, "five").stderr, start(first, "six").stderr) == ("", "")


def test_of_an_installation_made_by_hand_that_cannot_be_used_the_folder_to_remove_is_told(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    checkout(first)
    (first / "go-on").write_bytes(b"")
    start(first)
    (first / ".venv/installed").unlink()
    shutil.copytree(first, second, symlinks=True)
    lose_python(first)
    for folder, why in ((first, "its Python is gone"), (second, f"it runs the code in {first}")):
        told = start(folder)
        assert (told.returncode, told.stdout) == (1, "")
        assert told.stderr == (
            f"soundstage: {folder / '.venv'} was made by hand, and {why}. Remove that folder, and start again.\n"
        )


def test_a_python_that_is_too_old_is_told_so_or_leaves_it_to_uv(tmp_path: Path) -> None:
    source = (ROOT / "mcpb/start.py").read_text(encoding="utf-8")
    ast.parse(source, feature_version=(3, 7))
    # What is annotated with words of a later Python is never looked at.
    assert "from __future__ import annotations" in source
    old = old_python()
    if old is None:
        pytest.skip("no Python from 3.7 to 3.10 is here to try it with")
    checkout(tmp_path)
    alone_with_it = start(tmp_path, python=old)
    assert alone_with_it.returncode == 1
    assert "This needs Python 3.11 or newer, or uv. Install either and start again." in alone_with_it.stderr
    assert "Traceback" not in alone_with_it.stderr
    uv_that(tmp_path, 'echo "$@"\n[ "$1" != pip ] || exit 3')
    with_uv = start(tmp_path, python=old)
    assert "pip install --quiet --python" in with_uv.stderr
    assert "Traceback" not in with_uv.stderr


def old_python() -> str | None:
    """The oldest Python from 3.7 to 3.10 that is at hand."""
    kept = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    for minor in range(7, 11):
        on_path = shutil.which(f"python3.{minor}")
        for one in [*kept.glob(f"3.{minor}.*/bin/python3"), *([Path(on_path)] if on_path else [])]:
            if subprocess.run([one, "-c", "import sqlite3"], capture_output=True, check=False).returncode == 0:
                return str(one)
    return None


def lose_python(folder: Path) -> None:
    """What becomes of an installation when the Python that it was made with is removed."""
    for name in ("python", "python3"):
        (folder / f".venv/bin/{name}").unlink()
        (folder / f".venv/bin/{name}").symlink_to(folder / "gone")


def checkout(folder: Path) -> None:
    """What a start needs of a checkout, and a small project."""
    (folder / "mcpb").mkdir(parents=True)
    shutil.copy(ROOT / "mcpb/start.py", folder / "mcpb/start.py")
    (folder / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
    (folder / "backend.py").write_text(BACKEND, encoding="utf-8")


def uv_that(folder: Path, does: str) -> Path:
    """A program in the place of uv, run in `folder`."""
    uv = folder / "bin/uv"
    uv.parent.mkdir(exist_ok=True)
    uv.write_text(f"#!/bin/sh\ncd {folder}\n{does}\n", encoding="utf-8")
    uv.chmod(0o755)
    return uv


def give_up_on(folder: Path) -> None:
    """Start, and kill what was started, with its group, when it is in the middle of the installation."""
    os.mkfifo(folder / "reached")
    os.mkfifo(folder / "go-on")
    reached = os.open(folder / "reached", os.O_RDONLY | os.O_NONBLOCK)
    with subprocess.Popen(command(folder), env=alone(folder), start_new_session=True) as given_up:
        assert select.select([reached], [], [], 120)[0]
        os.killpg(given_up.pid, signal.SIGKILL)
    os.close(reached)


def command(folder: Path, *words: str, python: str = sys.executable) -> list[str]:
    return [python, str(folder / "mcpb/start.py"), *words]


def start(folder: Path, *words: str, python: str = sys.executable) -> subprocess.CompletedProcess[str]:
    line = command(folder, *words, python=python)
    return subprocess.run(line, capture_output=True, text=True, env=alone(folder), check=False)


def alone(folder: Path) -> dict[str, str]:
    return {"PATH": f"{folder / 'bin'}:/usr/bin:/bin", "HOME": str(folder), "PIP_NO_INDEX": "1"}


PROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""

BACKEND = '''
"""Builds a wheel of one module that tells what it was called with."""
import zipfile

INFO = "soundstage-0.1.0.dist-info"
FILES = {
    "soundstage.py": "import sys\\nprint('served', sys.argv[1:])\\n",
    f"{INFO}/METADATA": "Metadata-Version: 2.1\\nName: soundstage\\nVersion: 0.1.0\\nProvides-Extra: local\\n",
    f"{INFO}/WHEEL": "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
    f"{INFO}/entry_points.txt": "[console_scripts]\\nsoundstage = soundstage:main\\n",
}

def build_editable(folder, config_settings=None, metadata_directory=None):
    open("reached", "w").close()
    open("go-on").close()
    open("built", "a").write("once ")
    name = "soundstage-0.1.0-py3-none-any.whl"
    with zipfile.ZipFile(f"{folder}/{name}", "w") as wheel:
        for path, text in FILES.items():
            wheel.writestr(path, text)
        record = "".join(f"{path},,\\n" for path in [*FILES, f"{INFO}/RECORD"])
        wheel.writestr(f"{INFO}/RECORD", record)
    return name

build_wheel = build_editable
'''
