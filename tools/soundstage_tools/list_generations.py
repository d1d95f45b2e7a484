"""The tool that finds generations again."""

from typing import Annotated, Literal

from pydantic import Field

from soundstage_tools.annotations import RECALLS
from soundstage_tools.parameters import Cursor, Provider, ShortText, of_any
from soundstage_tools.results import GenerationKind, GenerationPage, GenerationStatus
from soundstage_tools.schemas import WHOLE
from soundstage_tools.studio import GenerationQuery, Studio

TITLE = "List generations"
ANNOTATIONS = RECALLS
PROMISES = ("generations.generation_id", "next_cursor")


async def list_generations(
    studio: Studio,
    *,
    status: Annotated[Literal["any", GenerationStatus], Field(description="Only these.")] = "any",
    kind: Literal["any", GenerationKind] = "any",
    provider: Provider = "",
    search: Annotated[ShortText, Field(description="Part of the text, a voice or a handle.")] = "",
    limit: Annotated[int, Field(ge=1, le=50, description="1 to 50."), WHOLE] = 20,
    cursor: Cursor = "",
) -> GenerationPage:
    """List this machine's generations, newest first: lost handles, finished files, what may be made already."""
    return await studio.list_generations(
        GenerationQuery(of_any(status), of_any(kind), provider, search, limit, cursor)
    )
