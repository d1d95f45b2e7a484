"""The tool that removes a cloned voice."""

from typing import Annotated

from pydantic import Field

from soundstage_tools.annotations import STOPS
from soundstage_tools.parameters import ShortText
from soundstage_tools.results import DeletedVoice
from soundstage_tools.studio import Studio

TITLE = "Delete voice"
ANNOTATIONS = STOPS
PROMISES = ("voice_id",)


async def delete_voice(
    studio: Studio,
    voice_id: Annotated[ShortText, Field(description="A cloned voice's handle.")],
) -> DeletedVoice:
    """Remove a cloned voice from its provider, for good. Stock voices stay."""
    return await studio.delete_voice(voice_id)
