"""Real media bytes: tones and plain pictures, made and measured."""

import io
import math
import struct
import wave
import zlib
from array import array
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any, Literal, cast

import av
from av.error import FFmpegError

Sound = Literal["wav", "mp3", "ogg", "m4a", "flac"]
CONTENT_TYPES = {
    "wav": "audio/wav",
    "mp3": "audio/mpeg",
    "ogg": "audio/ogg",
    "m4a": "audio/mp4",
    "flac": "audio/flac",
}
RATE = 16_000
CONTAINERS = {"wav": "wav", "mp3": "mp3", "ogg": "ogg", "m4a": "mp4", "flac": "flac"}
CODECS = {"mp3": "libmp3lame", "ogg": "libopus", "m4a": "aac", "flac": "flac"}
READ_AS = {"mov,mp4,m4a,3gp,3g2,mj2": "mp4", "matroska,webm": "webm", "png_pipe": "png", "jpeg_pipe": "jpeg"}


def spoken_seconds(text: str, speed: float = 1.0) -> float:
    """How long the emulated voices take: 0.4 s a word, and never under 0.4 s."""
    return round(0.4 * max(1, len(text.split())) / speed, 3)


@lru_cache(maxsize=64)
def wav(seconds: float, hertz: int = 220) -> bytes:
    """A quiet tone, 16-bit mono at 16 kHz."""
    second = array("h", (int(8000 * math.sin(2 * math.pi * hertz * n / RATE)) for n in range(RATE)))
    wanted = round(seconds * RATE) * 2
    whole = second.tobytes() * (wanted // (2 * RATE) + 1)
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(whole[:wanted])
    return buffer.getvalue()


@lru_cache(maxsize=64)
def sound(kind: Sound, seconds: float) -> bytes:
    """A tone in the container and codec that the name stands for."""
    if kind == "wav":
        return wav(seconds)
    buffer = io.BytesIO()
    with _reading(wav(seconds)) as source, _writing(buffer, CONTAINERS[kind]) as target:
        stream = target.add_stream(CODECS[kind], rate=RATE)
        for frame in source.decode(audio=0):
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
    return buffer.getvalue()


@lru_cache(maxsize=64)
def png(width: int, height: int) -> bytes:
    """A plain grey picture, 8 bits a channel."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\x80" * (3 * width)) * height)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@lru_cache(maxsize=16)
def mp4(seconds: float, width: int, height: int) -> bytes:
    """A still picture in H.264 with a tone in AAC, at most 60 frames long."""
    buffer = io.BytesIO()
    frames = max(1, min(60, round(seconds * 5)))
    with (
        _reading(png(width, height)) as still,
        _reading(wav(seconds)) as tone,
        _writing(buffer, "mp4") as target,
    ):
        picture = next(still.decode(video=0)).reformat(width, height, "yuv420p")
        video = target.add_stream("libx264", rate=Fraction(frames) / Fraction(seconds).limit_denominator(1000))
        video.width, video.height, video.pix_fmt = width, height, "yuv420p"
        video.options = {"preset": "ultrafast"}
        audio = target.add_stream("aac", rate=RATE)
        audio.options = {"aac_coder": "fast"}
        for number in range(frames):
            picture.pts, picture.time_base = number, 1 / Fraction(video.codec_context.framerate)
            target.mux(video.encode(picture))
        target.mux(video.encode(None))
        for frame in tone.decode(audio=0):
            target.mux(audio.encode(frame))
        target.mux(audio.encode(None))
    return buffer.getvalue()


def _reading(content: bytes) -> Any:
    return cast("Any", av).open(io.BytesIO(content))


def _writing(buffer: io.BytesIO, container: str) -> Any:
    return cast("Any", av).open(buffer, "w", format=container)


@dataclass(frozen=True)
class Probed:
    """What a file is, by its content: `container` is wav, mp3, ogg, mp4, flac, png, jpeg… or FFmpeg's word."""

    container: str
    seconds: float
    width: int = 0
    height: int = 0


def probe(content: bytes) -> Probed | None:
    """Measure an audio file, picture or video by decoding it. None when it is none of these."""
    try:
        with _reading(content) as opened:
            name = str(opened.format.name)
            frames = opened.decode(audio=0) if opened.streams.audio else ()
            heard = sum((frame.samples / frame.sample_rate for frame in frames), 0.0)
        with _reading(content) as opened:
            picture = next(opened.decode(video=0)) if opened.streams.video else None
    except (FFmpegError, StopIteration, ValueError):
        return None
    container = READ_AS.get(name, name.removesuffix("_pipe"))
    if picture is None:
        return Probed(container, round(heard, 3)) if heard else None
    return Probed(container, round(heard, 3), picture.width, picture.height)
