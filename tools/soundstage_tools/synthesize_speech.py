"""The tool that speaks a text."""

from soundstage_tools.annotations import CREATES
from soundstage_tools.parameters import ForceNew, IdempotencyKey, VoiceId, WaitSeconds, repeat
from soundstage_tools.results import Generation
from soundstage_tools.studio import OnProgress, Studio

TITLE = "Synthesize speech"
ANNOTATIONS = CREATES
PROMISES = ("generation_id",)


async def synthesize_speech(
    studio: Studio,
    on_progress: OnProgress,
    *,
    voice_id: VoiceId = "",
    idempotency_key: IdempotencyKey = "",
    force_new: ForceNew = False,
    wait_seconds: WaitSeconds = 0,
    **fields: object,
) -> Generation:
    """Speak a text to an audio file, with word timings where known.

    Returns a generation at once; follow it with get_generation_status.
    """
    generation = await studio.synthesize_speech(
        voice_id=voice_id, repeat=repeat(idempotency_key, force_new), fields=fields
    )
    [generation] = await studio.follow([generation], wait_seconds, on_progress)
    return generation
