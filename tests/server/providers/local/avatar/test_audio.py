"""Every kind of sound that people have, and each that cannot drive a portrait, refused in words."""

import random
import wave
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

from portraits import Filmer, Speech, drawn_portrait, spoken
from soundstage.providers.local.avatar.render import animate
from soundstage.providers.local.jobs import AudioFormat, AvatarJob, EngineError
from watching import FPS, pictures, sound

Refused = Callable[[Path], EngineError]


def write_tone(path: Path, seconds: float, *, hertz: int = 16_000, channels: int = 1) -> None:
    """A tone that swells three times a second."""
    time = np.arange(round(seconds * hertz)) / hertz
    swell = 8000 * np.sin(np.pi * 3 * time) ** 2 * np.sin(2 * np.pi * 220 * time)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(hertz)
        file.writeframes(np.repeat(swell.astype("<i2"), channels).tobytes())


@pytest.fixture
def refused(tmp_path: Path, portrait: Path) -> Refused:
    """Tries to animate a sound in a folder of its own, and finds nothing made."""

    def tried(audio: Path) -> EngineError:
        out = tmp_path / "out"
        out.mkdir()
        with pytest.raises(EngineError) as caught:
            animate(AvatarJob(audio, out / "video.mp4", portrait), lambda _: None)
        assert not list(out.iterdir())
        error = caught.value
        assert error.message.endswith(".")
        assert error.next_step.endswith(".")
        return error

    return tried


