"""The talking portrait measured against its own encoder: processor time per frame, and memory.

    python benchmarks/avatar.py [--quick]

Each row renders some ten seconds of speech in a process of its own; then another process encodes the very frames
that went into the encoder, with the same settings and nothing else. CPU ms a frame count all threads: `render` is
the job from picture and sound to the finished file, of which `start` passes before the first frame; `x264` is the
encoding alone, `process` the job with its imports.
Medians of the rounds. The peak RSS is of a process that renders the speech once, and of one that renders ten
minutes of it; `--quick` takes one round and leaves the ten minutes out.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
import wave
from dataclasses import asdict, replace
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from PIL import Image

from soundstage.providers.local.avatar.arrays import U8
from soundstage.providers.local.avatar.faces import FaceFinder
from soundstage.providers.local.avatar.framing import frame_size
from soundstage.providers.local.avatar.host import drawn_host
from soundstage.providers.local.avatar.mouth import frame_count
from soundstage.providers.local.avatar.mux import Mp4Writer
from soundstage.providers.local.avatar.render import animate
from soundstage.providers.local.jobs import AspectRatio, AvatarJob, Resolution, SpeechJob

ROUNDS = 3
LONG_SECONDS = 600
LONG_AUDIO, LONG_TIMINGS, CLOSE_UP = "long.wav", "long.json", "close-up.png"
PREPARATIONS = 2
"""The report of a job after which only frames are drawn."""
TEXT = (
    "The harbour wakes before dawn. Old fishermen argue about the weather while their boats warm up, and "
    "somewhere above the roofs a window opens. Nobody hurries, for the tide will wait another hour."
)
SCENES: tuple[tuple[str, AspectRatio, Resolution, bool], ...] = (
    ("16:9 540p", "16:9", "540p", False),
    ("16:9 720p", "16:9", "720p", False),
    ("9:16 720p close-up", "9:16", "720p", True),
)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one round, and no ten minutes")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        print(json.dumps(work(**json.loads(arguments.child))))
        return
    with TemporaryDirectory() as folder:
        measure(Path(folder), 1 if arguments.quick else ROUNDS, long=not arguments.quick)


def measure(folder: Path, rounds: int, *, long: bool) -> None:
    """Render and encode each scene, then render once more for memory."""
    # A child's peak RSS is never told as less than its parent's size: what is heavy is left to children.
    job = AvatarJob(folder / "speech.wav", folder / "video.mp4", None, folder / "speech.json", "16:9", "720p")
    child("prepare", job)
    print(f"rounds: {rounds}")
    print("                     head  process   render     x264  ratio  start s  wall fps  RSS MB")
    for name, aspect_ratio, resolution, close in SCENES:
        for head_motion in (1.0, 0.0):
            scene = replace(
                job,
                image_path=folder / CLOSE_UP if close else None,
                aspect_ratio=aspect_ratio,
                resolution=resolution,
                head_motion=head_motion,
            )
            child("capture", scene)
            runs = [(child("render", scene), child("encode", scene)) for _ in range(rounds)]
            middle = {key: statistics.median(run[0][key] for run in runs) for key in runs[0][0]}
            x264 = statistics.median(run[1]["cpu"] for run in runs)
            ratio = statistics.median(run[0]["cpu"] / run[1]["cpu"] for run in runs)
            print(
                f"{name:20} {head_motion:4.0f} {middle['process']:8.2f} {middle['cpu']:8.2f} {x264:8.2f} "
                f"{ratio:6.2f} {middle['start']:8.2f} {middle['fps']:9.1f} {middle['rss']:7.0f}"
            )
    print(f"\n{'16:9 720p':20} {'audio s':>8} {'RSS MB':>7} {'wall s':>7}")
    again = replace(job, audio_path=folder / LONG_AUDIO, timings_path=folder / LONG_TIMINGS)
    jobs = [job, again] if long else [job]
    for each in jobs:
        run = child("render", each)
        frames = run["frames"]
        print(f"{'':20} {frames / 25:8.1f} {run['rss']:7.0f} {frames / run['fps']:7.1f}")


def child(kind: str, job: AvatarJob) -> dict[str, float]:
    """One piece of work in a fresh process, with what its end tells: `process` CPU ms a frame, `rss` in MB."""
    fields = {name: str(value) if isinstance(value, Path) else value for name, value in asdict(job).items()}
    order = json.dumps({"kind": kind, "fields": fields})
    process = subprocess.Popen([sys.executable, __file__, "--child", order], stdout=subprocess.PIPE)
    assert process.stdout
    told: dict[str, float] = json.loads(process.stdout.read())
    process.stdout.close()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    cpu = usage.ru_utime + usage.ru_stime
    return {**told, "process": 1000 * cpu / told["frames"], "rss": usage.ru_maxrss / 1024}


def work(kind: str, fields: dict[str, Any]) -> dict[str, float]:
    """The child's side: `cpu` in ms a frame, `fps` in frames per second, and `start`, the CPU seconds within `cpu`
    that go by before the first frame is drawn."""
    typed: dict[str, Any] = {name: Path(v) if name.endswith("_path") and v else v for name, v in fields.items()}
    job = AvatarJob(**typed)
    raw = job.video_path.with_suffix(".raw")
    marks: list[float] = []

    def mark(_: float) -> None:
        marks.append(time.process_time())

    if kind == "prepare":
        prepare(job)
        return {"frames": 1}
    wall, cpu = time.perf_counter(), time.process_time()
    if kind == "encode":
        frames = encode(job, raw)
    elif kind == "capture":
        frames = capture(job, raw)
    else:
        frames = frame_count(animate(job, mark).duration_seconds)
    wall, spent = time.perf_counter() - wall, time.process_time() - cpu
    start = marks[PREPARATIONS] - cpu if marks else 0.0
    return {"frames": frames, "cpu": 1000 * spent / frames, "fps": frames / wall, "start": start}


def capture(job: AvatarJob, raw: Path) -> int:
    """Render, and keep each frame as it goes into the encoder."""
    write_frame = Mp4Writer.write_frame
    with raw.open("wb") as file:

        def keep(writer: Mp4Writer, frame: U8) -> None:
            file.write(frame.tobytes())
            write_frame(writer, frame)

        writer_class: Any = Mp4Writer
        writer_class.write_frame = keep
        return frame_count(animate(job, mute).duration_seconds)


def encode(job: AvatarJob, raw: Path) -> int:
    """Encode the kept frames, without sound."""
    width, height = frame_size(job.aspect_ratio, job.resolution)
    frames = np.memmap(raw, np.uint8, "r").reshape(-1, height * 3 // 2, width)
    with Mp4Writer(job.video_path.with_suffix(".x264.mp4"), width, height, 1, {}) as writer:
        for frame in frames:
            writer.write_frame(np.asarray(frame))
        writer.finish()
    return len(frames)


def mute(_: float) -> None:
    """Takes a report of progress."""


def prepare(job: AvatarJob) -> None:
    """Speak the text, say it again and again for the long job, and draw the close-up."""
    audio, timings, folder = job.audio_path, job.timings_path, job.video_path.parent
    assert timings
    # The other children run this file too: the speech engine would weigh on their memory.
    speaker: Any = import_module("soundstage.providers.local.speech.synthesis").Speaker()
    speaker.speak(SpeechJob(TEXT, "hibari", audio, timings, format="wav"), mute)
    repeat(audio, timings)
    draw_close_up(folder / CLOSE_UP)


def draw_close_up(path: Path) -> None:
    """The drawn host, cropped to 9:16 so that the face fills four fifths of the width."""
    host = drawn_host()
    face = FaceFinder().find(host)[0]
    width = face.width / 0.8
    (x, y), height = face.centre, width * 16 / 9
    box = (round(x - width / 2), round(y - height / 2), round(x + width / 2), round(y + height / 2))
    Image.fromarray(host).crop(box).save(path)


def repeat(audio: Path, timings: Path) -> None:
    """Write the speech again and again, up to ten minutes, beside it."""
    document = json.loads(timings.read_text(encoding="utf-8"))
    length: float = document["duration_seconds"]
    with wave.open(str(audio), "rb") as said:
        form, samples = said.getparams(), said.readframes(said.getnframes())
    size = LONG_SECONDS * form.framerate * form.sampwidth * form.nchannels
    with wave.open(str(audio.with_name(LONG_AUDIO)), "wb") as file:
        file.setparams(form)
        file.writeframes((samples * (size // len(samples) + 1))[:size])
    phonemes = [
        {**phoneme, "start": phoneme["start"] + turn * length, "end": phoneme["end"] + turn * length}
        for turn in range(int(LONG_SECONDS / length))
        for phoneme in document["phonemes"]
    ]
    long = {"duration_seconds": LONG_SECONDS, "words": [], "phonemes": phonemes}
    timings.with_name(LONG_TIMINGS).write_text(json.dumps(long), encoding="utf-8")


if __name__ == "__main__":
    main()
