"""The tool that follows generations."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from soundstage_tools.annotations import READS
from soundstage_tools.parameters import GenerationId, ShortText, WaitSeconds
from soundstage_tools.results import FollowedGeneration
from soundstage_tools.studio import OnProgress, Studio, WaitFor

TITLE = "Get generation status"
ANNOTATIONS = READS
PROMISES = ("generation_id", "status", "assets.role", "assets.url", "voice_id", "error", "others", "next_step")


async def get_generation_status(
    studio: Studio,
    on_progress: OnProgress,
    *,
    generation_id: GenerationId,
    also: Annotated[Sequence[ShortText], Field(max_length=20, description="Up to 20 more to tell of.")] = (),
    wait_seconds: WaitSeconds = 0,
    wait_for: Annotated[WaitFor, Field(description="Until all end, or any does.")] = "all",
) -> FollowedGeneration:
    """Tell where a generation is: status, progress, ETA, and its asset URLs once it has succeeded.

    A wait that runs out is no failure: the work goes on, call again.
    """
    asked = list(dict.fromkeys([generation_id, *also]))
    found = await studio.generations(asked)
    first, *others = await studio.follow(found, wait_seconds, on_progress, wait_for)
    return FollowedGeneration(**dict(first), others=others if also else None)
