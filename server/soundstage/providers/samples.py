"""Whether a sample of a voice is one to clone: its size, its length and its format are the same for all who do."""

import math
from pathlib import Path
from typing import Final

import anyio

from soundstage.sound import measured
from soundstage_tools.errors import BadRequest

SHORTEST_SAMPLE_SECONDS, LONGEST_SAMPLE_SECONDS = 10.0, 300.0
MAX_SAMPLE_BYTES = 10 * 1024 * 1024
SAMPLE_CONTAINERS: Final = ("mp3", "wav", "mp4", "flac", "ogg")


async def check_sample(audio: Path, title: str) -> None:
    """Refuse a sample that is too large, too short, too long or in a format that `title` does not take.

    Raises:
        BadRequest: it will not do.
        NotConfigured: it cannot be measured here.
    """
    size = (await anyio.Path(audio).stat()).st_size
    if size > MAX_SAMPLE_BYTES:
        raise BadRequest(
            code="sample_too_large",
            message=f"The sample has {size / 2**20:.1f} MB; {title} takes at most {MAX_SAMPLE_BYTES // 2**20} MB.",
            next_step="Send it as an MP3, or a shorter part of it.",
        )
    sample = await measured(audio, at_most_seconds=LONGEST_SAMPLE_SECONDS + 1)
    seconds = round(sample.seconds, 3)
    if sample.container not in SAMPLE_CONTAINERS:
        raise BadRequest(
            code="sample_format",
            message=f"The sample is {sample.container}; {title} takes MP3, WAV, M4A, FLAC and OGG.",
            next_step="Convert it to one of these, best MP3.",
        )
    if not SHORTEST_SAMPLE_SECONDS <= seconds <= LONGEST_SAMPLE_SECONDS:
        lasts = (
            f"{math.floor(seconds * 10) / 10:g} s" if seconds < LONGEST_SAMPLE_SECONDS else "more than 5 minutes"
        )
        raise BadRequest(
            code="sample_length",
            message=f"The sample lasts {lasts}; {title} takes 10 seconds to 5 minutes.",
            next_step="Send 30 seconds or more of one speaker.",
        )
