"""Samples into a file, piece by piece."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

import av
import numpy as np

from soundstage.providers.local.jobs import AudioFormat
from soundstage.providers.local.speech.rendering import SAMPLE_RATE, Samples


@dataclass(frozen=True, slots=True)
class _Container:
    muxer: str
    codec: str
    sample_format: str
    bit_rate: int | None = None


_CONTAINERS: Final[dict[AudioFormat, _Container]] = {
    "mp3": _Container("mp3", "libmp3lame", "fltp", 96_000),
    "wav": _Container("wav", "pcm_s16le", "s16"),
    "ogg": _Container("ogg", "libopus", "flt", 48_000),
    "flac": _Container("flac", "flac", "s16"),
    "m4a": _Container("ipod", "aac", "fltp", 96_000),
}


class Encoder:
    """An open audio file."""

    def __init__(self, container: Any, stream: Any, sample_format: str) -> None:
        self._container = container
        self._stream = stream
        self._sample_format = sample_format
        self._written = 0

    def write(self, samples: Samples) -> None:
        """Add samples of -1 to 1 at 24 kHz, mono."""
        packed = np.round(samples * 32767).astype(np.int16) if self._sample_format == "s16" else samples
        frame = av.AudioFrame.from_ndarray(packed[np.newaxis, :], format=self._sample_format, layout="mono")
        frame.sample_rate = SAMPLE_RATE
        frame.pts = self._written
        self._written += len(samples)
        self._container.mux(self._stream.encode(frame))

    def finish(self) -> None:
        """Write what the codec still holds."""
        self._container.mux(self._stream.encode(None))


@contextmanager
def open_encoder(path: Path, audio_format: AudioFormat) -> Generator[Encoder]:
    """A file of the format to write into, whole when the block ends without an error."""
    chosen = _CONTAINERS[audio_format]
    with cast("Any", av.open(path, "w", format=chosen.muxer)) as container:
        stream = container.add_stream(chosen.codec, rate=SAMPLE_RATE, layout="mono", format=chosen.sample_format)
        if chosen.bit_rate is not None:
            stream.bit_rate = chosen.bit_rate
        encoder = Encoder(container, stream, chosen.sample_format)
        yield encoder
        encoder.finish()
