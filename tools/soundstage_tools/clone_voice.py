"""The tool that makes a voice from a sample."""

from typing import Annotated

from pydantic import Field

from soundstage_tools.annotations import CREATES
from soundstage_tools.asking import User
from soundstage_tools.consent import Consent
from soundstage_tools.parameters import ForceNew, IdempotencyKey, ShortText, Source, WaitSeconds, repeat
from soundstage_tools.results import Generation
from soundstage_tools.studio import OnProgress, Studio

TITLE = "Clone voice"
ANNOTATIONS = CREATES
PROMISES = ("generation_id",)


async def clone_voice(
    studio: Studio,
    on_progress: OnProgress,
    user: User,
    *,
    audio: Annotated[
        Source, Field(description="Sample of one speaker: path, URL, data URI, asset or generation id.")
    ],
    consent: Annotated[bool, Field(description="The user confirmed that the speaker agrees.")] = False,
    provider: Annotated[ShortText, Field(description="Who clones. Empty: the only one that can.")] = "",
    idempotency_key: IdempotencyKey = "",
    force_new: ForceNew = False,
    wait_seconds: WaitSeconds = 0,
    **fields: object,
) -> Generation:
    """Clone a voice from a recording, with the speaker's consent, which the user confirms.

    The sample goes to `provider`; local keeps it here. Returns a generation at once; its success has a voice_id.
    """
    generation = await studio.clone_voice(
        audio=audio,
        provider=provider,
        consent=Consent(user, told=consent),
        repeat=repeat(idempotency_key, force_new),
        fields=fields,
    )
    [generation] = await studio.follow([generation], wait_seconds, on_progress)
    return generation
