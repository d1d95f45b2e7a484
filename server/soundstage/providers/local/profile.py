"""The embedded engine's facts: the fields it takes, with their ranges and defaults."""

from typing import Annotated

from pydantic import Field

from soundstage.providers.local.jobs import AspectRatio, AudioFormat, Resolution
from soundstage.providers.local.text import MAX_CHARACTERS
from soundstage.providers.profile import Fields, SpeechFields, SpokenText

NAME = "local"
PORTRAIT = "portrait"

DESCRIPTION = (
    "Embedded engine on this machine's CPU: neural speech and lip-sync animation of a portrait "
    "(a warp of the picture, not a generated performance). No key, no network."
)
COST = "Free."


class LocalSpeech(SpeechFields):
    """What the embedded engine takes to speak."""

    text: Annotated[
        SpokenText,
        Field(
            min_length=1,
            max_length=MAX_CHARACTERS,
            description="What to say, as plain text",
        ),
    ]
    speed: Annotated[float, Field(ge=0.5, le=2.0, description="Speaking rate, a factor of the natural one")] = 1.0
    pitch: Annotated[float, Field(ge=-6.0, le=6.0, description="Pitch shift in semitones")] = 0.0
    volume: Annotated[float, Field(ge=0.0, le=2.0, description="Loudness, a linear factor")] = 1.0
    format: Annotated[AudioFormat, Field(description="Audio file format")] = "mp3"


class LocalAvatar(Fields):
    """What the embedded engine takes to animate a portrait."""

    aspect_ratio: Annotated[AspectRatio, Field(description="Shape of the picture")] = "16:9"
    resolution: Annotated[Resolution, Field(description="Length of the picture's shorter side")] = "540p"
    expressiveness: Annotated[float, Field(ge=0.3, le=1.5, description="How far the mouth opens")] = 1.0
    head_motion: Annotated[float, Field(ge=0.0, le=2.0, description="How much the head moves")] = 1.0
