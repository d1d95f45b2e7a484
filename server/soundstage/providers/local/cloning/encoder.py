"""Who speaks: the GE2E speaker encoder, three layers of LSTM over a mel spectrum, on numpy alone."""

import hashlib
from io import BytesIO
from pathlib import Path
from typing import Final

import numpy as np

from soundstage.extras import install_command
from soundstage.providers.local.cloning.sample import Curve, Samples, resampled
from soundstage.providers.local.jobs import EngineError
from soundstage.providers.local.weights import EXTRA

_WEIGHTS: Final = Path(__file__).parents[1] / "models" / "ge2e_speaker_encoder.npz"
_SHA256 = "d26692a97692b29b610c4c359514ce58a6f26401b7b28f67b5d10b9aa9078cfc"

_RATE = 16_000
_FFT, _HOP, _MELS = 400, 160, 40
_LEVEL = 10 ** (-30 / 20)
_LAYERS = 3

WINDOW_FRAMES, WINDOW_STEP = 160, 77
"""Frames of 10 ms in a window and between the starts of two windows, as the network was trained to hear them."""
MOST_WINDOWS = 64


class SpeakerEncoder:
    """The loaded network."""

    def __init__(self) -> None:
        content = _WEIGHTS.read_bytes()
        if hashlib.sha256(content).hexdigest() != _SHA256:
            raise EngineError(
                "weights_altered",
                "The speaker encoder's weights are not the ones that this engine knows, so they were not loaded.",
                f"Install them afresh with: {install_command(EXTRA)} --force-reinstall --no-cache-dir",
            )
        with np.load(BytesIO(content)) as weights:
            self._weights = {name: weights[name].astype(np.float32) for name in weights.files}
        self._filters = _mel_filters()

    def windows(self, speech: Samples, rate: int) -> Samples:
        """An embedding of length 1 for each window of 1.6 s, of 64 at most, of speech without pauses.

        Speech that is shorter makes one window.
        """
        mels = self._mels(resampled(speech, rate, _RATE))
        starts = np.arange(0, max(1, len(mels) - WINDOW_FRAMES + 1), WINDOW_STEP)
        if len(starts) > MOST_WINDOWS:
            starts = starts[np.linspace(0, len(starts) - 1, MOST_WINDOWS).astype(np.int64)]
        if len(mels) < WINDOW_FRAMES:
            mels = np.pad(mels, ((0, WINDOW_FRAMES - len(mels)), (0, 0)))
        return self._embed(np.stack([mels[start : start + WINDOW_FRAMES] for start in starts]))

    def embedding(self, speech: Samples, rate: int) -> Samples:
        """One embedding of length 1 for all of the speech."""
        return centre(self.windows(speech, rate))

    def _mels(self, samples: Samples) -> Samples:
        level = float(np.sqrt(np.mean(samples**2)))
        heard = samples * np.float32(_LEVEL / level) if 0 < level < _LEVEL else samples
        padded = np.pad(heard, _FFT // 2)
        frames = np.lib.stride_tricks.sliding_window_view(padded, _FFT)[::_HOP]
        window = np.hanning(_FFT + 1)[:-1].astype(np.float32)
        power = np.abs(np.fft.rfft(frames * window, axis=1)) ** 2
        return (power @ self._filters.T).astype(np.float32)

    def _embed(self, windows: Samples) -> Samples:
        heard = windows
        last = heard[:, -1]
        for layer in range(_LAYERS):
            heard = self._lstm(heard, layer)
            last = heard[:, -1]
        projected = np.maximum(last @ self._weights["linear.weight"].T + self._weights["linear.bias"], 0)
        return projected / np.maximum(np.linalg.norm(projected, axis=1, keepdims=True), 1e-9)

    def _lstm(self, inputs: Samples, layer: int) -> Samples:
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        into, again, bias_in, bias_again = (self._weights[f"lstm.{name}_l{layer}"] for name in names)
        count, steps, _ = inputs.shape
        size = again.shape[1]
        fed = inputs @ into.T + (bias_in + bias_again)
        state = np.zeros((count, size), np.float32)
        cell = np.zeros((count, size), np.float32)
        outputs = np.empty((count, steps, size), np.float32)
        for step in range(steps):
            gates = fed[:, step] + state @ again.T
            taken, kept = _sigmoid(gates[:, :size]), _sigmoid(gates[:, size : 2 * size])
            new, given = np.tanh(gates[:, 2 * size : 3 * size]), _sigmoid(gates[:, 3 * size :])
            cell = kept * cell + taken * new
            state = given * np.tanh(cell)
            outputs[:, step] = state
        return outputs


def centre(embeddings: Samples) -> Samples:
    """The mean direction."""
    mean = embeddings.mean(axis=0)
    return (mean / max(float(np.linalg.norm(mean)), 1e-9)).astype(np.float32)


def _sigmoid(values: Samples) -> Samples:
    return (0.5 * (1 + np.tanh(0.5 * values))).astype(np.float32)


def _mel_filters() -> Samples:
    """Triangles of equal area, evenly spread over Slaney's mel scale from 0 to 8 kHz."""
    edges = _from_mel(np.linspace(0.0, _to_mel(_RATE / 2), _MELS + 2))
    hertz = np.fft.rfftfreq(_FFT, 1 / _RATE)
    rising = (hertz - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - hertz) / (edges[2:] - edges[1:-1])[:, None]
    triangles = np.maximum(0, np.minimum(rising, falling))
    return (triangles * (2 / (edges[2:] - edges[:-2]))[:, None]).astype(np.float32)


def _to_mel(hertz: float) -> float:
    return float(15 + 27 * np.log(hertz / 1000) / np.log(6.4))


def _from_mel(mels: Curve) -> Curve:
    return np.where(mels < 15, mels * 200 / 3, 1000 * np.exp((mels - 15) * np.log(6.4) / 27))
