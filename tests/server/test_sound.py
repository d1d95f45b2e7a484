"""Sound measured and checked: real files, whole, cut, damaged and of no sound."""

import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast, get_args

import av
import pytest

from barely import install_line
from emulators import media
from soundstage.sound import joined, measured, measured_video
from soundstage_tools.errors import BadRequest, NotConfigured, Unavailable

KINDS = get_args(media.Sound)
NEVER = 3600.0


def saved(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("kind", KINDS)
async def test_a_sound_is_measured_to_the_end_of_its_padding(tmp_path: Path, kind: media.Sound) -> None:
    for seconds in (0.4, 5.2):
        path = saved(tmp_path, "sound", media.sound(kind, seconds))
        found = await measured(path, at_most_seconds=NEVER)
        assert found.container == media.CONTAINERS[kind]
        assert found.seconds == pytest.approx(seconds, abs=0.01)


async def test_measuring_stops_just_past_the_limit(tmp_path: Path) -> None:
    path = saved(tmp_path, "long.flac", media.sound("flac", 30.0))
    assert 10.0 < (await measured(path, at_most_seconds=10.0)).seconds < 10.5
    assert (await measured(path, at_most_seconds=30.0)).seconds == pytest.approx(30.0)


def stirred(content: bytes) -> bytes:
    """All but the first half kilobyte made into noise."""
    return content[:512] + bytes(byte ^ (0x5A + at % 89) for at, byte in enumerate(content[512:]))


WRONG: dict[str, Callable[[], bytes]] = {
    "empty": lambda: b"",
    "text": lambda: b"This is a letter, not a sound. " * 100,
    "a picture": lambda: media.png(64, 64),
    "noise": lambda: stirred(bytes(20_000)),
    "a playlist": lambda: b"#EXTM3U\n#EXTINF:1,\nfile:///etc/hostname\n",
    "a concat script": lambda: b"ffconcat version 1.0\nfile /etc/hostname\n",
    "cut wav": lambda: media.wav(4.0)[:80_000],
    "cut mp3": lambda: media.sound("mp3", 4.0)[:9_000],
    "cut flac": lambda: media.sound("flac", 4.0)[:9_000],
    "cut m4a": lambda: media.sound("m4a", 4.0)[:9_000],
    "stirred mp3": lambda: stirred(media.sound("mp3", 4.0)),
    "stirred m4a": lambda: stirred(media.sound("m4a", 4.0)),
    "stirred flac": lambda: stirred(media.sound("flac", 4.0)),
    "stirred ogg": lambda: stirred(media.sound("ogg", 4.0)),
    "no samples": lambda: media.wav(0.0),
}


@pytest.mark.parametrize("name", WRONG)
async def test_what_is_no_whole_sound_is_refused_in_our_words(tmp_path: Path, name: str) -> None:
    path = saved(tmp_path, "sound", WRONG[name]())
    with pytest.raises(BadRequest) as refused:
        await measured(path, at_most_seconds=NEVER)
    assert refused.value.code == "media_damaged"
    assert refused.value.message.startswith(("The audio is ", "The audio holds "))
    assert str(tmp_path) not in str(refused.value)
    with pytest.raises(Unavailable):
        await joined([path], tmp_path / "joined.mp3")
    assert [file.name for file in tmp_path.iterdir()] == ["sound"]


async def test_a_video_without_sound_holds_no_sound(tmp_path: Path) -> None:
    path = tmp_path / "silent.mp4"
    with cast("Any", av).open(path, "w") as target, cast("Any", av).open(io.BytesIO(media.png(64, 64))) as still:
        stream = target.add_stream("libx264", rate=5)
        stream.width = stream.height = 64
        stream.pix_fmt = "yuv420p"
        picture = next(still.decode(video=0)).reformat(64, 64, "yuv420p")
        for number in range(10):
            picture.pts = number
            target.mux(stream.encode(picture))
        target.mux(stream.encode(None))
    with pytest.raises(BadRequest, match="holds no sound"):
        await measured(path, at_most_seconds=NEVER)
    assert (await measured_video(path)).seconds == pytest.approx(2.0, abs=0.05)


async def test_a_wav_that_was_written_to_a_pipe_is_whole(tmp_path: Path) -> None:
    content = bytearray(media.wav(2.0))
    at = content.index(b"data") + 4
    content[at : at + 4] = b"\xff\xff\xff\xff"
    path = saved(tmp_path, "piped.wav", bytes(content))
    assert (await measured(path, at_most_seconds=NEVER)).seconds == pytest.approx(2.0, abs=0.01)


async def test_an_mp3_that_only_guesses_its_length_is_whole(tmp_path: Path) -> None:
    """Without the first, empty frame there is no count of frames, and a variable bit rate fools the guess."""
    content = media.sound("mp3", 4.0)
    first = content.index(b"\xff\xf3", content.index(b"Info") + 4)
    path = saved(tmp_path, "bare.mp3", content[first:])
    assert (await measured(path, at_most_seconds=NEVER)).seconds == pytest.approx(4.0, abs=0.12)


@pytest.mark.parametrize("kept", [0.3, 0.7, 0.99])
async def test_a_cut_video_is_damaged_wherever_its_index_is(tmp_path: Path, kept: float) -> None:
    content = media.mp4(4.0, 64, 64)
    fast = tmp_path / "fast.mp4"
    with (
        cast("Any", av).open(io.BytesIO(content)) as source,
        cast("Any", av).open(fast, "w", format="mp4", options={"movflags": "faststart"}) as target,
    ):
        streams = {stream.index: target.add_stream_from_template(stream) for stream in source.streams}
        for packet in source.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream.index]
                target.mux(packet)
    found = await measured_video(fast)
    assert (found.seconds, found.container) == (pytest.approx(4.0, abs=0.1), "mp4")
    for whole in (content, fast.read_bytes()):
        path = saved(tmp_path, "cut.mp4", whole[: int(len(whole) * kept)])
        with pytest.raises(BadRequest) as damaged:
            await measured_video(path)
        assert damaged.value.code == "media_damaged"


async def test_audio_is_no_video(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match="holds no video"):
        await measured_video(saved(tmp_path, "a.m4a", media.sound("m4a", 1.0)))


async def test_without_the_codecs_it_is_said_how_to_get_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = saved(tmp_path, "a.wav", media.wav(1.0))
    monkeypatch.setitem(sys.modules, "av", None)
    for ask in (measured(path, at_most_seconds=1), measured_video(path), joined([path], tmp_path / "b.mp3")):
        with pytest.raises(NotConfigured) as missing:
            await ask
        assert missing.value.code == "audio_tools_missing"
        assert install_line("audio") in missing.value.next_step
