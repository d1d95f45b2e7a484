"""An interpreter that sees the product, and of other packages those alone that a test leaves it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

import soundstage

ROOT = Path(soundstage.__file__).parents[2]


def install_line(extra: str) -> str:
    """What a user runs to have an extra in the environment that the tests run in."""
    return f"{sys.executable} -m pip install --editable '{ROOT}[{extra}]'"


def run_with(packages: Path, folder: Path, program: str) -> dict[str, Any]:
    """Run a program in an interpreter that sees no packages but these, and return the JSON that it prints."""
    server = Path(soundstage.__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-S", "-c", program, str(folder)],
        env={"PYTHONPATH": f"{packages}:{server}:{server.parent / 'tools'}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def link_packages(folder: Path) -> None:
    """Fill a folder with all installed packages, by links that a test may remove or replace."""
    folder.mkdir()
    installed = Path(np.__file__).parents[1]
    for entry in installed.iterdir():
        if entry.name != "soundstage" and entry.suffix != ".pth":
            (folder / entry.name).symlink_to(entry)
