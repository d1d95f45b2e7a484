"""How long a file is, and whether it is whole. Only the child process imports this."""

from pathlib import Path

from av.container import InputContainer
from av.error import FFmpegError

from soundstage.sound.decoding import CONTAINERS, Unreadable, frames, opened, refuse_if_cut, sound_of

_MICROSECONDS = 1_000_000


def measure(path: Path, at_most_seconds: float) -> tuple[float, str]:
    """The length of the sound in seconds, decoded until it is past `at_most_seconds`, and the container.

    Raises:
        Unreadable: it cannot be decoded to its end, or is shorter than it says.
    """
    with opened(path) as container:
        seconds = 0.0
        for frame in frames(container, sound_of(container)):
            seconds += frame.samples / frame.sample_rate
            if seconds > at_most_seconds:
                break
        return seconds, CONTAINERS[container.format.name]


def measure_video(path: Path) -> tuple[float, str]:
    """The length of the video in seconds, each of its packets read, and the container.

    Raises:
        Unreadable: it holds no video, or is damaged or shorter than it says.
    """
    with opened(path) as container:
        if not container.streams.video:
            raise Unreadable("holds no video")
        announced = container.duration / _MICROSECONDS if container.duration else None
        seconds = _last_moment(container)
        refuse_if_cut(seconds, announced)
        return seconds, CONTAINERS[container.format.name]


def _last_moment(container: InputContainer) -> float:
    start = (container.start_time or 0) / _MICROSECONDS
    last, pictures = 0.0, 0
    try:
        for packet in container.demux():
            if packet.is_corrupt:
                raise Unreadable("is damaged or cut off")
            if packet.pts is not None and packet.size:
                last = max(last, float((packet.pts + (packet.duration or 0)) * packet.time_base))
                pictures += packet.stream.type == "video"
    except FFmpegError:
        raise Unreadable("is damaged or cut off") from None
    if not pictures:
        raise Unreadable("holds no video")
    return last - start
