"""Samples that no voice is learnt from, each with its reason, and those that are with a word of warning."""

import io
import wave
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from clones import Home, clone, write_channels
from emulators import media
from facts import refusal
from soundstage.providers.local.cloning.encoder import SpeakerEncoder
from soundstage.providers.local.cloning.sample import read_sample
from soundstage.providers.local.cloning.screening import screen
from soundstage.providers.local.jobs import AudioFormat, EngineError
from soundstage.providers.local.speech.encoding import open_encoder

Sound = NDArray[np.float32]
RATE = 24_000
TIMES = np.arange(12 * RATE) / RATE


def write(path: Path, sound: Sound) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes())


def noise(level: float = 0.1) -> Sound:
    return np.random.default_rng(1).normal(0, level, TIMES.size).astype(np.float32)


def chord(hertz: Sequence[float], times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Tones of seven partials each."""
    partials = np.outer(hertz, np.arange(1, 8)).ravel()
    strengths = np.tile(1 / np.arange(1, 8), len(hertz))
    return np.sin(2 * np.pi * np.outer(times, partials)) @ strengths


def hum() -> Sound:
    return (0.1 * chord([120.0], TIMES)).astype(np.float32)


def tune() -> Sound:
    """Chords of decaying strings."""
    times = np.arange(RATE // 2) / RATE
    roots = 110 * 2 ** (np.random.default_rng(2).choice([0, 2, 4, 5, 7, 9, 11, 12], 24) / 12)
    strings = [chord([root, root * 5 / 4, root * 3 / 2], times) for root in roots]
    return np.concatenate([0.05 * np.exp(-3 * times) * string for string in strings]).astype(np.float32)


def drums() -> Sound:
    return (noise(0.3) * np.exp(-(TIMES % 0.25) * 30)).astype(np.float32)


def webm() -> bytes:
    """A tone of 12 s."""
    buffer = io.BytesIO()
    library = cast("Any", av)
    with library.open(io.BytesIO(media.wav(12.0))) as source, library.open(buffer, "w", format="webm") as target:
        stream = target.add_stream("libopus", rate=48_000)
        for frame in source.decode(audio=0):
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
    return buffer.getvalue()


def silence(_spoken: Sound, _other: Sound) -> Sound:
    return np.zeros(12 * RATE, np.float32)


def hiss(_spoken: Sound, _other: Sound) -> Sound:
    return noise()


def beats(_spoken: Sound, _other: Sound) -> Sound:
    return drums()


def tone(_spoken: Sound, _other: Sound) -> Sound:
    return hum()


def music(_spoken: Sound, _other: Sound) -> Sound:
    return tune()


def little(spoken: Sound, _other: Sound) -> Sound:
    return np.concatenate([spoken[: 3 * RATE], np.zeros(12 * RATE, np.float32)])


def both(spoken: Sound, other: Sound) -> Sound:
    return np.concatenate([spoken[: 8 * RATE], other[: 8 * RATE]])


REFUSED = [
    ("sample_silent", "silence", silence),
    ("sample_noise", "noise", hiss),
    ("sample_noise", "noise", beats),
    ("sample_tone", "tone", tone),
    ("sample_music", "music", music),
    ("sample_little_speech", "s of speech", little),
    ("sample_several_speakers", "several speakers", both),
]


@pytest.mark.parametrize(("code", "words", "make"), REFUSED)
def test_what_is_not_one_person_speaking_is_refused(
    encoder: SpeakerEncoder,
    spoken: Sound,
    other: Sound,
    code: str,
    words: str,
    make: Callable[[Sound, Sound], Sound],
) -> None:
    with pytest.raises(EngineError) as refused:
        screen(make(spoken, other), encoder)
    assert refused.value.code == code
    assert words in refused.value.message
    assert "one person" in refused.value.next_step


async def test_a_refusal_is_told_by_the_generation_and_leaves_nothing(tmp_path: Path) -> None:
    home = Home(tmp_path)
    write(home.workspace / "tune.wav", tune())
    async with home.served() as client:
        ended = await clone(client, "tune.wav")
    assert (ended["status"], ended["charged"]) == ("failed", "no")
    assert ended["error"]["code"] == "sample_music"
    assert "voice_id" not in ended
    assert home.names() == []
    assert list(home.work.iterdir()) == []
    assert list(home.inputs.iterdir()) == []


async def test_a_sample_with_values_that_are_no_numbers_is_damaged(tmp_path: Path, spoken: Sound) -> None:
    home = Home(tmp_path)
    spoilt = spoken.copy()
    spoilt[RATE] = np.nan
    write_channels(home.workspace / "spoilt.wav", spoilt[:, None])
    async with home.served() as client:
        ended = await clone(client, "spoilt.wav")
    assert (ended["status"], ended["error"]["code"]) == ("failed", "sample_damaged")
    assert "no numbers" in ended["error"]["message"]


async def test_channels_that_cannot_be_mixed_are_named(tmp_path: Path, spoken: Sound) -> None:
    home = Home(tmp_path)
    write_channels(home.workspace / "many.wav", np.repeat(spoken[::3, None], 9, axis=1), RATE // 3)
    async with home.served() as client:
        ended = await clone(client, "many.wav")
    assert (ended["status"], ended["error"]["code"]) == ("failed", "sample_channels")
    assert "9 channels" in ended["error"]["message"]
    assert "mono or stereo" in ended["error"]["next_step"]


def test_of_channels_that_cancel_each_other_out_the_loudest_is_heard(tmp_path: Path, spoken: Sound) -> None:
    write_channels(tmp_path / "apart.wav", np.stack([spoken, -spoken], axis=1))
    assert np.abs(read_sample(tmp_path / "apart.wav") - spoken).max() < 1e-3


def test_a_hum_after_the_speech_that_nobody_hears_is_no_music(encoder: SpeakerEncoder, spoken: Sound) -> None:
    times = np.arange(40 * RATE) / RATE
    hum = float(np.abs(spoken).max()) * 10 ** (-50 / 20) * np.sin(2 * np.pi * 100 * times)
    screened = screen(np.concatenate([spoken, hum]).astype(np.float32), encoder)
    assert len(screened.speech) == pytest.approx(len(screen(spoken, encoder).speech), abs=0.5 * RATE)


def clipped(spoken: Sound) -> Sound:
    return np.clip(spoken * 4 / np.abs(spoken).max(), -1, 1).astype(np.float32)


def quiet(spoken: Sound) -> Sound:
    return spoken * np.float32(0.01)


def noisy(spoken: Sound) -> Sound:
    level = float(np.sqrt((spoken**2).mean()))
    return spoken + np.resize(noise(level / 2), spoken.size)


@pytest.mark.parametrize(("words", "spoil"), [("clipped", clipped), ("very quiet", quiet), ("much noise", noisy)])
def test_a_poor_recording_is_learnt_from_with_a_warning(
    encoder: SpeakerEncoder, spoken: Sound, words: str, spoil: Callable[[Sound], Sound]
) -> None:
    [warning] = screen(spoil(spoken), encoder).warnings
    assert words in warning


def test_good_speech_is_taken_without_a_word(encoder: SpeakerEncoder, spoken: Sound, other: Sound) -> None:
    for speech in (spoken, other):
        screened = screen(speech, encoder)
        assert screened.warnings == ()
        assert 0.4 < len(screened.speech) / len(speech) < 0.95
        assert len(screened.pitch) * RATE // 100 == len(screened.speech)


@pytest.mark.parametrize(
    ("name", "content", "code", "words"),
    [
        ("short.wav", media.wav(9.5), "sample_length: ", "9.5 s; the local engine takes 10 seconds to 5 minutes"),
        ("long.mp3", media.sound("mp3", 302.0), "sample_length: ", "more than 5 minutes"),
        ("large.wav", media.wav(340.0), "sample_too_large: ", "at most 10 MB"),
        ("voice.webm", webm(), "sample_format: ", "webm"),
        ("cut.flac", media.sound("flac", 30.0)[:-20_000], "media_damaged: ", "audio"),
        ("words.wav", b"These are no sounds.", "media_type_not_accepted: ", "audio"),
    ],
    ids=["short", "long", "large", "webm", "cut", "words"],
)
async def test_a_file_that_is_no_sample_is_refused_at_the_call(
    tmp_path: Path, name: str, content: bytes, code: str, words: str
) -> None:
    home = Home(tmp_path)
    (home.workspace / name).write_bytes(content)
    async with home.served() as client:
        said = await refusal(client, "clone_voice", audio=name, provider="local", name="Me", consent=True)
    assert said.startswith(code)
    assert words in said
    assert list(home.inputs.glob("*")) == []


@pytest.mark.parametrize("form", ["mp3", "ogg", "flac", "m4a"])
def test_every_format_is_read_alike(
    tmp_path: Path, encoder: SpeakerEncoder, spoken: Sound, form: AudioFormat
) -> None:
    with open_encoder(tmp_path / f"sample.{form}", form) as file:
        file.write(spoken)
    read = read_sample(tmp_path / f"sample.{form}")
    assert abs(len(read) - len(spoken)) < 0.1 * RATE
    assert float(encoder.embedding(read, RATE) @ encoder.embedding(spoken, RATE)) > 0.97
