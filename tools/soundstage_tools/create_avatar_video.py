"""The tool that makes a portrait speak."""

from typing import Annotated

from pydantic import Field

from soundstage_tools.annotations import CREATES
from soundstage_tools.parameters import ForceNew, IdempotencyKey, ShortText, Source, VoiceId, WaitSeconds, repeat
from soundstage_tools.results import Generation
from soundstage_tools.studio import OnProgress, Studio

TITLE = "Create avatar video"
ANNOTATIONS = CREATES
PROMISES = ("generation_id",)


async def create_avatar_video(
    studio: Studio,
    on_progress: OnProgress,
    *,
    image: Annotated[Source, Field(description="Path, URL, data URI, asset. Empty: a drawn host.")] = "",
    audio: Annotated[Source, Field(description="Path, URL, asset or generation of speech.")] = "",
    text: Annotated[str, Field(description="Words, not audio.")] = "",
    voice_id: VoiceId = "",
    model: Annotated[ShortText, Field(description="From list_providers, or empty.")] = "",
    idempotency_key: IdempotencyKey = "",
    force_new: ForceNew = False,
    wait_seconds: WaitSeconds = 0,
    **fields: object,
) -> Generation:
    """Make a talking-head mp4 that says audio or text.

    Returns a generation at once; follow it with get_generation_status.
    """
    generation = await studio.create_avatar_video(
        image=image,
        audio=audio,
        text=text,
        voice_id=voice_id,
        model=model,
        repeat=repeat(idempotency_key, force_new),
        fields=fields,
    )
    [generation] = await studio.follow([generation], wait_seconds, on_progress)
    return generation
