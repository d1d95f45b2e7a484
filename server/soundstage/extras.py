"""How an extra is added to this very installation: by its own Python, and from the source that it was made from.

No registry has the distribution, so its bare name would bring whatever somebody else has put there.
"""

import json
import os
import shlex
import subprocess
import sys
from importlib.metadata import distribution
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

import soundstage


def install_command(extra: str) -> str:
    """The line for the user's shell that adds `extra`; options for the installer may be put behind it."""
    where, words = _source(extra)
    if find_spec("pip"):
        installer = [sys.executable, "-m", "pip", "install"]
    else:
        # uv makes environments without pip.
        installer = ["uv", "pip", "install", "--python", sys.executable]
    return where + _line([*installer, *words])


def _source(extra: str) -> tuple[str, list[str]]:
    """What comes before the command, and what is to be installed."""
    checkout = Path(soundstage.__file__).resolve().parents[2]
    if (checkout / "pyproject.toml").is_file():
        return "", ["--editable", f"{checkout}[{extra}]"]
    origin = _origin()
    url = str(origin.get("url", ""))
    if vcs := origin.get("vcs_info"):
        return "", [f"soundstage[{extra}] @ {vcs['vcs']}+{url}@{vcs['commit_id']}"]
    if "archive_info" in origin:
        return "", [f"soundstage[{extra}] @ {url}"]
    folder = Path(url2pathname(urlsplit(url).path))
    if url and folder.is_dir():
        return "", [f"{folder}[{extra}]"]
    return "cd /path/to/soundstage && ", [f".[{extra}]"]


def _origin() -> dict[str, Any]:
    """Where the distribution was installed from, as PEP 610 has it; empty where that is not told."""
    return json.loads(distribution("soundstage").read_text("direct_url.json") or "{}")


def _line(words: list[str]) -> str:
    return subprocess.list2cmdline(words) if os.name == "nt" else shlex.join(words)
