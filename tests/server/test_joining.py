"""Pieces of sound joined into one, heard at their seams, and joining that is cut short."""

import io
import math
import os
import sys
import wave
from array import array
from itertools import pairwise
from pathlib import Path
from typing import Any, cast, get_args

import anyio
import av
import psutil
import pytest

from emulators import media
from soundstage.sound import joined, measured
from soundstage_tools.errors import Unavailable

KINDS = get_args(media.Sound)


def saved(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def sine(seconds: float, hertz: float, rate: int = 24_000, channels: int = 1, phase: float = 0.0) -> bytes:
    """A loud sine as WAV. It starts and ends wherever it is: put end to end, two of them click."""
    samples = array("h")
    for n in range(round(seconds * rate)):
        samples.extend([round(16_000 * math.sin(2 * math.pi * hertz * n / rate + phase))] * channels)
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())
    return buffer.getvalue()


def heard(path: Path) -> tuple[list[float], int]:
    """The samples of the first channel, -1 to 1, and their rate."""
    samples, rate = array("f"), 0
    with cast("Any", av).open(path) as container:
        for frame in container.decode(audio=0):
            assert frame.format.name == "fltp"
            samples.frombytes(bytes(frame.planes[0])[: 4 * frame.samples])
            rate = frame.sample_rate
    return samples.tolist(), rate


async def test_pieces_are_joined_without_a_step_a_gap_or_a_loss(tmp_path: Path) -> None:
    hertz, rate = 200.0, 24_000
    cuts = (1.00125, 0.70125, 1.30375)
    # Each ends on the crest of its wave and begins there: cut hard, the seam would be a step of twice the crest.
    pieces = [
        saved(tmp_path, f"{n}.wav", sine(seconds, hertz, rate, phase=math.pi / 2 * (-1) ** n))
        for n, seconds in enumerate(cuts)
    ]
    lengths = await joined(pieces, tmp_path / "joined.mp3")
    assert lengths == pytest.approx(list(cuts), abs=1 / rate)
    samples, told = heard(tmp_path / "joined.mp3")
    assert told == rate
    assert len(samples) == pytest.approx(sum(cuts) * rate, abs=2)
    own_step = 16_000 / 32_768 * 2 * math.pi * hertz / rate
    steps = [abs(after - before) for before, after in pairwise(samples)]
    assert max(steps[100:-100]) < own_step * 1.25
    for seam in (cuts[0], cuts[0] + cuts[1]):
        around = samples[round((seam - 0.02) * rate) : round((seam - 0.01) * rate)]
        beyond = samples[round((seam + 0.01) * rate) : round((seam + 0.02) * rate)]
        assert max(map(abs, around)) == pytest.approx(0.488, abs=0.05)
        assert max(map(abs, beyond)) == pytest.approx(0.488, abs=0.05)


@pytest.mark.parametrize("kind", KINDS)
async def test_no_padding_of_a_codec_is_left_at_the_seams(tmp_path: Path, kind: media.Sound) -> None:
    pieces = [saved(tmp_path, f"{n}", media.sound(kind, 1.0)) for n in range(3)]
    lengths = await joined(pieces, tmp_path / "joined.mp3")
    assert lengths == pytest.approx([1.0] * 3, abs=0.01)
    samples, rate = heard(tmp_path / "joined.mp3")
    assert len(samples) / rate == pytest.approx(sum(lengths), abs=0.001)
    quiet = longest_quiet(samples[rate // 2 : -rate // 2], 0.1)
    assert quiet / rate < 0.015


def longest_quiet(samples: list[float], level: float) -> int:
    longest = run = 0
    for sample in samples:
        run = run + 1 if abs(sample) < level else 0
        longest = max(longest, run)
    return longest


async def test_the_first_piece_decides_rate_and_channels(tmp_path: Path) -> None:
    first = saved(tmp_path, "a.wav", sine(0.5, 300, 22_050))
    others = [
        saved(tmp_path, "b.wav", sine(0.75, 300, 48_000, 2)),
        saved(tmp_path, "c.ogg", media.sound("ogg", 0.6)),
        saved(tmp_path, "d.wav", sine(0.003, 300, 8_000)),
    ]
    lengths = await joined([first, *others], tmp_path / "joined.mp3")
    assert lengths == pytest.approx([0.5, 0.75, 0.6, 0.003], abs=0.002)
    with cast("Any", av).open(tmp_path / "joined.mp3") as container:
        stream = container.streams.audio[0]
        assert (container.format.name, stream.rate, stream.channels) == ("mp3", 22_050, 1)


@pytest.mark.parametrize(("rate", "channels", "written"), [(8_000, 1, 8_000), (96_000, 2, 48_000)])
async def test_one_piece_is_a_conversion(tmp_path: Path, rate: int, channels: int, written: int) -> None:
    path = saved(tmp_path, "a.wav", sine(1.0, 300, rate, channels))
    (length,) = await joined([path], tmp_path / "b.mp3")
    assert length == pytest.approx(1.0, abs=0.001)
    found = await measured(tmp_path / "b.mp3", at_most_seconds=9.0)
    assert found.seconds == pytest.approx(1.0, abs=0.01)
    samples, told = heard(tmp_path / "b.mp3")
    assert told == written
    # No seam, no fade: it is loud from its first wave on.
    assert max(map(abs, samples[: told // 150])) > 0.3


async def test_a_target_that_cannot_be_written_is_an_error_in_words(tmp_path: Path) -> None:
    path = saved(tmp_path, "a.wav", sine(0.2, 300))
    with pytest.raises(Unavailable) as failed:
        await joined([path], tmp_path / "nowhere" / "b.mp3")
    assert "nowhere" not in str(failed.value)


def children() -> list[psutil.Process]:
    return psutil.Process(os.getpid()).children(recursive=True)


async def test_a_cancelled_call_leaves_no_process_and_no_file(tmp_path: Path) -> None:
    path = saved(tmp_path, "long.wav", media.wav(1800.0))
    before = children()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(joined, [path], tmp_path / "joined.mp3")
        while not list(tmp_path.glob("*.part")):
            await anyio.lowlevel.checkpoint()
        tasks.cancel_scope.cancel()
    assert children() == before
    assert [file.name for file in tmp_path.iterdir()] == ["long.wav"]


ASKING = """
import sys, anyio
from pathlib import Path
from soundstage.sound import joined
anyio.run(joined, [Path(sys.argv[1])], Path(sys.argv[2]))
"""


async def test_a_process_that_is_killed_takes_its_child_with_it(tmp_path: Path) -> None:
    path = saved(tmp_path, "long.wav", media.wav(1800.0))
    command = [sys.executable, "-c", ASKING, str(path), str(tmp_path / "joined.mp3")]
    async with await anyio.open_process(command) as asking:
        while not list(tmp_path.glob("*.part")):
            await anyio.lowlevel.checkpoint()
        family = psutil.Process(asking.pid).children(recursive=True)
        asking.kill()
    assert family
    assert psutil.wait_procs(family, timeout=20)[1] == []
