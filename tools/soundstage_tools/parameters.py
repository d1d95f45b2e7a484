"""The parameters that several tools share, described once."""

from typing import Annotated

from pydantic import Field

VoiceId = Annotated[
    str,
    Field(max_length=200, description="From list_voices. Empty: a default."),
]
GenerationId = Annotated[
    str, Field(min_length=1, max_length=100, description="Handle from the tool that began it.")
]
IdempotencyKey = Annotated[
    str,
    Field(max_length=255, description="A repeat with it never pays twice."),
]
WaitSeconds = Annotated[
    float,
    Field(ge=0, le=50, description="Seconds to wait for the end."),
]
ForceNew = Annotated[bool, Field(description="Pay anew for an equal request.")]
