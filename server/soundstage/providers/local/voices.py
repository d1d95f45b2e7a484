"""The voices of the local engine, as data: nothing here loads a model."""

from dataclasses import dataclass
from typing import Literal

from soundstage.providers.local import weights
from soundstage.providers.local.clones import Gender

SpeechEngine = Literal["hibari", "kokoro"]


@dataclass(frozen=True, slots=True)
class LocalVoice:
    """A voice that speaks one language (a BCP-47 tag). `name` is what a speech job takes."""

    name: str
    display_name: str
    language: str
    gender: Gender
    engine: SpeechEngine


_ACCENTS = {"a": "en-US", "b": "en-GB", "e": "es", "f": "fr", "p": "pt-BR"}
_GENDERS: dict[str, Gender] = {"f": "female", "m": "male"}
_KOKORO = (
    "af_heart",
    "af_alloy",
    "af_aoede",
    "af_bella",
    "af_jessica",
    "af_kore",
    "af_nicole",
    "af_nova",
    "af_river",
    "af_sarah",
    "af_sky",
    "am_adam",
    "am_echo",
    "am_eric",
    "am_fenrir",
    "am_liam",
    "am_michael",
    "am_onyx",
    "am_puck",
    "am_santa",
    "bf_alice",
    "bf_emma",
    "bf_isabella",
    "bf_lily",
    "bm_daniel",
    "bm_fable",
    "bm_george",
    "bm_lewis",
    "ef_dora",
    "em_alex",
    "em_santa",
    "ff_siwis",
    "pf_dora",
    "pm_alex",
    "pm_santa",
)


def _kokoro_voice(name: str) -> LocalVoice:
    language, gender = _ACCENTS[name[0]], _GENDERS[name[1]]
    return LocalVoice(name, name[3:].capitalize(), language, gender, "kokoro")


VOICES = (
    LocalVoice("hibari", "Hibari", "en-US", "female", "hibari"),
    *(_kokoro_voice(name) for name in _KOKORO),
)
"""Every voice, the default one first."""

DEFAULT_VOICE = VOICES[0]
"""Light and some thirty times faster than the others, and present wherever any voice is."""


def find_voice(name: str) -> LocalVoice | None:
    """The voice of that name, installed or not."""
    return next((voice for voice in VOICES if voice.name == name), None)


def missing_packages(voice: LocalVoice) -> tuple[str, ...]:
    """The distributions that this voice needs and that are not installed; none when it can speak."""
    needed = weights.RUNTIME
    if voice.engine == "kokoro":
        needed += weights.KOKORO.distributions
    if not voice.language.startswith("en"):
        needed += weights.ROMANCE_PRONUNCIATION
    return weights.missing(needed)


def available_voices() -> tuple[LocalVoice, ...]:
    """The voices that can speak with what is installed, the default one first."""
    return tuple(voice for voice in VOICES if not missing_packages(voice))
