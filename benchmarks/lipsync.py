"""How a talking portrait's mouth follows its sound, seen in the finished video: correlation and lag.

    python benchmarks/lipsync.py [portrait]

The opening of the mouth is tracked in the decoded frames and laid against two curves: what the phonemes ask for,
and the envelope of the sound. r is the highest correlation within 0.2 s either way, lag the milliseconds at which
it is reached; a mouth that runs before its sound has a negative one. Beside each stands what the same mouth
reaches against the curve shifted by every tenth of a second, mean and 95th percentile. A still picture is the
control. The rows are of the drawn host and of the portrait that is named.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.portraits import Filmer, Speech, spoken
from tests.watching import Curve, fit, loudness, mouth_openings, openness, shifted, write_still

SENTENCES = (
    "My father parked the car by the farm. Mama packed a bag of apples, maps and lamps.",
    "The quiet harbour woke before dawn. Two old fishermen argued about the weather, and laughed.",
    "Hello, I am your host. Ask me about the big map, and I will happily explain it.",
)


def main() -> None:
    """Print the table."""
    portraits: list[Path | None] = [None, *(Path(name) for name in sys.argv[1:])]
    with TemporaryDirectory() as name:
        folder = Path(name)
        filmer = Filmer(folder)
        speeches = [spoken(text, folder, f"speech-{number}") for number, text in enumerate(SENTENCES)]
        print(f"{'':40} {'phonemes':^29} {'envelope':^29}")
        print(f"{'':40}" + f" {'r':>5} {'lag ms':>7} {'shifted':>8} {'p95':>6}" * 2)
        for portrait in portraits:
            print(portrait.name if portrait else "the drawn host")
            for number, speech in enumerate(speeches):
                timed = filmer.film(speech.audio, portrait, timings_path=speech.timings).video
                by_ear = filmer.film(speech.audio, portrait).video
                still = folder / "still.mp4"
                write_still(timed, still)
                for kind, video in (("with timings", timed), ("sound alone", by_ear), ("still picture", still)):
                    print(f"  sentence {number + 1}, {kind:26}{row(mouth_openings(video), speech)}")


def row(mouth: Curve, speech: Speech) -> str:
    """The columns of one video."""
    return columns(mouth, openness(speech.phonemes), speech.seconds) + columns(
        mouth, loudness(speech.audio), speech.seconds
    )


def columns(mouth: Curve, wanted: Callable[[Curve], Curve], seconds: float) -> str:
    """How a mouth follows one curve, and the same curve of another moment."""
    best = fit(mouth, wanted)
    elsewhere = [fit(mouth, shifted(wanted, by, seconds)).r for by in np.arange(0.6, seconds - 0.6, 0.1)]
    return f" {best.r:5.2f} {1000 * best.lag:7.0f} {np.mean(elsewhere):8.2f} {np.percentile(elsewhere, 95):6.2f}"


if __name__ == "__main__":
    main()
