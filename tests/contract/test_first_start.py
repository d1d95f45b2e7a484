"""The first start in a folder where nothing is installed, with a small project in the place of Soundstage."""

import os
import select
import shutil
import signal
import subprocess
import sys
from pathlib import Path

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
    uv = uv_that(tmp_path, 'echo "$@"\n[ "$1" != pip ]')
    assert "--reinstall --editable" in start(tmp_path).stderr
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


def checkout(folder: Path) -> None:
    """What a start needs of a checkout, and a small project."""
    (folder / "mcpb").mkdir()
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


def command(folder: Path, *words: str) -> list[str]:
    return [sys.executable, str(folder / "mcpb/start.py"), *words]


def start(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(folder, *words), capture_output=True, text=True, env=alone(folder), check=False)


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
