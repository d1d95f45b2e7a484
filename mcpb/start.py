"""Serve Soundstage from the folder that holds its source, after installing it there once.

    python3 start.py [arguments of the command soundstage]

The installation is the folder's own `.venv`, the one that the README makes. Where it is missing it is made with
uv, or else with the Python that runs this, which must be 3.11 or newer; any from 3.7 on gets so far as to say so.
What that says goes to a file in it and to stderr: stdout belongs to the protocol. When the client gives up
waiting, it goes on by itself, and the next start waits for its end. Of two at once the second waits too. One that
was made here is renewed when pyproject.toml has changed, and made anew when it was cut short, when its Python is
gone, or when it came along from another folder. One that was made by hand is left as it is.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import venv
from pathlib import Path
from urllib.parse import unquote, urlsplit

SOURCE = Path(__file__).resolve().parents[1]
HOME = SOURCE / ".venv"
PROGRAMS = HOME / ("Scripts" if os.name == "nt" else "bin")
PYTHON = PROGRAMS / ("python.exe" if os.name == "nt" else "python")
COMMAND = PROGRAMS / ("soundstage.exe" if os.name == "nt" else "soundstage")
WANTED = ["--editable", f"{SOURCE}[local]"]
PACKAGES = "Lib/site-packages" if os.name == "nt" else "lib/python*/site-packages"
RECORD = HOME / "installed"
"""The SHA-256 of the pyproject.toml that was installed here, and nothing while that is not done."""
INSTALL = "--only-install"
SAID = 2000
"""How much of what an installation said is shown when it failed, in characters."""


def recorded() -> str | None:
    """What the record says, if the installation was made here."""
    return RECORD.read_text(encoding="ascii") if RECORD.exists() else None


def required() -> str:
    """What the record says of an installation that is up to date."""
    return hashlib.sha256((SOURCE / "pyproject.toml").read_bytes()).hexdigest()


def fault() -> str:
    """Why the installation that is there cannot be used; empty where it can, and where there is none."""
    if (HOME / "pyvenv.cfg").exists() and not PYTHON.exists():
        return "its Python is gone"
    for told in HOME.glob(PACKAGES + "/soundstage-*.dist-info/direct_url.json"):
        try:
            origin = json.loads(told.read_text(encoding="utf-8"))
        except ValueError:
            return "it is not whole"
        path = unquote(str(urlsplit(str(origin["url"])).path))
        folder = Path(path.lstrip("/") if os.name == "nt" else path)
        if origin.get("dir_info", {}).get("editable") and not (folder.exists() and folder.samefile(SOURCE)):
            return f"it runs the code in {folder}"
    return ""


def ready() -> bool:
    """Whether the installation is there as a whole and up to date, which one made by hand is taken to be."""
    record = recorded()
    if record == "":
        return False
    wrong = fault()
    if wrong and record is None:
        sys.exit(f"soundstage: {HOME} was made by hand, and {wrong}. Remove that folder, and start again.")
    return COMMAND.exists() and not wrong and record in (None, required())


def install() -> None:
    """Make the installation, unless another process just did."""
    # A lock that ends with its process, on every system.
    with sqlite3.connect(HOME / "installing", timeout=600) as lock:
        lock.execute("BEGIN EXCLUSIVE")
        if ready():
            return
        # What was cut short may be there in part, with its installer none the wiser.
        unusable = recorded() == "" or fault()
        digest = required()
        RECORD.write_bytes(b"")
        if unusable:
            clear()
        uv = shutil.which("uv")
        if uv:
            run(uv, "venv", "--quiet", "--allow-existing", "--python", ">=3.11", str(HOME))
            run(uv, "pip", "install", "--quiet", "--python", str(PYTHON), *WANTED)
        elif sys.version_info < (3, 11):
            sys.exit("This needs Python 3.11 or newer, or uv. Install either and start again.")
        else:
            venv.create(HOME, with_pip=True)
            run(str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *WANTED)
        RECORD.write_text(digest, encoding="ascii")


def clear() -> None:
    """Remove all that was installed, but for the lock, the record and what was said."""
    for one in HOME.iterdir():
        if one.is_dir() and not one.is_symlink():
            shutil.rmtree(one)
        elif not one.name.startswith("install"):
            one.unlink()


def run(*command: str) -> None:
    """Run `command`, and end with its exit code when it fails."""
    done = subprocess.run(command, check=False)
    if done.returncode:
        sys.exit(done.returncode)


def installed() -> None:
    """Have the installation made by a process that outlives this one."""
    print("soundstage: installing, which takes a minute or two the first time", file=sys.stderr, flush=True)
    HOME.mkdir(exist_ok=True)
    with (HOME / "installing.log").open("a+", encoding="utf-8", errors="replace") as log:
        done = subprocess.run(
            [sys.executable, __file__, INSTALL],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            check=False,
        )
        if done.returncode:
            log.seek(0)
            sys.exit(f"{log.read()[-SAID:]}\nsoundstage: the installation failed; {log.name} has all that it said")


def main() -> None:
    """Install if need be, then become the server."""
    if sys.argv[1:] == [INSTALL]:
        install()
        return
    if not ready():
        installed()
    command = [str(PYTHON), "-m", "soundstage", *sys.argv[1:]]
    if os.name == "nt":
        sys.exit(subprocess.run(command, check=False).returncode)
    os.execv(PYTHON, command)


if __name__ == "__main__":
    main()
