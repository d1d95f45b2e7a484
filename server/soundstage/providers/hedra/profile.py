"""Hedra's facts: its models, and the fields it takes with their ranges and defaults."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from soundstage.providers.hedra.languages import language_name
from soundstage.providers.profile import (
    MAX_TEXT_CHARACTERS,
    Fields,
    Model,
    Profile,
    SpeechFields,
    SpokenText,
    WrittenText,
)
from soundstage.settings import Access

NAME = "hedra"
TITLE = "Hedra"

MAX_FILE_BYTES = 10 * 2**20
"""Of an uploaded picture or sound (`hedra file limits`, as reported)."""
IMAGE_TYPES = (".png", ".jpg", ".webp")
AUDIO_TYPES = (".mp3", ".wav")

AVATAR = Model(
    "avatar",
    "talking heads, up to 10 minutes",
    "26f0fc66-152b-40ab-abed-76c43df99bc8",
    longest_seconds=600.0,
    needs_image=True,
)
OMNIA = Model(
    "omnia",
    "full-body movement, up to 8 seconds",
    "ab372b84-432f-44f5-bacc-c2542465f712",
    longest_seconds=8.0,
    needs_image=True,
)

CHARACTER_3 = Model(
    "character-3", "the reference's default model", "d1dd37a3-e39a-4854-a298-6510289f9cf2", needs_image=True
)


class HedraSpeech(SpeechFields):
    """What `POST /generations` takes of type `text_to_speech` (`hedra audio guide`).

    Hedra publishes no limit of the text; the one here is Soundstage's own.
    """

    text: Annotated[
        SpokenText,
        Field(
            min_length=1,
            max_length=MAX_TEXT_CHARACTERS,
            description="Words",
        ),
    ]
    speed: Annotated[float, Field(ge=0.7, le=1.2, description="Factor")] = 1.0
    stability: Annotated[float, Field(ge=0.0, le=1.0, description="Variability")] = 1.0
    language: Annotated[
        str,
        AfterValidator(language_name),
        Field(max_length=35, description="Such as English"),
    ] = "auto"


class HedraClone(Fields):
    """What `POST /generations` takes of type `voice_clone` (`hedra audio guide`)."""

    name: Annotated[WrittenText, Field(min_length=1, max_length=255, description="What to call the voice")]


def _point(place: list[float]) -> list[float]:
    if len(place) == 1:
        raise ValueError("must be a list of 2 numbers, each 0 to 1")
    return place


class HedraAvatar(Fields):
    """What `POST /generations` takes of type `video` (`hedra avatar guide`, `hedra generate asset reference`).

    A `duration_ms` of 0 films all of the audio, and is not sent; nor is an empty `bounding_box_target`.
    """

    prompt: Annotated[WrittenText, Field(max_length=2000, description="How to act")] = (
        "A person speaking to the camera"
    )
    aspect_ratio: Annotated[Literal["16:9", "9:16", "1:1"], Field(description="Shape")] = "9:16"
    resolution: Annotated[Literal["540p", "720p", "1080p"], Field(description="Shorter side")] = "720p"
    duration_ms: Annotated[
        int,
        Field(default_factory=int, ge=0, le=600_000, description="Cut at"),
    ]
    bounding_box_target: Annotated[
        list[Annotated[float, Field(ge=0, le=1)]],
        AfterValidator(_point),
        Field(
            default_factory=list[float],
            max_length=2,
            description="Face x, y, 0 to 1, character-3",
        ),
    ]


def profile(access: Access, missing: str, listing_seconds: float) -> Profile:
    """The profile of an account; `missing` says what its settings lack, if anything."""
    offers: dict[str, type[Fields]] = {
        "synthesize_speech": HedraSpeech,
        "clone_voice": HedraClone,
        "create_avatar_video": HedraAvatar,
    }
    return Profile(
        name=NAME,
        title=TITLE,
        description="Cloud service: speech in 40 languages, cloned voices and generated talking-head videos.",
        cost="Credits of your Hedra plan, for each second of video and each 1,000 characters of speech.",
        offers=offers,
        serves=frozenset() if missing else frozenset(offers),
        repeats=0,
        charges=True,
        account=access.fingerprint,
        former_accounts=access.former_fingerprints,
        poll_seconds=1.0,
        slowest_poll_seconds=15.0,
        deadline_seconds=6 * 3600.0,
        waits_seconds=900.0,
        settling_seconds=60.0,
        listing_seconds=listing_seconds,
        keeps_seconds=3600.0,
        models=(AVATAR, OMNIA, CHARACTER_3),
        names_jobs=frozenset({"speech", "voice_clone", "avatar_video"}),
        speaks_inline=True,
        missing=(missing,) if missing else (),
    )
