"""The parameters that several tools share, described once.

A limit that only bounds a slip is checked and not published: it would cost each model that reads the tools, and
tell it nothing.
"""

from collections.abc import Callable
from typing import Annotated

from pydantic import AfterValidator, Field

from soundstage_tools.errors import BadRequest
from soundstage_tools.studio import Repeat

LONGEST_HANDLE = 255
LONGEST_SOURCE = 15_000_000
"""Of a path, a URL, or a file as a data URI."""


def _at_most(limit: int) -> Callable[[str], str]:
    def checked(text: str) -> str:
        if len(text) > limit:
            raise ValueError(f"has {len(text):,} characters: at most {limit:,} are taken")
        return text

    return checked


ShortText = Annotated[str, AfterValidator(_at_most(LONGEST_HANDLE))]
Source = Annotated[str, AfterValidator(_at_most(LONGEST_SOURCE))]


def of_any(choice: str) -> str:
    """The choice as a query takes it: empty for any."""
    return "" if choice == "any" else choice


VoiceId = Annotated[ShortText, Field(description="From list_voices, or empty.")]
GenerationId = Annotated[ShortText, Field(description="Handle that a tool returned.")]
Provider = Annotated[ShortText, Field(description="Only this provider's.")]
Cursor = Annotated[ShortText, Field(description="next_cursor of the page before.")]
IdempotencyKey = Annotated[ShortText, Field(description="Any text; repeats pay once.")]
WaitSeconds = Annotated[float, Field(ge=0, le=50, description="Up to 50.")]
ForceNew = Annotated[bool, Field(description="Anew, under a new idempotency_key.")]


def repeat(idempotency_key: str, force_new: bool) -> Repeat:
    """What is to happen where an equal request is there already.

    Raises:
        BadRequest: it is to be made anew without a key, so that a repeat of that very call would pay once more.
    """
    if force_new and not idempotency_key:
        raise BadRequest(
            code="key_required",
            message="`force_new` needs an idempotency_key of its own, so that a repeat of this call pays once.",
            next_step="Send any new text as idempotency_key, and the same one if you repeat the call.",
        )
    return Repeat(idempotency_key, force_new)
