"""What is measured of a voice, and what is done to one, against sounds whose properties are known."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from hearing import decode
from soundstage.providers import local
from soundstage.providers.local.cloning.blend import blend, expected_pitch
from soundstage.providers.local.cloning.encoder import SpeakerEncoder
from soundstage.providers.local.cloning.pitch import median_pitch, pitch_of
from soundstage.providers.local.cloning.spectrum import difference, long_term_spectrum
from soundstage.providers.local.cloning.trial import CHECKING, FITTING, USUAL, Trial
from soundstage.providers.local.speech.kokoro_model import KokoroModel, KokoroProsody, read_style
from soundstage.providers.local.speech.timbre import BANDS, coloured

RATE = 24_000
Sound = NDArray[np.float32]


def vowel(hertz: float, seconds: float = 2.0) -> Sound:
    """A pulse train through one resonance at 900 Hz."""
    times = np.arange(int(seconds * RATE)) / RATE
    partials = np.arange(hertz, 6000, hertz)
    strengths = 1 / (1 + ((partials - 900) / 250) ** 2)
    return (0.1 * np.sin(2 * np.pi * partials[None, :] * times[:, None]) @ strengths).astype(np.float32)


@pytest.mark.parametrize("hertz", [65.0, 82.4, 110.0, 146.8, 220.0, 329.6, 480.0])
def test_pitch_is_found_to_a_twentieth_of_a_semitone(hertz: float) -> None:
    curve = pitch_of(vowel(hertz), RATE)
    assert len(curve) == 200
    assert abs(12 * np.log2(median_pitch(curve) / hertz)) < 0.05
    assert np.isfinite(curve[5:-5]).mean() > 0.95


@pytest.mark.parametrize("level", [0.0, 0.1])
def test_neither_silence_nor_noise_has_a_pitch(level: float) -> None:
    sound = np.random.default_rng(3).normal(0, level, 2 * RATE).astype(np.float32)
    assert np.isfinite(pitch_of(sound, RATE)).mean() < 0.02
    assert median_pitch(np.array([np.nan])) == 0.0


def test_a_rumble_has_no_high_pitch() -> None:
    noise = np.random.default_rng(5).normal(0, 1, 2 * RATE)
    spectrum = np.fft.rfft(noise)
    spectrum[np.fft.rfftfreq(noise.size, 1 / RATE) > 120] = 0
    rumble = np.fft.irfft(spectrum).astype(np.float32)
    assert (pitch_of(rumble / np.abs(rumble).max(), RATE) > 200).mean() < 0.02


def test_the_plan_of_a_phrase_is_the_pitch_that_is_spoken() -> None:
    style, symbols = read_style("bm_george"), "ðə lˈæst tɹˈAn hæz lˈɛft, nˈWbədi nˈOz wˈI."
    planned = KokoroProsody().voiced_pitch(style, symbols)
    spoken = KokoroModel().render(style, symbols, 1.0, 1.0).samples
    assert abs(12 * np.log2(np.median(planned) / median_pitch(pitch_of(spoken, RATE)))) < 1.0


def test_a_text_lies_as_high_as_its_plan_among_what_people_say() -> None:
    trial, mix = Trial(), {"af_heart": 0.5, "am_michael": 0.5}
    assert trial.above_usual(mix, USUAL) == 1.0
    assert abs(12 * np.log2(trial.above_usual(mix, FITTING))) < 1.0


def test_a_trial_tells_after_each_phrase_how_far_it_is() -> None:
    told: list[float] = []
    Trial(told.append).speak_by_default(CHECKING)
    assert len(told) >= 3
    assert told == sorted(set(told))
    assert 0 < told[0] < told[-1] < 0.5


@pytest.fixture(scope="session")
def bank() -> dict[str, NDArray[np.float32]]:
    """The embeddings of the stock voices."""
    with np.load(Path(local.__file__).parent / "models" / "kokoro_voice_embeddings.npz") as bank:
        return dict(zip(bank["names"].tolist(), bank["G"].astype(np.float32), strict=True))


def test_a_stock_voice_is_told_from_the_others(bank: dict[str, NDArray[np.float32]]) -> None:
    for name in list(bank)[::6]:
        hertz = expected_pitch({name: 1.0})
        mix = blend(bank[name], hertz)
        assert mix[name] > 0.9
        assert abs(sum(mix.values()) - 1) < 0.001
        assert abs(12 * np.log2(expected_pitch(mix) / hertz)) < 1.5


def test_the_encoder_knows_a_stock_voice_again(bank: dict[str, NDArray[np.float32]], sample: Path) -> None:
    heard = SpeakerEncoder().embedding(decode(sample, RATE), RATE)
    likeness = {name: float(heard @ embedding) for name, embedding in bank.items()}
    first, second = sorted(likeness, key=lambda name: -likeness[name])[:2]
    assert first == "am_michael"
    assert likeness[first] > max(0.9, likeness[second] + 0.05)


def test_the_equaliser_raises_what_it_is_told_to() -> None:
    noise = np.random.default_rng(4).normal(0, 0.1, 5 * RATE).astype(np.float32)
    gains = tuple(6.0 * np.sin(np.arange(BANDS) / 4))
    shaped = coloured(noise, 1.0, gains)
    assert shaped.shape == noise.shape
    told = difference(long_term_spectrum(shaped), long_term_spectrum(noise))
    assert np.abs(told - (np.array(gains) - np.mean(gains))).max() < 1.0


def test_without_a_colour_speech_stays_as_it_is() -> None:
    sound = vowel(120)
    assert coloured(sound, 1.0, ()) is sound
    assert np.abs(coloured(sound, 1.0, (1e-9,) * BANDS) - sound).max() < 1e-5


@pytest.mark.parametrize("warp", [0.9, 1.1])
def test_a_warp_moves_the_resonance_and_leaves_the_pitch(warp: float) -> None:
    sound = vowel(100)
    moved = coloured(sound, warp, ())
    assert moved.shape == sound.shape
    assert abs(12 * np.log2(median_pitch(pitch_of(moved, RATE)) / 100)) < 0.05

    def middle(samples: Sound) -> float:
        power = np.abs(np.fft.rfft(samples)) ** 2
        hertz = np.fft.rfftfreq(samples.size, 1 / RATE)
        near = (hertz > 300) & (hertz < 2000)
        return float((power[near] @ hertz[near]) / power[near].sum())

    assert middle(moved) / middle(sound) == pytest.approx(warp, abs=0.04)
