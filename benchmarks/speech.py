"""The local voices measured side by side: time and processor per second of speech, memory, and what is misheard.

    python benchmarks/speech.py [--quick]

The word errors need the `listen` extra; without it that column stays empty.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from soundstage.providers.local.jobs import SpeechJob
from soundstage.providers.local.speech.synthesis import Speaker

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

VOICES = ("hibari", "af_heart")
TEXT = (
    "The birch canoe slid on the smooth planks. Glue the sheet to the dark blue background. It's easy to tell the "
    "depth of a well. These days a chicken leg is a rare dish. Rice is often served in round bowls. The juice of "
    "lemons makes fine punch. The box was thrown beside the parked truck. Your video is ready, and the link to it "
    "works for one more day. Please choose a voice before you start the next job, or we will use the first one. "
    "We couldn't read the picture that you sent, so nothing has been charged to your account."
)
LONG_CHARACTERS = 5000


def measure(voice: str, characters: int) -> dict[str, float]:
    """Speak once to load and once to measure: seconds until ready, then wall and processor seconds per second of
    speech, and the peak memory of the process in MB."""
    speaker = Speaker()
    text = " ".join([TEXT] * (characters // len(TEXT) + 1))[:characters]
    with TemporaryDirectory() as folder:
        job = SpeechJob(text, voice, Path(folder, "speech.mp3"), Path(folder, "speech.json"))
        started = time.perf_counter()
        speaker.speak(SpeechJob("Ready.", voice, job.audio_path, job.timings_path), lambda _: None)
        loaded, wall, cpu = time.perf_counter() - started, time.perf_counter(), time.process_time()
        seconds = speaker.speak(job, lambda _: None).duration_seconds
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        misheard = share_misheard(job.audio_path, text) if characters == len(TEXT) else float("nan")
    return {
        "ready": loaded,
        "speech": seconds,
        "wall": wall / seconds,
        "cpu": cpu / seconds,
        "peak": peak,
        "misheard": 100 * misheard,
    }


def share_misheard(audio: Path, text: str) -> float:
    """The word error rate of the recogniser that the tests use; not a number if it is not installed."""
    if find_spec("faster_whisper") is None:
        return float("nan")
    sys.path.append(str(Path(__file__).parents[1] / "tests"))
    hearing: Any = import_module("hearing")
    expected = hearing.words_of(text)
    return hearing.word_errors(expected, hearing.words_of(hearing.transcribe(audio, "en"))) / len(expected)


def measure_apart(voice: str, characters: int) -> dict[str, float]:
    """The same in a process of its own."""
    command = [sys.executable, __file__, "--measure", voice, str(characters)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main() -> None:
    """Print the table, or one measurement for it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="leave out the text of 5,000 characters")
    parser.add_argument("--measure", nargs=2, metavar=("VOICE", "CHARACTERS"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        voice, characters = options.measure
        print(json.dumps(measure(voice, int(characters))))
        return
    print("voice      chars  speech s  wall s/s  cpu s/s  ready s  peak MB  WER %")
    for characters in (len(TEXT),) if options.quick else (len(TEXT), LONG_CHARACTERS):
        for voice in VOICES:
            row = measure_apart(voice, characters)
            print(
                f"{voice:<10}{characters:>6}{row['speech']:>10.1f}{row['wall']:>10.3f}{row['cpu']:>9.3f}"
                f"{row['ready']:>9.2f}{row['peak']:>9.0f}{row['misheard']:>7.1f}"
            )


if __name__ == "__main__":
    main()
