"""What the emulated useapi.net offers and takes: languages, voices, switches, and the checks of a request."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from emulators import media
from emulators.message import MULTIPART, Body, Received

LANGUAGES = (
    ("en-US", "English", "United States"),
    ("en-GB", "English", "United Kingdom"),
    ("es-ES", "Spanish", "Spain"),
)
ENGINES = (
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
)
RANGES = {"speed": (50, 150, 100), "pitch": (-100, 100, 0), "volume": (0, 100, 100)}
TEXTS = ("email", "voice_id", "prompt", "language_code", "emotion", "engine")
LONGEST_PROMPT = 5000


class Voice(BaseModel):
    """A voice, with the engines and the emotions that it takes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    voice_id: str
    name: str
    gender: str
    locale: str
    engines: tuple[str, ...]
    default_engine: str
    emotions: tuple[str, ...] = ()


VOICES = (
    Voice(
        voice_id="en-US-AriaNeural",
        name="Aria",
        gender="female",
        locale="en-US",
        engines=("auto", "aws", "azure"),
        default_engine="azure",
        emotions=("happy", "sad", "neutral"),
    ),
    Voice(
        voice_id="1bd001e7e50f421d891986aad5c8bbd2",
        name="James",
        gender="male",
        locale="en-GB",
        engines=("auto", "elevenLabs", "elevenLabsV3", "starfish"),
        default_engine="starfish",
    ),
    Voice(
        voice_id="es-ES-ElviraNeural",
        name="Elvira",
        gender="female",
        locale="es-ES",
        engines=("auto", "azure", "openai"),
        default_engine="azure",
        emotions=("cheerful",),
    ),
)


class Switches(BaseModel):
    """How the emulated useapi.net behaves."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    accounts: tuple[str, ...] = ("one@example.invalid",)
    voices: tuple[Voice, ...] = VOICES
    envelope: Literal["voices", "bare", "data", "data.voices", "list", "single"] = Field(
        default="voices", description="of GET /tts/voices; single is a bare object where voice_id is given"
    )
    processing: float = Field(default=0.0, ge=0, description="seconds that a text to speech takes")
    max_jobs: int = Field(default=100, description="of one account at once; one more is refused with 429")
    daily_seconds: float | None = Field(
        default=None, description="of speech of one account on one day of the clock"
    )
    daily_limit_status: int = 400
    broken_accounts: tuple[str, ...] = Field(default=(), description="answered with 596")
    subscribed: bool = True
    decommissioned: Literal[0, 404, 410] = Field(default=0, description="answers everything with this status")
    sound: media.Sound = Field(default="mp3", description="what speech is, under the name and type of an MP3")
    outcome: Literal["done", "not_passed", "empty", "job"] = Field(
        default="done", description="done; is_pass false; an empty object; a job_id and no audio"
    )


def given_fields(request: Received) -> Body:
    """The members of a JSON or multipart body, numbers read as such; none where it is neither."""
    if request.content_type != MULTIPART:
        return request.fields or {}
    fields: Body = {}
    for part in request.parts:
        text = part.content.decode(errors="replace")
        try:
            fields[part.name] = float(text) if part.name in RANGES else text
        except ValueError:
            fields[part.name] = text
    return fields


def unfit(fields: Body) -> str:
    """What is wrong with the members whatever the voice; empty where nothing is."""
    problems = (_unfit_member(name, fields) for name in (*fields, "voice_id", "prompt"))
    return next((problem for problem in problems if problem), "")


def _unfit_member(name: str, fields: Body) -> str:
    value: Any = fields.get(name)
    choices = {"language_code": [code for code, _, _ in LANGUAGES], "engine": ENGINES}.get(name)
    if name in RANGES:
        lowest, highest, _ = RANGES[name]
        fits = not isinstance(value, bool) and isinstance(value, int | float) and lowest <= value <= highest
        problem = "" if fits else f"Param {name} must be a number between {lowest} and {highest}"
    elif name not in TEXTS:
        problem = f"Unknown param {name}"
    elif name not in fields:
        problem = f"Param {name} is required"
    elif not isinstance(value, str) or not value:
        problem = f"Param {name} must be a non-empty string"
    elif name == "prompt" and len(value) > LONGEST_PROMPT:
        problem = f"Param prompt exceeds the maximum length of {LONGEST_PROMPT} characters"
    elif choices is not None and value not in choices:
        problem = f"Invalid {name} {value}, supported values: {','.join(choices)}"
    else:
        problem = ""
    return problem


def unsupported(voice: Voice, fields: Mapping[str, Any]) -> str:
    """What the voice does not take; empty where it takes all."""
    engine, emotion = fields.get("engine"), fields.get("emotion")
    if engine is not None and engine not in voice.engines:
        return f"Invalid engine {engine} for voice {voice.voice_id}, supported values: {','.join(voice.engines)}"
    if emotion is not None and not voice.emotions:
        return f"Voice {voice.voice_id} does not support emotions"
    if emotion is not None and emotion not in voice.emotions:
        return (
            f"Invalid emotion {emotion} for voice {voice.voice_id}, supported values: {', '.join(voice.emotions)}"
        )
    return ""


def chosen_engine(voice: Voice) -> str:
    """Where the request names none."""
    return "elevenLabs" if "elevenLabs" in voice.engines else voice.default_engine
