"""Sounds put end to end in one MP3. Only the child process imports this."""

import math
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import av
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler

from soundstage.sound.decoding import frames, opened, sound_of

_BIT_RATE = 128_000
_NARROW_BIT_RATE, _NARROW_RATE = 64_000, 16_000
"""Below this many hertz the format knows no higher bit rate."""

_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
_FADE_SECONDS = 0.005


@dataclass(frozen=True, slots=True)
class _Form:
    """What all pieces are brought to: that of the first, as near as MP3 can hold it."""

    rate: int
    layout: str

    @property
    def fade(self) -> int:
        return round(_FADE_SECONDS * self.rate)


def join(paths: Sequence[Path], target: Path) -> list[float]:
    """Write the sounds of `paths` one after the other into `target`; return how long each lasts in it, in seconds.

    A fade of 5 ms on each side of a seam keeps it from clicking.

    Raises:
        Unreadable: one of them cannot be decoded to its end.
    """
    form = _form(paths[0])
    with cast("Any", av).open(target, "w", format="mp3") as container:
        stream = container.add_stream("libmp3lame", rate=form.rate, layout=form.layout, format="fltp")
        stream.bit_rate = _BIT_RATE if form.rate >= _NARROW_RATE else _NARROW_BIT_RATE
        lengths: list[int] = []
        written = 0
        for place, path in enumerate(paths, 1):
            begun = written
            for frame in _piece(path, form, rises=place > 1, falls=place < len(paths)):
                frame.pts, frame.sample_rate = written, form.rate
                written += frame.samples
                container.mux(stream.encode(frame))
            lengths.append(written - begun)
        container.mux(stream.encode(None))
    return [length / form.rate for length in lengths]


def _form(path: Path) -> _Form:
    with opened(path) as container:
        stream = sound_of(container)
        rate = next((rate for rate in _RATES if rate >= stream.rate), _RATES[-1])
        return _Form(rate, "mono" if stream.channels == 1 else "stereo")


def _piece(path: Path, form: _Form, *, rises: bool, falls: bool) -> Iterator[AudioFrame]:
    """The sound in blocks of a second; the last is held back, for it may have to fall."""
    fifo = av.AudioFifo()
    first = True
    for frame in _resampled(path, form):
        fifo.write(frame)
        while fifo.samples >= form.rate + 2 * form.fade:
            yield _faded(_read(fifo, form.rate), form.fade if rises and first else 0, 0)
            first = False
    if left := fifo.samples:
        fade = min(form.fade, left // 2)
        yield _faded(_read(fifo, left), fade if rises and first else 0, fade if falls else 0)


def _resampled(path: Path, form: _Form) -> Iterator[AudioFrame]:
    resampler = AudioResampler(format="fltp", layout=form.layout, rate=form.rate)
    with opened(path) as container:
        for frame in frames(container, sound_of(container)):
            frame.pts = None
            yield from resampler.resample(frame)
        yield from resampler.resample(None)


def _read(fifo: av.AudioFifo, samples: int) -> AudioFrame:
    frame = fifo.read(samples)
    assert isinstance(frame, AudioFrame)
    return frame


def _faded(frame: AudioFrame, rise: int, fall: int) -> AudioFrame:
    """The frame with a raised cosine over its first and its last samples."""
    if not rise and not fall:
        return frame
    for plane in frame.planes:
        content = bytes(plane)
        samples = array("f", content[: 4 * frame.samples])
        for place in range(rise):
            samples[place] *= _gain(place, rise)
        for place in range(fall):
            samples[-1 - place] *= _gain(place, fall)
        plane.update(samples.tobytes() + content[4 * frame.samples :])
    return frame


def _gain(place: int, length: int) -> float:
    return 0.5 - 0.5 * math.cos(math.pi * (place + 0.5) / length)
