"""The tool that stops a generation."""

from soundstage_tools.annotations import STOPS
from soundstage_tools.parameters import GenerationId
from soundstage_tools.results import Generation
from soundstage_tools.studio import Studio

TITLE = "Cancel generation"
ANNOTATIONS = STOPS


async def cancel_generation(studio: Studio, generation_id: GenerationId) -> Generation:
    """Stop a generation that is still queued or processing, and drop what it has made so far.

    One that has already finished is returned unchanged, with its assets.
    """
    return await studio.cancel_generation(generation_id)
