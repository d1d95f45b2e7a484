"""Build the bundle that Claude Desktop installs with a double click.

    python mcpb/build.py [folder]

Writes `soundstage-<version>.mcpb` to the folder, which is `dist` by default, and prints its path.
"""

import json
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MANIFEST = ROOT / "mcpb/manifest.json"
# What an installation from source needs, and the program that makes it.
PARTS = ("server", "tools", "pyproject.toml", "README.md", "LICENSE", "NOTICE", "mcpb/start.py")


def files() -> Iterator[Path]:
    """The files of the bundle beside its manifest, by their path in this repository."""
    for part in PARTS:
        whole = ROOT / part
        found = sorted(whole.rglob("*")) if whole.is_dir() else [whole]
        yield from (path.relative_to(ROOT) for path in found if path.is_file() and "__pycache__" not in path.parts)


def build(folder: Path) -> Path:
    """Write the bundle into `folder`."""
    version = json.loads(MANIFEST.read_text(encoding="utf-8"))["version"]
    folder.mkdir(parents=True, exist_ok=True)
    bundle = folder / f"soundstage-{version}.mcpb"
    with zipfile.ZipFile(bundle, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.write(MANIFEST, "manifest.json")
        for path in files():
            packed.write(ROOT / path, path.as_posix())
    return bundle


if __name__ == "__main__":
    print(build(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "dist"))
