"""The tool that says what is set up."""

from soundstage_tools.annotations import READS
from soundstage_tools.results import ProviderReport
from soundstage_tools.studio import Studio

TITLE = "List providers"
ANNOTATIONS = READS
PROMISES = ("providers.provider", "providers.configured")


async def list_providers(studio: Studio) -> ProviderReport:
    """List the providers of voices and faces: which are set up, their tools, models, cost, and what is missing."""
    return await studio.list_providers()
