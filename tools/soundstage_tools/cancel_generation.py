"""The tool that stops a generation."""

from soundstage_tools.annotations import STOPS
from soundstage_tools.parameters import GenerationId
from soundstage_tools.results import Generation
from soundstage_tools.studio import Studio

TITLE = "Cancel generation"
ANNOTATIONS = STOPS
PROMISES = ("generation_id",)


async def cancel_generation(studio: Studio, generation_id: GenerationId) -> Generation:
    """Stop a generation that is queued or processing, and drop what it has made so far.

    One that has finished stays as it is.
    """
    return await studio.cancel_generation(generation_id)
