"""The tool that makes a portrait speak."""

from typing import Annotated

from pydantic import Field

from soundstage_tools.annotations import CREATES
from soundstage_tools.parameters import ForceNew, IdempotencyKey, VoiceId, WaitSeconds
from soundstage_tools.results import Generation
from soundstage_tools.studio import OnProgress, Repeat, Studio

TITLE = "Create avatar video"
ANNOTATIONS = CREATES


async def create_avatar_video(
    studio: Studio,
    on_progress: OnProgress,
    *,
    image: Annotated[
        str,
        Field(
            max_length=15_000_000,
            description="Path, https URL, data URI or asset id. Empty: a drawn host.",
        ),
    ] = "",
    audio: Annotated[
        str,
        Field(
            max_length=15_000_000,
            description="Path, https URL, data URI, asset or generation id.",
        ),
    ] = "",
    text: Annotated[str, Field(description="Or the text to say.")] = "",
    voice_id: VoiceId = "",
    model: Annotated[str, Field(max_length=100, description="Model handle. Empty: the default.")] = "",
    idempotency_key: IdempotencyKey = "",
    force_new: ForceNew = False,
    wait_seconds: WaitSeconds = 0,
    **fields: object,
) -> Generation:
    """Turn a portrait and speech into a talking-head video (mp4).

    Give audio, which may be a speech generation that still runs, or text. Returns a generation at once; follow
    it with get_generation_status.
    """
    generation = await studio.create_avatar_video(
        image=image,
        audio=audio,
        text=text,
        voice_id=voice_id,
        model=model,
        repeat=Repeat(idempotency_key, force_new),
        fields=fields,
    )
    [generation] = await studio.follow([generation], wait_seconds, on_progress)
    return generation
