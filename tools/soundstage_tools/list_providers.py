"""The tool that says what is set up."""

from soundstage_tools.annotations import READS
from soundstage_tools.results import ProviderReport
from soundstage_tools.studio import Studio

TITLE = "List providers"
ANNOTATIONS = READS


async def list_providers(studio: Studio) -> ProviderReport:
    """List the providers of voices and faces: which are set up, which tools they serve, what they cost.

    For one that is not set up it says what is missing and how to add it.
    """
    return await studio.list_providers()
