"""How an extra is to be added: a line that works in the user's shell, whatever this was installed from."""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from shutil import copytree

import pytest

import soundstage
from barely import install_line
from soundstage.extras import install_command

PROGRAM = "from soundstage.extras import install_command\nprint(install_command('local'))"


def test_a_checkout_adds_to_itself() -> None:
    assert install_command("local") == install_line("local")


def told(folder: Path, origin: Mapping[str, object]) -> list[str]:
    """The words of the line where the distribution was installed from `origin`, in an environment of uv's."""
    copytree(Path(soundstage.__file__).parent, folder / "soundstage")
    facts = folder / "soundstage-0.1.0.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: soundstage\nVersion: 0.1.0\n", "utf-8")
    if origin:
        (facts / "direct_url.json").write_text(json.dumps(origin), "utf-8")
    done = subprocess.run(
        [sys.executable, "-S", "-c", PROGRAM],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=True,
    )
    return shlex.split(done.stdout)


@pytest.mark.parametrize(
    ("origin", "source"),
    [
        (
            {"url": "https://example.com/soundstage.git", "vcs_info": {"vcs": "git", "commit_id": "ab12"}},
            "soundstage[local] @ git+https://example.com/soundstage.git@ab12",
        ),
        (
            {"url": "file:///wheels/soundstage-0.1.0.whl", "archive_info": {}},
            "soundstage[local] @ file:///wheels/soundstage-0.1.0.whl",
        ),
    ],
    ids=["repository", "archive"],
)
def test_what_came_from_elsewhere_adds_from_there(
    tmp_path: Path, origin: Mapping[str, object], source: str
) -> None:
    assert told(tmp_path, origin) == ["uv", "pip", "install", "--python", sys.executable, source]


def test_what_came_from_a_folder_adds_from_it_while_it_is_there(tmp_path: Path) -> None:
    folder = tmp_path / "it's here"
    folder.mkdir()
    origin: Mapping[str, object] = {"url": folder.as_uri(), "dir_info": {}}
    assert told(tmp_path / "one", origin)[-1] == f"{folder}[local]"
    folder.rmdir()
    assert told(tmp_path / "two", origin)[:2] == ["cd", "/path/to/soundstage"]


def test_a_bare_name_that_anybody_may_register_is_never_told(tmp_path: Path) -> None:
    words = told(tmp_path, {})
    assert words[:3] == ["cd", "/path/to/soundstage", "&&"]
    assert words[-1] == ".[local]"