@pytest.mark.parametrize("name", ["noise.mp3", "noise.wav", "noise"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_random_bytes(name: str, seed: int, refused: Refused, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(random.Random(seed).randbytes(60_000))
    assert refused(tmp_path / name).code == "audio_unreadable"


@pytest.mark.parametrize("content", [b"", b"RIFF", b"Dear reader,\n" * 500, b"#EXTM3U\n/etc/hostname\n"])
def test_no_sound_at_all(content: bytes, refused: Refused, tmp_path: Path) -> None:
    (tmp_path / "speech.mp3").write_bytes(content)
    error = refused(tmp_path / "speech.mp3")
    assert error.code == "audio_unreadable"
    assert "MP3" in error.next_step


@pytest.mark.parametrize("form", ["png", "jpeg", "gif", "webp"])
def test_a_picture_is_no_sound(form: str, refused: Refused, tmp_path: Path) -> None:
    drawn_portrait(96).save(tmp_path / f"portrait.{form}")
    assert refused(tmp_path / f"portrait.{form}").code == "audio_unreadable"


def test_missing(refused: Refused, tmp_path: Path) -> None:
    error = refused(tmp_path / "nowhere.wav")
    assert error.code == "audio_unreadable"
    assert "does not exist" in error.message


@pytest.mark.parametrize("seconds", [0.0, 0.05, 0.09])
def test_too_short(seconds: float, refused: Refused, tmp_path: Path) -> None:
    write_tone(tmp_path / "click.wav", seconds)
    error = refused(tmp_path / "click.wav")
    assert error.code == "audio_too_short"
    assert "0.1" in error.message


def test_as_short_as_allowed(filmer: Filmer, tmp_path: Path) -> None:
    write_tone(tmp_path / "click.wav", 0.1)
    clip = filmer.film(tmp_path / "click.wav")
    assert clip.outcome.duration_seconds == pytest.approx(0.1, abs=0.001)
    assert sum(1 for _ in pictures(clip.video)) == 3


def test_eleven_minutes_are_told_by_the_header(refused: Refused, tmp_path: Path) -> None:
    """The file says eleven minutes and holds no sound: whoever decoded it would find it too short."""
    rate, samples = 8_000, 660 * 8_000
    info = (4096).to_bytes(2) * 2 + bytes(6) + (rate << 44 | 15 << 36 | samples).to_bytes(8) + bytes(16)
    (tmp_path / "long.flac").write_bytes(b"fLaC\x80" + len(info).to_bytes(3) + info)
    error = refused(tmp_path / "long.flac")
    assert error.code == "audio_too_long"
    assert "660" in error.message
    assert "600" in error.message


@pytest.mark.parametrize("form", ["mp3", "ogg", "flac", "m4a"])
def test_formats(form: AudioFormat, filmer: Filmer, portrait: Path, tmp_path: Path) -> None:
    speech = spoken("Map.", tmp_path, "word", form)
    clip = filmer.film(speech.audio, portrait, timings_path=speech.timings)
    assert clip.outcome.warnings == ()
    assert clip.outcome.duration_seconds == pytest.approx(speech.seconds, abs=0.06)
    assert sum(1 for _ in pictures(clip.video)) / FPS == pytest.approx(speech.seconds, abs=0.1)


def test_a_title_in_an_unknown_encoding_does_no_harm(filmer: Filmer, portrait: Path, tmp_path: Path) -> None:
    tagged = tmp_path / "tagged.wav"
    write_tone(tagged, 0.5)
    title = b"INAM" + (6).to_bytes(4, "little") + b"Caf\xe9\xff\x00"
    tags = b"LIST" + (4 + len(title)).to_bytes(4, "little") + b"INFO" + title
    plain = tagged.read_bytes()
    tagged.write_bytes(plain[:4] + (len(plain) - 8 + len(tags)).to_bytes(4, "little") + plain[8:] + tags)
    assert filmer.film(tagged, portrait).outcome.duration_seconds == pytest.approx(0.5, abs=0.001)


def test_stereo_stays_stereo(filmer: Filmer, portrait: Path, tmp_path: Path) -> None:
    write_tone(tmp_path / "stereo.wav", 0.5, hertz=44_100, channels=2)
    clip = filmer.film(tmp_path / "stereo.wav", portrait)
    with av.open(clip.video) as container:
        assert container.streams.audio[0].codec_context.channels == 2
    assert sound(clip.video, 48_000).size / 48_000 == pytest.approx(0.5, abs=1 / FPS)


def test_a_video_lends_its_sound(filmer: Filmer, word: Speech, portrait: Path) -> None:
    first = filmer.film(word.audio, portrait)
    again = filmer.film(first.video, portrait)
    assert again.outcome.duration_seconds == pytest.approx(first.outcome.duration_seconds, abs=0.06)


@pytest.mark.parametrize("form", ["wav", "mp3", "flac"])
def test_a_cut_file_speaks_as_far_as_it_goes(
    form: AudioFormat, filmer: Filmer, portrait: Path, tmp_path: Path
) -> None:
    speech = spoken("Nobody knows what the weather may bring.", tmp_path, "speech", form)
    whole = speech.audio.read_bytes()
    speech.audio.write_bytes(whole[: len(whole) // 2])
    clip = filmer.film(speech.audio, portrait)
    assert 0.2 * speech.seconds < clip.outcome.duration_seconds < 0.7 * speech.seconds
    shown = sum(1 for _ in pictures(clip.video)) / FPS
    assert shown == pytest.approx(clip.outcome.duration_seconds, abs=1 / FPS)
    (warning,) = clip.outcome.warnings
    assert "damaged or cut short" in warning
    assert f"{speech.seconds:.1f}" in warning


def test_a_cut_m4a_has_lost_its_index(refused: Refused, tmp_path: Path) -> None:
    speech = spoken("Map.", tmp_path, "word", "m4a")
    whole = speech.audio.read_bytes()
    speech.audio.write_bytes(whole[: len(whole) // 2])
    assert refused(speech.audio).code == "audio_unreadable"


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_damage_in_the_middle_costs_what_was_hit(
    seed: int, filmer: Filmer, portrait: Path, tmp_path: Path
) -> None:
    speech = spoken("Nobody knows what the weather may bring.", tmp_path, "speech", "mp3")
    content = bytearray(speech.audio.read_bytes())
    third = len(content) // 3
    content[third : 2 * third] = random.Random(seed).randbytes(third)
    speech.audio.write_bytes(content)
    clip = filmer.film(speech.audio, portrait)
    assert 0.5 * speech.seconds < clip.outcome.duration_seconds <= speech.seconds + 0.1
    shown = sum(1 for _ in pictures(clip.video)) / FPS
    heard = sound(clip.video, 48_000).size / 48_000
    assert shown == pytest.approx(heard, abs=2 / FPS)
    assert any("damaged" in warning for warning in clip.outcome.warnings)


def test_a_scrambled_body_is_corrupt(refused: Refused, tmp_path: Path) -> None:
    speech = spoken("Map.", tmp_path, "word", "flac")
    content = bytearray(speech.audio.read_bytes())
    content[8192:] = random.Random(1).randbytes(len(content) - 8192)
    speech.audio.write_bytes(content)
    assert refused(speech.audio).code == "audio_corrupt"


def test_timings_that_cannot_be_read_are_done_without(
    filmer: Filmer, word: Speech, portrait: Path, tmp_path: Path
) -> None:
    (tmp_path / "timings.json").write_text('{"phonemes": "none"}')
    clip = filmer.film(word.audio, portrait, timings_path=tmp_path / "timings.json")
    (warning,) = clip.outcome.warnings
    assert "timings could not be read" in warning


def test_timings_of_words_alone_are_no_damage(
    filmer: Filmer, word: Speech, portrait: Path, tmp_path: Path
) -> None:
    (tmp_path / "timings.json").write_text('{"words": [{"word": "Map", "start": 0, "end": 0.4}], "phonemes": []}')
    assert filmer.film(word.audio, portrait, timings_path=tmp_path / "timings.json").outcome.warnings == ()


def test_silence_keeps_the_mouth_still(filmer: Filmer, portrait: Path, tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "silence.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(bytes(2 * 16_000))
    clip = filmer.film(tmp_path / "silence.wav", portrait, head_motion=0.0)
    frames = [picture.astype(np.int16) for picture in pictures(clip.video)]
    assert len(frames) == 25
    assert np.abs(frames[-1] - frames[0]).max() <= 40
