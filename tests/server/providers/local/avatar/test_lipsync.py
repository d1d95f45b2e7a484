"""The mouth in the finished video against the sound it was made from, seen by a tracker of our own."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from portraits import Clip, Filmer, Speech
from watching import FPS, Curve, bilabials, fit, loudness, mouth_openings, openness, shifted, write_still


@dataclass(frozen=True, slots=True)
class Seen:
    """A video and the mouth in it."""

    clip: Clip
    mouth: Curve


def see(clip: Clip) -> Seen:
    return Seen(clip, mouth_openings(clip.video))


@pytest.fixture(scope="module")
def host_timed(filmer: Filmer, speech: Speech) -> Seen:
    return see(filmer.film(speech.audio, timings_path=speech.timings))


@pytest.fixture(scope="module")
def host_by_ear(filmer: Filmer, speech: Speech) -> Seen:
    return see(filmer.film(speech.audio))


@pytest.fixture(scope="module")
def drawn_timed(filmer: Filmer, speech: Speech, portrait: Path) -> Seen:
    return see(filmer.film(speech.audio, portrait, timings_path=speech.timings))


@pytest.fixture(params=["host_timed", "drawn_timed"])
def timed(request: pytest.FixtureRequest) -> Seen:
    return request.getfixturevalue(request.param)


@pytest.fixture(params=["host_timed", "drawn_timed", "host_by_ear"])
def seen(request: pytest.FixtureRequest) -> Seen:
    return request.getfixturevalue(request.param)


def test_mouth_follows_the_phonemes(timed: Seen, speech: Speech) -> None:
    assert fit(timed.mouth, openness(speech.phonemes)).r >= 0.85


def test_mouth_follows_the_sound_alone(host_by_ear: Seen, speech: Speech) -> None:
    assert fit(host_by_ear.mouth, openness(speech.phonemes)).r >= 0.6
    assert fit(host_by_ear.mouth, loudness(speech.audio)).r >= 0.6


def test_mouth_keeps_time(seen: Seen, speech: Speech) -> None:
    assert abs(fit(seen.mouth, openness(speech.phonemes)).lag) <= 0.08


def test_mouth_fits_no_other_moment(seen: Seen, speech: Speech) -> None:
    wanted = openness(speech.phonemes)
    elsewhere = [
        fit(seen.mouth, shifted(wanted, seconds, speech.seconds)).r
        for seconds in np.arange(0.6, speech.seconds - 0.6, 0.1)
    ]
    assert np.percentile(elsewhere, 95) < fit(seen.mouth, wanted).r - 0.2
    assert np.mean(elsewhere) < 0.3


def test_lips_meet_on_every_bilabial(timed: Seen, speech: Speech) -> None:
    mouth = timed.mouth
    low, high = mouth.min(), np.percentile(mouth, 95)
    said = bilabials(speech.phonemes)
    assert len(said) >= 8
    for seconds in said:
        frame = round(seconds * FPS - 0.5)
        assert mouth[max(frame - 2, 0) : frame + 2].min() < low + 0.15 * (high - low)


def test_mouth_closes_in_the_pause(timed: Seen, speech: Speech) -> None:
    low, high = timed.mouth.min(), np.percentile(timed.mouth, 95)
    pauses = [p for p in speech.phonemes if not p.phoneme and p.end - p.start > 0.2]
    assert pauses
    for pause in pauses:
        frame = int((pause.start + pause.end) / 2 * FPS)
        assert timed.mouth[min(frame, timed.mouth.size - 1)] < low + 0.3 * (high - low)


def test_a_still_picture_does_not_speak(host_timed: Seen, speech: Speech, tmp_path: Path) -> None:
    still = tmp_path / "still.mp4"
    write_still(host_timed.clip.video, still)
    assert fit(mouth_openings(still), openness(speech.phonemes)).r < 0.2


@pytest.mark.parametrize("image", ["host", "drawn"])
def test_expressiveness_opens_the_mouth(image: str, filmer: Filmer, word: Speech, portrait: Path) -> None:
    def widest(expressiveness: float) -> float:
        clip = filmer.film(
            word.audio,
            None if image == "host" else portrait,
            timings_path=word.timings,
            expressiveness=expressiveness,
        )
        return float(mouth_openings(clip.video).max())

    calm, normal, lively = (widest(expressiveness) for expressiveness in (0.5, 1.0, 1.5))
    assert calm * 1.2 < normal
    assert normal * 1.1 < lively
