"""What Hedra refuses, told so that an agent knows what to do about it."""

import re

from soundstage.http.api import Refused
from soundstage.providers.hedra.profile import TITLE
from soundstage_tools.errors import BadRequest, OutcomeUnknown, StudioError, Unavailable

_GONE = {405, 410, 501}
_MAY_BE_GONE = {400, 404}
# The name of a field, such as body.voice_clone.name, says nothing of cloning as such.
_CLONING = re.compile(r"\b(voice_clone|voice[ -]clon(e|es|ing)|cloning)\b(?!\.\w)", re.IGNORECASE)
_WITHDRAWN = re.compile(
    r"\b(not (currently |yet )?(available|supported|offered|enabled|allowed|permitted|valid|implemented)"
    r"|no longer|unavailable|unsupported|disabled|deprecated|discontinued|removed|retired|withdrawn"
    r"|any of the expected tags|union_tag_invalid)\b",
    re.IGNORECASE,
)
_GUIDE = "since July 2026 its guide says that this API clones no voices"


def of_clone(error: StudioError) -> StudioError:
    """The refusal of a clone, or in its place that cloning is withdrawn: the words decide, whatever the status."""
    if isinstance(error, Unavailable | OutcomeUnknown):
        return error
    status = error.status if isinstance(error, Refused) else 0
    if status in _GONE or (_CLONING.search(error.message) and _WITHDRAWN.search(error.message)):
        return BadRequest(
            code="cloning_unavailable",
            message=f"{error.message} {_GUIDE[0].upper()}{_GUIDE[1:]}.",
            next_step="Clone the voice with another provider of list_providers, or at hedra.com.",
        )
    if isinstance(error, Refused) and status in _MAY_BE_GONE:
        error.next_step = f"{error.next_step} If {TITLE} objects to cloning itself: {_GUIDE}."
    return error
