"""The tool that finds a voice."""

from typing import Annotated, Literal

from pydantic import Field

from soundstage_tools.annotations import READS
from soundstage_tools.results import VoicePage
from soundstage_tools.studio import Studio, VoiceQuery

TITLE = "List voices"
ANNOTATIONS = READS


async def list_voices(
    studio: Studio,
    *,
    provider: Annotated[str, Field(max_length=50, description="Only this provider's voices.")] = "",
    language: Annotated[
        str, Field(max_length=35, description="BCP-47 tag such as en-GB, or its start such as en.")
    ] = "",
    gender: Literal["", "female", "male", "neutral"] = "",
    kind: Annotated[Literal["", "stock", "cloned"], Field(description="Stock or cloned voices only.")] = "",
    search: Annotated[str, Field(max_length=100, description="Part of a voice's name or handle.")] = "",
    limit: Annotated[int, Field(ge=1, le=100, description="How many to return.")] = 25,
    cursor: Annotated[str, Field(max_length=200, description="next_cursor of the page before.")] = "",
) -> VoicePage:
    """List the voices to speak with, narrowed by provider, language, gender or name.

    Returns voice handles for synthesize_speech and create_avatar_video, and the ranges each provider's
    voices take. Costs nothing.
    """
    return await studio.list_voices(VoiceQuery(provider, language, gender, kind, search, limit, cursor))
