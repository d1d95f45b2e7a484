"""SpeechGen's facts: the fields it takes, with their ranges and defaults."""

from typing import Annotated, Literal

from pydantic import Field

from soundstage.providers.profile import MAX_TEXT_CHARACTERS, Fields, Profile, SpeechFields, SpokenText

NAME = "speechgen"
TITLE = "SpeechGen"
KEY_SETTING, URL_SETTING = "SPEECHGEN_API_KEY", "SPEECHGEN_BASE_URL"

SHORTEST_SAMPLE_SECONDS, LONGEST_SAMPLE_SECONDS = 10.0, 300.0
MAX_SAMPLE_BYTES = 10 * 1024 * 1024
SAMPLE_CONTAINERS = ("mp3", "wav", "mp4", "flac", "ogg")

AudioFormat = Literal["mp3", "wav", "ogg"]


class SpeechGenSpeech(SpeechFields):
    """What `POST /text-to-speech` takes. The limit of the text is Soundstage's own: none is published."""

    text: Annotated[
        SpokenText,
        Field(min_length=1, max_length=MAX_TEXT_CHARACTERS, description="What to say, plain or SSML"),
    ]
    speed: Annotated[float, Field(description="Speaking rate, a factor of the natural one")] = 1.0
    pitch: Annotated[float, Field(description="Pitch on SpeechGen's own scale")] = 0.0
    format: Annotated[AudioFormat, Field(description="Audio file format")] = "mp3"


class SpeechGenClone(Fields):
    """What `POST /voice-clone` takes beside the sample. The limits of length are Soundstage's own."""

    name: Annotated[str, Field(min_length=1, max_length=100, description="What to call the voice")]
    description: Annotated[str, Field(max_length=500, description="What the voice is like")] = ""
    enhance_quality: Annotated[bool, Field(description="Clean the sample up first")] = True


class SpeechGenDelete(Fields):
    """`DELETE /models/{model_id}` takes nothing more."""


def profile(missing: str) -> Profile:
    """The profile of an account; `missing` says what its settings lack, and is empty where nothing is."""
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
        poll_seconds=0.25,
        slowest_poll_seconds=15.0,
        deadline_seconds=3600.0,
        waits_seconds=900.0,
        keeps_seconds=3600.0,
        missing=(missing,) if missing else (),
    )
