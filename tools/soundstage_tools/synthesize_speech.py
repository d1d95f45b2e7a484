"""The tool that speaks a text."""

from soundstage_tools.annotations import CREATES
from soundstage_tools.parameters import IdempotencyKey, VoiceId, WaitSeconds
from soundstage_tools.results import Generation
from soundstage_tools.studio import OnProgress, Studio

TITLE = "Synthesize speech"
ANNOTATIONS = CREATES


async def synthesize_speech(
    studio: Studio,
    on_progress: OnProgress,
    *,
    voice_id: VoiceId = "",
    idempotency_key: IdempotencyKey = "",
    wait_seconds: WaitSeconds = 0,
    **fields: object,
) -> Generation:
    """Speak a text with a voice and get an audio file.

    Returns a generation at once; follow it with get_generation_status, or set wait_seconds. Its assets are the
    audio and, where the provider tells them, word timings. For a talking portrait use create_avatar_video.
    """
    generation = await studio.synthesize_speech(voice_id=voice_id, idempotency_key=idempotency_key, fields=fields)
    return await studio.follow(generation, wait_seconds, on_progress)
