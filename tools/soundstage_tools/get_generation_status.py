"""The tool that follows generations."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from soundstage_tools.annotations import READS
from soundstage_tools.parameters import GenerationId, WaitSeconds
from soundstage_tools.results import FollowedGeneration
from soundstage_tools.studio import OnProgress, Studio, WaitFor

TITLE = "Get generation status"
ANNOTATIONS = READS


async def get_generation_status(
    studio: Studio,
    on_progress: OnProgress,
    *,
    generation_id: GenerationId,
    also: Annotated[
        Sequence[Annotated[str, Field(min_length=1, max_length=100)]],
        Field(max_length=20, description="Handles of others to tell of as well."),
    ] = (),
    wait_seconds: WaitSeconds = 0,
    wait_for: Annotated[WaitFor, Field(description="Wait until all of them end, or any does.")] = "all",
) -> FollowedGeneration:
    """Tell where a generation is: status, progress, ETA, and its asset URLs once it has succeeded.

    With wait_seconds it answers as soon as the generation ends, or then with the state it has; a wait that
    runs out is no failure: the work goes on, call again.
    """
    asked = list(dict.fromkeys([generation_id, *also]))
    found = await studio.generations(asked)
    first, *others = await studio.follow(found, wait_seconds, on_progress, wait_for)
    return FollowedGeneration(**dict(first), others=others if also else None)
