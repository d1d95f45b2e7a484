"""The avatar job: a portrait and a voice in, a video of the portrait speaking out."""

import contextlib
import time
import zlib
from pathlib import Path

import cv2
import numpy as np

from soundstage import __version__
from soundstage.providers.local.avatar.audio import Tally, decode
from soundstage.providers.local.avatar.framing import frame_portrait, frame_size
from soundstage.providers.local.avatar.listening import Heard, listen
from soundstage.providers.local.avatar.motion import head_motion
from soundstage.providers.local.avatar.mouth import FPS, MouthMotion, motion_from_signal
from soundstage.providers.local.avatar.mux import AUDIO_RATE, Mp4Writer, drawn_ahead, in_blocks
from soundstage.providers.local.avatar.rig import Rig
from soundstage.providers.local.avatar.sitter import find_sitter
from soundstage.providers.local.avatar.visemes import motion_from_phonemes, read_phonemes
from soundstage.providers.local.jobs import AvatarJob, Outcome, Report


def animate(job: AvatarJob, report: Report) -> Outcome:
    """Makes the video of `job` and returns its length.

    On failure nothing is left at `video_path`. Raises EngineError: `no_face_found`, `face_too_small`,
    `image_unreadable`, `image_too_small`, `image_too_large`, `audio_unreadable`, `audio_too_short`,
    `audio_too_long`, `audio_corrupt`.
    """
    report(0.0)
    # Drawing runs beside the encoder's own threads: sharing one remap among cores only costs time.
    cv2.setNumThreads(1)
    sitter = find_sitter(job.image_path)
    report(0.01)
    heard = listen(job.audio_path)
    report(0.02)
    mouth, warnings = _mouth_motion(job, heard)
    seed = zlib.crc32(np.round(heard.loudness * 50).astype(np.uint8).tobytes())
    width, height = frame_size(job.aspect_ratio, job.resolution)
    scene = frame_portrait(sitter.rgb, sitter.face, width, height)
    rig = Rig(scene, mouth, head_motion(mouth.stress, seed), job.expressiveness, job.head_motion)
    part = job.video_path.with_name(job.video_path.name + ".part")
    try:
        _write(part, rig, mouth.frames, job.audio_path, heard, (width, height), report)
        part.replace(job.video_path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            part.unlink()
    report(1.0)
    return Outcome(heard.seconds, (*sitter.warnings, *heard.warnings, *warnings))


def _write(
    part: Path, rig: Rig, frames: int, audio: Path, heard: Heard, size: tuple[int, int], report: Report
) -> None:
    metadata = {
        "title": "Talking portrait",
        "comment": "Synthetic video made by Soundstage",
        "description": "Synthetic video made by Soundstage: a still portrait, animated to speak.",
        "artist": f"Soundstage {__version__}",
    }
    sound = in_blocks(decode(audio, AUDIO_RATE, heard.channels, Tally()))
    reported = time.monotonic()
    with Mp4Writer(part, *size, heard.channels, metadata) as writer:
        for index, frame in enumerate(drawn_ahead(frames, rig.draw, rig.canvas)):
            writer.write_frame(frame)
            seconds = (index + 1) / FPS
            while writer.seconds_of_sound < seconds:
                block = next(sound, None)
                if block is None:
                    break
                writer.write_sound(block)
            if time.monotonic() - reported > 0.4:
                reported = time.monotonic()
                report(0.02 + 0.97 * (index + 1) / frames)
        for block in sound:
            writer.write_sound(block)
        writer.finish()


def _mouth_motion(job: AvatarJob, heard: Heard) -> tuple[MouthMotion, tuple[str, ...]]:
    if job.timings_path is None:
        return motion_from_signal(heard), ()
    phonemes = read_phonemes(job.timings_path)
    if phonemes:
        return motion_from_phonemes(phonemes, heard), ()
    unread = "The phoneme timings could not be read; the mouth follows the sound alone."
    return motion_from_signal(heard), (unread,) if phonemes is None else ()
