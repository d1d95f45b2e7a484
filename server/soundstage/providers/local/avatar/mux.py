"""Writes frames and sound into an mp4: one thread draws, this one encodes."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from fractions import Fraction
from itertools import cycle
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.video.frame import VideoFrame

from soundstage.providers.local.avatar.arrays import F32, U8
from soundstage.providers.local.avatar.mouth import FPS

AUDIO_RATE = 48_000
_AAC_FRAME = 1024
_BT709: Final = 1
_LIMITED: Final = 1
_FRAMES_AHEAD = 6
_ENCODER_THREADS = 2


class Mp4Writer:
    """An H.264 + AAC mp4 that starts to play before it is wholly loaded. Use as a context manager."""

    def __init__(self, path: Path, width: int, height: int, channels: int, metadata: dict[str, str]) -> None:
        self._container: Any = av.open(f"file:{path}", "w", format="mp4", options={"movflags": "+faststart"})
        self._container.metadata.update(metadata)
        options = {"preset": "veryfast", "crf": "23", "profile": "high", "threads": str(_ENCODER_THREADS)}
        video = self._container.add_stream("libx264", rate=FPS, options=options)
        video.width, video.height, video.pix_fmt = width, height, "yuv420p"
        context = video.codec_context
        context.colorspace = context.color_primaries = context.color_trc = _BT709
        context.color_range = _LIMITED
        context.gop_size = 4 * FPS
        audio = self._container.add_stream("aac", rate=AUDIO_RATE)
        audio.layout = "mono" if channels == 1 else "stereo"
        audio.bit_rate = 96_000 if channels == 1 else 160_000
        self._video, self._audio = video, audio
        self._frames = 0
        self._samples = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._container.close()

    @property
    def seconds_of_sound(self) -> float:
        """How much sound has been written."""
        return self._samples / AUDIO_RATE

    def write_frame(self, yuv: U8) -> None:
        """Appends one frame: (height * 3 / 2, width), luma above both kinds of chroma."""
        frame = VideoFrame.from_ndarray(yuv, format="yuv420p")
        frame.pts, frame.time_base = self._frames, Fraction(1, FPS)
        frame.colorspace, frame.color_range = _BT709, _LIMITED
        self._frames += 1
        self._container.mux(self._video.encode(frame))

    def write_sound(self, samples: F32) -> None:
        """Appends (channels, n) samples; n is a multiple of 1024 except at the end."""
        layout = "mono" if samples.shape[0] == 1 else "stereo"
        frame = AudioFrame.from_ndarray(np.ascontiguousarray(samples), format="fltp", layout=layout)
        frame.sample_rate = AUDIO_RATE
        frame.pts, frame.time_base = self._samples, Fraction(1, AUDIO_RATE)
        self._samples += samples.shape[1]
        self._container.mux(self._audio.encode(frame))

    def finish(self) -> None:
        """Writes what the encoders still hold."""
        self._container.mux(self._video.encode(None))
        self._container.mux(self._audio.encode(None))


def in_blocks(sound: Iterator[F32]) -> Iterator[F32]:
    """The same samples in blocks of the AAC frame, the last one shorter."""
    held: F32 | None = None
    for block in sound:
        held = block if held is None else np.concatenate([held, block], axis=1)
        whole = held.shape[1] // _AAC_FRAME * _AAC_FRAME
        for start in range(0, whole, _AAC_FRAME):
            yield held[:, start : start + _AAC_FRAME]
        held = held[:, whole:]
    if held is not None and held.shape[1]:
        yield held


def drawn_ahead(frames: int, draw: Callable[[int, U8], U8], canvas: Callable[[], U8]) -> Iterator[U8]:
    """The frames `draw(0, ...)` to `draw(frames - 1, ...)` in order, drawn by one thread that runs a few ahead.

    Each is drawn on one of a few canvases, so it is gone when the next but one has been taken.
    """
    waiting: deque[Future[U8]] = deque()
    canvases = cycle([canvas() for _ in range(min(frames, _FRAMES_AHEAD + 2))])
    with ThreadPoolExecutor(1, "avatar-frames") as pool:
        for index in range(frames):
            waiting.append(pool.submit(draw, index, next(canvases)))
            if len(waiting) > _FRAMES_AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
