"""The tool that makes a voice from a sample."""

from typing import Annotated

from pydantic import Field

from soundstage_tools.annotations import CREATES
from soundstage_tools.parameters import ForceNew, IdempotencyKey, WaitSeconds
from soundstage_tools.results import Generation
from soundstage_tools.studio import OnProgress, Repeat, Studio

TITLE = "Clone voice"
ANNOTATIONS = CREATES


async def clone_voice(
    studio: Studio,
    on_progress: OnProgress,
    *,
    audio: Annotated[
        str,
        Field(
            min_length=1,
            max_length=15_000_000,
            description="Sample of one speaker: path, https URL, data URI, asset id or generation id.",
        ),
    ],
    provider: Annotated[str, Field(max_length=50, description="Who clones. Empty: the only one that can.")] = "",
    idempotency_key: IdempotencyKey = "",
    force_new: ForceNew = False,
    wait_seconds: WaitSeconds = 0,
    **fields: object,
) -> Generation:
    """Clone a voice from a recording, with the speaker's consent.

    The sample is sent to that provider. Returns a generation at once; once it has succeeded, its voice_id is a
    handle for synthesize_speech and create_avatar_video.
    """
    generation = await studio.clone_voice(
        audio=audio, provider=provider, repeat=Repeat(idempotency_key, force_new), fields=fields
    )
    [generation] = await studio.follow([generation], wait_seconds, on_progress)
    return generation
