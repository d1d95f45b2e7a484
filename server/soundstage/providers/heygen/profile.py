"""HeyGen's facts: the fields it takes, with their ranges and defaults (`useapi tts/create`)."""

from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Annotated, Any, Literal, cast

from pydantic import Field

from soundstage.providers.profile import Fields, Profile, SpeechFields, SpokenText
from soundstage.settings import Access

NAME = "heygen"
TITLE = "HeyGen (useapi.net)"
KEY_SETTING, URL_SETTING, EMAIL_SETTING = "USEAPI_API_TOKEN", "USEAPI_BASE_URL", "USEAPI_EMAIL"

RETIRED = "useapi.net announced in August 2025 that this API was retired"

MAX_PROMPT_CHARACTERS = 5000
TAKE_CHARACTERS = 24
"""So many blanks tell another take of a text from all others."""

Engine = Literal[
    "",
    "auto",
    "aws",
    "azure",
    "elevenLabs",
    "elevenLabsV3",
    "fish",
    "google",
    "openai",
    "openaiEmo",
    "panda",
    "starfish",
]


class HeyGenSpeech(SpeechFields):
    """What `POST /tts/create` takes (`useapi tts/create`).

    There speed and volume are percentages, 50 to 150 and 0 to 100, and `text` is called prompt.
    """

    text: Annotated[SpokenText, Field(min_length=1, max_length=MAX_PROMPT_CHARACTERS, description="Words")]
    speed: Annotated[float, Field(ge=0.5, le=1.5, description="Factor")] = 1.0
    pitch: Annotated[float, Field(ge=-100, le=100, description="Own scale")] = 0.0
    volume: Annotated[float, Field(ge=0, le=1, description="Gain")] = 1.0
    language: Annotated[str, Field(max_length=35, description="Such as en-US")] = ""
    emotion: Annotated[str, Field(max_length=100, description="One the voice has")] = ""
    engine: Annotated[Engine, Field(description="One the voice has")] = ""
    email: Annotated[str, Field(max_length=254, description="Account")] = ""


def _percent(value: object) -> int:
    return round(cast("float", value) * 100)


def _whole(value: object) -> int:
    return round(cast("float", value))


def _same(value: object) -> object:
    return value


_NATIVE: Mapping[str, tuple[str, Callable[[object], object]]] = {
    "speed": ("speed", _percent),
    "pitch": ("pitch", _whole),
    "volume": ("volume", _percent),
    "language": ("language_code", _same),
    "emotion": ("emotion", _same),
    "engine": ("engine", _same),
}


def another_take(prompt: str, generation_id: str) -> str:
    """The prompt of a take that HeyGen's cache does not have (`useapi tts/create`): with blanks of its own.

    An order of the same generation that is repeated has the same ones, and comes from the cache.
    """
    drawn = int.from_bytes(sha256(generation_id.encode()).digest())
    return prompt + "".join(" \n"[drawn >> place & 1] for place in range(TAKE_CHARACTERS))


def order(voice: str, prompt: str, fields: Mapping[str, object], email: str) -> dict[str, Any]:
    """The body of `POST /tts/create`: what was given, and nothing more."""
    given = {
        native: convert(fields[name])
        for name, (native, convert) in _NATIVE.items()
        if fields.get(name) not in {None, ""}
    }
    return {**({"email": email} if email else {}), "voice_id": voice, "prompt": prompt, **given}


def profile(access: Access, email: str, problem: str, listing_seconds: float) -> Profile:
    """The profile of an account; `problem` says what its settings lack, if anything."""
    offers: dict[str, type[Fields]] = {"synthesize_speech": HeyGenSpeech}
    return Profile(
        name=NAME,
        title=TITLE,
        description="HeyGen's voices through useapi.net: speech with engines, emotions and word timings. "
        f"{RETIRED[0].upper()}{RETIRED[1:]}: calls may be refused.",
        cost="A useapi.net subscription; HeyGen limits the speech of each day.",
        offers=offers,
        serves=frozenset() if problem else frozenset(offers),
        repeats=2,
        charges=True,
        account=access.fingerprint,
        former_accounts=access.former_fingerprints,
        settled={"email": email},
        poll_seconds=0.5,
        slowest_poll_seconds=0.5,
        deadline_seconds=1800.0,
        waits_seconds=900.0,
        listing_seconds=listing_seconds,
        keeps_seconds=3600.0,
        max_in_flight=9,
        missing=(f"{problem} ({RETIRED}: calls may be refused)",) if problem else (),
    )
