"""The embedded engine's facts: the fields it takes, with their ranges and defaults."""

from typing import Annotated

from pydantic import AfterValidator, Field

from soundstage.providers.local.jobs import AspectRatio, AudioFormat, Resolution
from soundstage.providers.local.text import MAX_CHARACTERS
from soundstage.providers.profile import Fields, SpeechFields, SpokenText

NAME = "local"
PORTRAIT = "portrait"

DESCRIPTION = (
    "Embedded engine on this machine's CPU: neural speech, voices adapted to a sample of English speech (they "
    "speak English, like the speaker in sex, pitch and timbre; not an identity copy), and lip-sync animation of a "
    "portrait (a warp of the picture, not a generated performance). No key, no network."
)
COST = "Free."


class LocalSpeech(SpeechFields):
    """What the embedded engine takes to speak."""

    text: Annotated[
        SpokenText,
        Field(
            min_length=1,
            max_length=MAX_CHARACTERS,
            description="Words",
        ),
    ]
    speed: Annotated[float, Field(ge=0.5, le=2.0, description="Factor")] = 1.0
    pitch: Annotated[float, Field(ge=-6.0, le=6.0, description="Semitones")] = 0.0
    volume: Annotated[float, Field(ge=0.0, le=2.0, description="Gain")] = 1.0
    format: Annotated[AudioFormat, Field(description="File")] = "mp3"


def _printable(name: str) -> str:
    if not name.strip() or not name.isprintable():
        raise ValueError("must be a name of printable characters")
    return name


class LocalClone(Fields):
    """What the embedded engine takes to clone a voice, beside the sample."""

    name: Annotated[
        str, AfterValidator(_printable), Field(min_length=1, max_length=60, description="What to call the voice")
    ]
    keep_sample: Annotated[bool, Field(description="Keep the recording on disk")] = False


class LocalDelete(Fields):
    """To delete a voice nothing more is needed."""


class LocalAvatar(Fields):
    """What the embedded engine takes to animate a portrait."""

    aspect_ratio: Annotated[AspectRatio, Field(description="Shape")] = "16:9"
    resolution: Annotated[Resolution, Field(description="Shorter side")] = "540p"
    expressiveness: Annotated[float, Field(ge=0.3, le=1.5, description="Mouth")] = 1.0
    head_motion: Annotated[float, Field(ge=0.0, le=2.0, description="Factor")] = 1.0
