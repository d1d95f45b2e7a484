"""Speed and pitch, as they are measured on the audio."""

import numpy as np
import pytest

from hearing import decode, pitch_contour, semitones_between
from saying import Sayer
from soundstage.providers.local.jobs import Timings

TEXT = "Rain fell all morning over the long green valley."


def spoken_seconds(timings: Timings) -> float:
    return timings.words[-1].end - timings.words[0].start


@pytest.mark.parametrize(("voice", "speeds"), [("hibari", (0.5, 0.75, 1.5, 1.6, 2.0)), ("af_heart", (0.6, 2.0))])
def test_speed_divides_the_time_that_the_words_take(sayer: Sayer, voice: str, speeds: tuple[float, ...]) -> None:
    natural = spoken_seconds(sayer.say(TEXT, voice).timings)
    for speed in speeds:
        taken = spoken_seconds(sayer.say(TEXT, voice, speed=speed).timings)
        assert natural / taken == pytest.approx(speed, rel=0.06)


@pytest.mark.parametrize(("voice", "pitches"), [("hibari", (-6.0, -2.5, 6.0)), ("am_michael", (-6.0, 4.0))])
def test_pitch_moves_the_fundamental_by_semitones_and_leaves_the_rate(
    sayer: Sayer, voice: str, pitches: tuple[float, ...]
) -> None:
    natural = sayer.say(TEXT, voice)
    assert 80 < np.nanmedian(pitch_contour(decode(natural.audio))) < 260
    for semitones in pitches:
        moved = sayer.say(TEXT, voice, pitch=semitones)
        heard = semitones_between(decode(natural.audio), decode(moved.audio))
        assert heard == pytest.approx(semitones, abs=0.4)
        assert spoken_seconds(moved.timings) == pytest.approx(spoken_seconds(natural.timings), abs=0.05)


def test_stretched_speech_keeps_its_pitch(sayer: Sayer) -> None:
    slow, fast = (pitch_contour(decode(sayer.say(TEXT, speed=speed).audio)) for speed in (1.2, 2.0))
    assert 12 * np.log2(np.nanmedian(fast) / np.nanmedian(slow)) == pytest.approx(0, abs=0.5)
