"""An audio or video file read to its end, in constant memory. Only the child process imports this."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, cast

import av
import av.logging
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import EOFError as EndOfFile
from av.error import FFmpegError

CONTAINERS: Final = {
    "mp3": "mp3",
    "wav": "wav",
    "flac": "flac",
    "ogg": "ogg",
    "mov,mp4,m4a,3gp,3g2,mj2": "mp4",
    "matroska,webm": "webm",
}
"""The containers that are read: the library's word for each, and ours."""

# A playlist or a concat script would make the library open other files and addresses.
_OPTIONS = {"format_whitelist": "mp3,wav,flac,ogg,mov,matroska", "protocol_whitelist": "file"}
_OPEN_FAILURES = (FFmpegError, OSError, ValueError, IndexError)
_LOST_PACKETS = 0.02
_SLACK_SECONDS, _SLACK_SHARE = 0.25, 0.05
_PADDING_SAMPLES = 4096
_UNKNOWN_WAV_LENGTH = 0x7FFFF000
"""From here on a length in a WAV header stands for "not known": it was written to a pipe."""


class Unreadable(Exception):
    """What is wrong with a file, as the end of a sentence."""


@contextmanager
def opened(path: Path) -> Generator[InputContainer]:
    """The file, its headers read.

    Raises:
        Unreadable: it is in none of the containers.
    """
    av.logging.set_level(None)
    try:
        # Titles in no known encoding are nothing to fail for: from PyAV 19 on they are not.
        lenient: dict[str, Any] = {} if int(av.__version__.split(".")[0]) >= 19 else {"metadata_errors": "replace"}
        library: Any = av
        container = cast("InputContainer", library.open(f"file:{path}", options=_OPTIONS, **lenient))
    except _OPEN_FAILURES:
        raise Unreadable("is in no format that can be read") from None
    with container:
        yield container


def sound_of(container: InputContainer) -> AudioStream:
    """The first audio stream.

    Raises:
        Unreadable: there is none.
    """
    if not container.streams.audio:
        raise Unreadable("holds no sound")
    return container.streams.audio[0]


def frames(container: InputContainer, stream: AudioStream) -> Iterator[AudioFrame]:
    """The sound to its end, without the padding that the container tells of.

    Raises:
        Unreadable: there is none, more of it is lost than a stray packet, or it is shorter than the headers say.
            Known only at the end.
    """
    announced = _announced_seconds(container, stream)
    end = announced if CONTAINERS[container.format.name] == "mp4" else None
    heard, seconds, padding = 0, 0.0, list[AudioFrame]()
    for frame in _decoded(container, stream):
        heard += frame.samples
        seconds += frame.samples / frame.sample_rate
        if end is None or heard <= (last := round(end * frame.sample_rate)):
            yield frame
            continue
        padding.append(frame)
        if heard - last > _PADDING_SAMPLES:
            # That is no padding: the header does not know how long the sound is.
            yield from padding
            padding, end = [], None
    if padding and end is not None:
        rate = padding[0].sample_rate
        kept = padding[0].samples - (heard - sum(frame.samples for frame in padding[1:]) - round(end * rate))
        if kept > 0:
            yield _shortened(padding[0], kept)
    refuse_if_cut(seconds, announced)


def refuse_if_cut(seconds: float, announced: float | None) -> None:
    """Raise Unreadable where a file lasts for less than it says, by more than headers are off."""
    if announced is not None and seconds < announced - max(_SLACK_SECONDS, announced * _SLACK_SHARE):
        raise Unreadable("is cut off before its end")


def _shortened(frame: AudioFrame, samples: int) -> AudioFrame:
    fifo = av.AudioFifo()
    frame.pts = None
    fifo.write(frame)
    kept = fifo.read(samples)
    assert isinstance(kept, AudioFrame)
    return kept


def _decoded(container: InputContainer, stream: AudioStream) -> Iterator[AudioFrame]:
    packets, good, lost = container.demux(stream), 0, 0
    while True:
        try:
            packet = next(packets)
        except (StopIteration, EndOfFile):
            break
        except FFmpegError:
            raise Unreadable("is damaged or cut off") from None
        try:
            found = packet.decode()
        except EndOfFile:
            break
        except FFmpegError:
            lost += 1
            continue
        good += bool(found)
        yield from found
    if not good:
        raise Unreadable("holds no sound that can be decoded")
    if lost > max(1, good * _LOST_PACKETS):
        raise Unreadable("is damaged")


def _announced_seconds(container: InputContainer, stream: AudioStream) -> float | None:
    """The length that the headers give; None where they give none or only guess."""
    path = Path(container.name.removeprefix("file:"))
    kind = CONTAINERS[container.format.name]
    if stream.duration is None or stream.time_base is None or (kind == "mp3" and not _counts_frames(path)):
        return None
    seconds = float(stream.duration * stream.time_base)
    return seconds * _announced_share(path) if kind == "wav" else seconds


def _counts_frames(mp3: Path) -> bool:
    """Whether the first frame tells how many there are; else the library guesses from the bit rate."""
    with mp3.open("rb") as file:
        head = file.read(10)
        tag = 0
        if head[:3] == b"ID3" and len(head) == 10:
            for digit in head[6:10]:
                tag = tag << 7 | digit & 0x7F
        file.seek(tag + 10 if tag else 0)
        start = file.read(4096)
    return any(mark in start for mark in (b"Xing", b"Info", b"VBRI"))


def _announced_share(wav: Path) -> float:
    """How many times more sound a WAV file announces than it holds: the library's length is of what is there."""
    size = wav.stat().st_size
    with wav.open("rb") as file:
        file.seek(12)
        while len(head := file.read(8)) == 8:
            length, start = int.from_bytes(head[4:], "little"), file.tell()
            if head[:4] == b"data":
                known = 0 < length < _UNKNOWN_WAV_LENGTH and size > start
                return max(1.0, length / (size - start)) if known else 1.0
            file.seek(length + length % 2, 1)
    return 1.0
