"""SpeechGen's facts: the fields it takes, with their ranges and defaults."""

from typing import Annotated, Literal

from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from soundstage.providers.profile import (
    MAX_TEXT_CHARACTERS,
    Fields,
    Profile,
    SpeechFields,
    SpokenText,
    WrittenText,
)
from soundstage.settings import Access

NAME = "speechgen"
TITLE = "SpeechGen"
KEY_SETTING, URL_SETTING = "SPEECHGEN_API_KEY", "SPEECHGEN_BASE_URL"

AudioFormat = Literal["mp3", "wav", "ogg"]


class SpeechGenSpeech(SpeechFields):
    """What `POST /text-to-speech` takes.

    The limits of text, speed and pitch are Soundstage's own: none are published. Those of the numbers are wide, to
    stop no more than a slip.
    """

    text: Annotated[
        SpokenText,
        Field(min_length=1, max_length=MAX_TEXT_CHARACTERS, description="Words, SSML too"),
    ]
    speed: Annotated[float, Field(ge=0.1, le=10, description="Factor")] = 1.0
    pitch: Annotated[float, Field(ge=-100, le=100, description="Own scale")] = 0.0
    format: Annotated[AudioFormat, Field(description="File")] = "mp3"


class SpeechGenClone(Fields):
    """What `POST /voice-clone` takes beside the sample. The limits of length are Soundstage's own.

    What SpeechGen does where `enhance_quality` is left out is not published: it is then None, and no default is
    named.
    """

    name: Annotated[WrittenText, Field(min_length=1, max_length=100, description="What to call the voice")]
    description: Annotated[str, Field(max_length=500, description="What the voice is like")] = ""
    enhance_quality: Annotated[
        bool | SkipJsonSchema[None],
        Field(description="Clean the sample"),
    ] = Field(default_factory=lambda: None)


class SpeechGenDelete(Fields):
    """`DELETE /models/{model_id}` takes nothing more."""


def profile(access: Access, missing: str) -> Profile:
    """The profile of an account; `missing` says what its settings lack, if anything."""
    offers: dict[str, type[Fields]] = {
        "synthesize_speech": SpeechGenSpeech,
        "clone_voice": SpeechGenClone,
        "delete_voice": SpeechGenDelete,
    }
    return Profile(
        name=NAME,
        title=TITLE,
        description="Cloud service: speech in many languages, and voices cloned from a sample of 10 seconds to "
        "5 minutes of one speaker.",
        cost="Characters of your SpeechGen plan; SSML tags count.",
        offers=offers,
        serves=frozenset() if missing else frozenset(offers),
        repeats=0,
        charges=True,
        account=access.fingerprint,
        former_accounts=access.former_fingerprints,
        poll_seconds=0.25,
        slowest_poll_seconds=15.0,
        deadline_seconds=3600.0,
        waits_seconds=900.0,
        settling_seconds=60.0,
        keeps_seconds=3600.0,
        names_jobs=frozenset({"voice_clone"}),
        missing=(missing,) if missing else (),
    )
