"""The tool that finds generations again."""

from typing import Annotated, Literal

from pydantic import Field

from soundstage_tools.annotations import READS
from soundstage_tools.results import GenerationPage
from soundstage_tools.studio import GenerationQuery, Studio

TITLE = "List generations"
ANNOTATIONS = READS


async def list_generations(
    studio: Studio,
    *,
    status: Literal["", "queued", "processing", "succeeded", "failed", "canceled", "needs_attention"] = "",
    kind: Literal["", "speech", "voice_clone", "avatar_video"] = "",
    provider: Annotated[str, Field(max_length=50, description="Only this provider's.")] = "",
    search: Annotated[str, Field(max_length=100, description="Part of the text, a voice or a handle.")] = "",
    limit: Annotated[int, Field(ge=1, le=50, description="How many to return.")] = 20,
    cursor: Annotated[str, Field(max_length=200, description="next_cursor of the page before.")] = "",
) -> GenerationPage:
    """List the generations of this machine, newest first, to find lost handles and finished files again.

    Look here before you ask anew for what may be made already. Costs nothing.
    """
    return await studio.list_generations(GenerationQuery(status, kind, provider, search, limit, cursor))
