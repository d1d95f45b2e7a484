"""The tool that finds a voice."""

from typing import Annotated, Literal

from pydantic import Field

from soundstage_tools.annotations import READS
from soundstage_tools.parameters import Cursor, Provider, ShortText, of_any
from soundstage_tools.results import VoicePage
from soundstage_tools.schemas import WHOLE
from soundstage_tools.studio import Studio, VoiceQuery

TITLE = "List voices"
ANNOTATIONS = READS
PROMISES = ("voices.voice_id", "voices.name", "next_cursor")


async def list_voices(
    studio: Studio,
    *,
    provider: Provider = "",
    language: Annotated[ShortText, Field(description="BCP-47 tag, or its start: en.")] = "",
    gender: Annotated[Literal["any", "female", "male", "neutral"], Field(description="Only these.")] = "any",
    kind: Literal["any", "stock", "cloned"] = "any",
    search: Annotated[ShortText, Field(description="Part of a name or handle.")] = "",
    limit: Annotated[int, Field(ge=1, le=100, description="1 to 100."), WHOLE] = 25,
    cursor: Cursor = "",
) -> VoicePage:
    """List the voices to speak with, as handles, and the exact ranges that each provider's voices take."""
    return await studio.list_voices(
        VoiceQuery(provider, language, of_any(gender), of_any(kind), search, limit, cursor)
    )
