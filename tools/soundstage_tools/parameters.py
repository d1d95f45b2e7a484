"""The parameters that several tools share, described once."""

from typing import Annotated

from pydantic import Field

VoiceId = Annotated[
    str,
    Field(max_length=200, description="From list_voices. Empty: the default voice."),
]
GenerationId = Annotated[
    str, Field(min_length=1, max_length=100, description="Handle from the tool that began it.")
]
IdempotencyKey = Annotated[
    str,
    Field(max_length=255, description="Your key: a repeat never pays twice."),
]
WaitSeconds = Annotated[
    float,
    Field(ge=0, le=50, description="Seconds to wait for the end."),
]
