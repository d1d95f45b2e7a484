"""The tool that follows a generation."""

from soundstage_tools.annotations import READS
from soundstage_tools.parameters import GenerationId, WaitSeconds
from soundstage_tools.results import Generation
from soundstage_tools.studio import OnProgress, Studio

TITLE = "Get generation status"
ANNOTATIONS = READS


async def get_generation_status(
    studio: Studio,
    on_progress: OnProgress,
    *,
    generation_id: GenerationId,
    wait_seconds: WaitSeconds = 0,
) -> Generation:
    """Tell where a generation is: status, progress, ETA, and its asset URLs once it has succeeded.

    With wait_seconds it answers as soon as the generation ends, or then with the state it has; a wait that
    runs out is no failure: the work goes on, call again.
    """
    generation = await studio.generation(generation_id)
    return await studio.follow(generation, wait_seconds, on_progress)
