"""What the server asks about sound. The codecs crash and leak with hostile files: each answer has a process."""

import importlib.util
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import anyio
import anyio.to_thread
from anyio.streams.buffered import BufferedByteReceiveStream

from soundstage.extras import install_command
from soundstage_tools.errors import BadRequest, NotConfigured, StudioError, Unusable

TIME_LIMIT_SECONDS = 60.0
_LONGEST_REPLY = 1 << 20
_SEEN_BY_CHILD = {
    *("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TEMP", "TMP"),
    *("PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT", "WINDIR"),
}

Container = Literal["mp3", "wav", "mp4", "flac", "ogg", "webm"]


@dataclass(frozen=True, slots=True)
class Measured:
    """How long the sound, or the video, of a file lasts, and the container that it is in."""

    seconds: float
    container: Container


def has_codecs() -> bool:
    """Whether sound can be read and joined here: the codecs are an extra."""
    return importlib.util.find_spec("av") is not None


async def measured(path: Path, *, at_most_seconds: float) -> Measured:
    """Decode the sound of a file to its end; past `at_most_seconds` it stops, with a length above that.

    Raises:
        BadRequest: `media_damaged`; it cannot be decoded, or holds no sound.
        NotConfigured: `audio_tools_missing`.
    """
    order = {"do": "measure", "paths": [str(path)], "at_most_seconds": at_most_seconds}
    return await _measured("audio", order, "MP3, WAV, FLAC, OGG, M4A or WebM")


async def measured_video(path: Path) -> Measured:
    """Read the packets of a video to its end.

    Raises:
        BadRequest: `media_damaged`; it is not whole, or holds no video.
        NotConfigured: `audio_tools_missing`.
    """
    return await _measured("video", {"do": "measure_video", "paths": [str(path)]}, "MP4 or WebM")


async def _measured(kind: str, order: Mapping[str, object], formats: str) -> Measured:
    _require_tools()
    reply = await _ask(order)
    if "unreadable" in reply:
        raise BadRequest(
            code="media_damaged",
            message=f"The {kind} {reply['unreadable']}.",
            next_step=f"Send a complete {formats} file.",
        )
    return Measured(reply["seconds"], reply["container"])


async def joined(paths: Sequence[Path], target: Path) -> list[float]:
    """Put sounds end to end in one MP3 at `target`; return how long each lasts in it, in seconds.

    The first decides the sample rate, and mono or stereo. On failure nothing is left at `target`.

    Raises:
        Unusable: `asset_damaged`; one of them cannot be decoded to its end.
        NotConfigured: `audio_tools_missing`.
    """
    _require_tools()
    part = target.with_name(f"{target.name}.part")
    try:
        order = {"do": "join", "paths": [str(path) for path in paths], "target": str(part)}
        reply = await _ask(order, TIME_LIMIT_SECONDS * len(paths))
        if "unreadable" in reply:
            raise _damaged(f"The audio {reply['unreadable']}.")
        await anyio.to_thread.run_sync(part.replace, target)
    finally:
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(lambda: part.unlink(missing_ok=True))
    return reply["lengths"]


def _require_tools() -> None:
    if not has_codecs():
        raise NotConfigured(
            code="audio_tools_missing",
            message="Audio cannot be measured or joined here: a package is not installed.",
            next_step=f"Run {install_command('audio')} and restart the server.",
        )


def _damaged(message: str) -> Unusable:
    return Unusable(
        code="asset_damaged",
        message=message,
        next_step="It is fetched again by itself; if it stays so, ask for it anew with other words.",
    )


async def _ask(order: Mapping[str, object], time_limit_seconds: float = TIME_LIMIT_SECONDS) -> dict[str, Any]:
    # -P: a file of the working directory must not stand in for a module of ours.
    command = [sys.executable, "-P", "-m", "soundstage.sound.worker"]
    environment = {name: value for name, value in os.environ.items() if name.upper() in _SEEN_BY_CHILD}
    process = await anyio.open_process(command, stderr=None, env=environment)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        with anyio.fail_after(time_limit_seconds):
            await process.stdin.send(json.dumps(order).encode() + b"\n")
            replies = BufferedByteReceiveStream(process.stdout)
            return json.loads(await replies.receive_until(b"\n", _LONGEST_REPLY))
    except TimeoutError:
        raise _unfinished("took too long to read") from None
    except (anyio.BrokenResourceError, anyio.IncompleteRead, anyio.EndOfStream):
        raise _unfinished("could not be read: the codec gave up") from None
    finally:
        with anyio.CancelScope(shield=True):
            if process.returncode is None:
                process.kill()
            await process.aclose()


def _unfinished(what: str) -> StudioError:
    return Unusable(
        code="sound_unread",
        message=f"The audio {what}.",
        next_step="Try again; if it stays so, send the audio in another format, such as WAV.",
    )
