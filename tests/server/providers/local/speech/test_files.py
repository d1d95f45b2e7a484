"""The files of a speech job: formats, lengths, loudness, and nothing left behind when it fails."""

from pathlib import Path

import av
import numpy as np
import pytest

from hearing import active_level, decode
from saying import Sayer
from soundstage.providers.local.jobs import AudioFormat, EngineError

TEXT = "Good evening. Your order of three books comes to $42.50, and it ships at 3:30."


@pytest.mark.parametrize(
    ("audio_format", "codec", "hertz"),
    [
        ("mp3", "mp3float", 24_000),
        ("wav", "pcm_s16le", 24_000),
        ("ogg", "opus", 48_000),
        ("flac", "flac", 24_000),
        ("m4a", "aac", 24_000),
    ],
)
def test_each_format_decodes_to_the_length_that_is_told(
    sayer: Sayer, audio_format: AudioFormat, codec: str, hertz: int
) -> None:
    said = sayer.say(TEXT, format=audio_format)
    with av.open(said.audio) as container:
        context = container.streams.audio[0].codec_context
        assert (context.name, context.sample_rate, context.layout.nb_channels) == (codec, hertz, 1)
    padding = 2048 / 24_000 if audio_format == "m4a" else 0.01
    assert len(decode(said.audio)) / 24_000 == pytest.approx(said.outcome.duration_seconds, abs=padding)


@pytest.mark.parametrize("audio_format", ["mp3", "ogg", "m4a"])
def test_a_lossy_file_starts_when_the_lossless_one_does(sayer: Sayer, audio_format: AudioFormat) -> None:
    exact, lossy = decode(sayer.say(TEXT).audio), decode(sayer.say(TEXT, format=audio_format).audio)
    heard = exact[4800:52_800]
    shifts = range(-2400, 2401, 24)
    likeness = [float(heard @ lossy[4800 + shift : 52_800 + shift]) for shift in shifts]
    assert abs(shifts[int(np.argmax(likeness))]) <= 24


def test_the_same_job_gives_the_same_samples(sayer: Sayer) -> None:
    assert np.array_equal(decode(sayer.say(TEXT).audio), decode(sayer.say(TEXT).audio))


def test_speech_is_at_minus_20_dbfs_and_volume_scales_it(sayer: Sayer) -> None:
    levels = {volume: active_level(decode(sayer.say(TEXT, volume=volume).audio)) for volume in (0.5, 1.0, 2.0)}
    assert levels[1.0] == pytest.approx(-20, abs=0.5)
    assert levels[0.5] - levels[1.0] == pytest.approx(20 * np.log10(0.5), abs=0.1)
    assert levels[2.0] - levels[1.0] == pytest.approx(20 * np.log10(2), abs=0.3)


def test_no_volume_is_silence_and_the_most_does_not_clip(sayer: Sayer) -> None:
    assert not decode(sayer.say("Hello there.", volume=0.0).audio).any()
    assert np.abs(decode(sayer.say(TEXT, volume=2.0).audio)).max() < 0.99


def test_sentences_are_joined_without_a_click(sayer: Sayer) -> None:
    said = sayer.say("It works. The box was late! Was it? Yes.\n\nPack the box; send it today.")
    samples = decode(said.audio)
    silent = np.concatenate(([False], samples == 0, [False]))
    edges = np.flatnonzero(np.diff(silent.astype(np.int8)))
    runs = edges.reshape(-1, 2)
    pauses = runs[(runs[:, 1] - runs[:, 0]) > 2400]
    assert len(pauses) == 5
    for start, end in pauses:
        around = np.concatenate((samples[max(start - 240, 0) : start], samples[end : end + 240]))
        assert np.abs(np.diff(around)).max() < 0.005


def test_a_paragraph_pauses_longer_than_a_sentence(sayer: Sayer) -> None:
    sentence, paragraph = (
        max(phoneme.end - phoneme.start for phoneme in sayer.say(text).timings.phonemes if not phoneme.phoneme)
        for text in ("We are open. Come in.", "We are open.\n\nCome in.")
    )
    assert 0.3 < sentence < 0.6 < paragraph < 1


def test_progress_rises_to_one_at_the_very_end(sayer: Sayer) -> None:
    reports = sayer.say(" ".join([TEXT] * 5)).reports
    assert len(reports) > 10
    assert reports == sorted(reports)
    assert reports[0] >= 0
    assert [share for share in reports if share >= 1] == [1.0] == reports[-1:]


def test_nothing_is_left_when_a_job_fails_halfway(sayer: Sayer, tmp_path: Path) -> None:
    class Stopped(Exception):
        pass

    def stop(share: float) -> None:
        if share > 0.95:
            raise Stopped

    job = sayer.job(" ".join([TEXT] * 5), format="mp3")
    before = set(sayer.folder.iterdir())
    with pytest.raises(Stopped):
        sayer.run(job, stop)
    assert set(sayer.folder.iterdir()) == before


def test_a_folder_that_is_not_there_is_told(sayer: Sayer) -> None:
    job = sayer.job("Hello there.")
    nowhere = sayer.folder / "nowhere"
    lost = type(job)(job.text, job.voice, nowhere / "a.wav", nowhere / "a.json", format="wav")
    with pytest.raises(EngineError) as refusal:
        sayer.run(lost, list[float]().append)
    assert refusal.value.code == "audio_not_written"
    assert not nowhere.exists()


def test_a_long_text_is_spoken_to_its_end(sayer: Sayer) -> None:
    text = " ".join([TEXT] * 65)[:5000]
    said = sayer.say(text, format="ogg")
    assert len(said.timings.words) == len([word for word in text.split() if word])
    assert said.outcome.duration_seconds == pytest.approx(len(text) / 13.5, rel=0.25)
