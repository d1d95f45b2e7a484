"""Whether SpeechGen takes a sample of a voice."""

import math
from pathlib import Path

import anyio

from soundstage.providers.speechgen.profile import (
    LONGEST_SAMPLE_SECONDS,
    MAX_SAMPLE_BYTES,
    SAMPLE_CONTAINERS,
    SHORTEST_SAMPLE_SECONDS,
    TITLE,
)
from soundstage.sound import measured
from soundstage_tools.errors import BadRequest


async def check_sample(audio: Path) -> None:
    """Refuse a sample that is too large, too short, too long or in another format.

    Raises:
        BadRequest: it will not do.
        NotConfigured: it cannot be measured here.
    """
    size = (await anyio.Path(audio).stat()).st_size
    if size > MAX_SAMPLE_BYTES:
        raise BadRequest(
            code="sample_too_large",
            message=f"The sample has {size / 2**20:.1f} MB; {TITLE} takes at most {MAX_SAMPLE_BYTES // 2**20} MB.",
            next_step="Send it as an MP3, or a shorter part of it.",
        )
    sample = await measured(audio, at_most_seconds=LONGEST_SAMPLE_SECONDS + 1)
    seconds = round(sample.seconds, 3)
    if sample.container not in SAMPLE_CONTAINERS:
        raise BadRequest(
            code="sample_format",
            message=f"The sample is {sample.container}; {TITLE} takes MP3, WAV, M4A, FLAC and OGG.",
            next_step="Convert it to one of these, best MP3.",
        )
    if not SHORTEST_SAMPLE_SECONDS <= seconds <= LONGEST_SAMPLE_SECONDS:
        lasts = (
            f"{math.floor(seconds * 10) / 10:g} s" if seconds < LONGEST_SAMPLE_SECONDS else "more than 5 minutes"
        )
        raise BadRequest(
            code="sample_length",
            message=f"The sample lasts {lasts}; {TITLE} takes 10 seconds to 5 minutes.",
            next_step="Send 30 seconds or more of one speaker.",
        )
