"""Decodes any audio file as a stream of samples, as far as it can be decoded."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import av
import av.logging
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import EOFError as EndOfFile
from av.error import FFmpegError

from soundstage.providers.local.avatar.arrays import F32, f32
from soundstage.providers.local.jobs import EngineError

MIN_SECONDS = 0.1
MAX_SECONDS = 600.0

# A playlist or a concat script would make the library open other files and addresses.
_FORMATS = "mp3,wav,w64,aiff,flac,ogg,mov,matroska,aac,amr,caf,asf,avi,mpegts"
_OPTIONS = {"format_whitelist": _FORMATS, "protocol_whitelist": "file"}
_OPEN_FAILURES = (FFmpegError, OSError, ValueError, IndexError)


@dataclass(slots=True)
class Tally:
    """What one pass over a file met: packets decoded and packets lost."""

    decoded: int = 0
    lost: int = 0


@dataclass(frozen=True, slots=True)
class Header:
    """What a file says about itself before anything is decoded. `seconds` is None when it does not say."""

    channels: int
    seconds: float | None


def read_header(path: Path) -> Header:
    """The header of an audio file.

    Raises EngineError `audio_unreadable`, or `audio_too_long` when it announces more than 600 seconds.
    """
    with _opened(path) as (container, stream):
        if stream.duration is not None and stream.time_base is not None:
            seconds = float(stream.duration * stream.time_base)
        else:
            seconds = container.duration / av.time_base if container.duration else None
        if seconds is not None:
            seconds *= _announced_share(path)
        if seconds is not None and seconds > MAX_SECONDS + 0.5:
            raise too_long(f"{seconds:.0f} seconds")
        return Header(min(max(stream.channels, 1), 2), seconds)


def _announced_share(path: Path) -> float:
    """How many times more sound a WAV file announces than it holds; 1 for a complete file and other formats.

    The library's own duration is that of the bytes that are there.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        if file.read(4) != b"RIFF" or file.read(8)[4:] != b"WAVE":
            return 1.0
        while len(head := file.read(8)) == 8:
            length = int.from_bytes(head[4:], "little")
            start = file.tell()
            if head[:4] == b"data":
                # A recorder that cannot go back writes the largest length there is, or none.
                streamed = length == 0 or length >= 0x7FFFF000
                return 1.0 if streamed or size <= start else max(1.0, length / (size - start))
            file.seek(length + length % 2, 1)
    return 1.0


def decode(path: Path, rate: int, channels: int, tally: Tally) -> Iterator[F32]:
    """The samples in blocks of (channels, n), -1 to 1, at `rate` Hz; damaged packets are counted and skipped.

    Raises EngineError `audio_unreadable`, or `audio_too_long` after 600 seconds.
    """
    layout = "mono" if channels == 1 else "stereo"
    limit = int(MAX_SECONDS * rate)
    done = 0
    with _opened(path) as (container, stream):
        resampler = AudioResampler(format="fltp", layout=layout, rate=rate)
        for frame in _frames(container, stream, tally):
            frame.pts = None
            try:
                ready = resampler.resample(frame)
            except ValueError:
                # A damaged stream can change its format midway.
                resampler = AudioResampler(format="fltp", layout=layout, rate=rate)
                ready = resampler.resample(frame)
            for out in ready:
                block = f32(out.to_ndarray())
                done += block.shape[1]
                if done > limit + rate // 2:
                    raise too_long("more than 600 seconds")
                yield block
        for out in resampler.resample(None) if done else []:
            yield f32(out.to_ndarray())


def too_long(length: str) -> EngineError:
    """The refusal of audio over the limit."""
    return EngineError(
        "audio_too_long",
        f"The audio lasts {length}; the limit is {MAX_SECONDS:.0f} seconds (10 minutes).",
        "Split the audio and make one video of each part.",
    )


@contextmanager
def _opened(path: Path) -> Generator[tuple[InputContainer, AudioStream]]:
    av.logging.set_level(None)
    if not path.is_file():
        raise _unreadable("does not exist")
    try:
        # Titles in no known encoding are nothing to fail for: from PyAV 19 on they are not.
        lenient: dict[str, Any] = {} if int(av.__version__.split(".")[0]) >= 19 else {"metadata_errors": "replace"}
        library: Any = av
        container = cast("InputContainer", library.open(f"file:{path}", options=_OPTIONS, **lenient))
    except _OPEN_FAILURES:
        raise _unreadable("is not in a format that can be read") from None
    with container:
        if not container.streams.audio:
            raise _unreadable("holds no sound")
        yield container, container.streams.audio[0]


def _frames(container: InputContainer, stream: AudioStream, tally: Tally) -> Iterator[AudioFrame]:
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets)
        except (StopIteration, EndOfFile):
            return
        except FFmpegError:
            # The container itself is cut or scrambled here: nothing after this point can be found.
            tally.lost += 1
            return
        try:
            frames = packet.decode()
        except EndOfFile:
            return
        except FFmpegError:
            tally.lost += 1
            continue
        tally.decoded += bool(frames)
        yield from frames


def _unreadable(what: str) -> EngineError:
    return EngineError(
        "audio_unreadable",
        f"The audio {what}.",
        "Give a complete MP3, WAV, FLAC, OGG, M4A or WebM file.",
    )
