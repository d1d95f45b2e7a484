"""SpeechGen's answers, none of which is trusted: what they say, in our words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from soundstage.http.quotation import plain
from soundstage.providers.reading import Body, bodies_of, body_of, gender_of, number_of, unreadable, web_url
from soundstage.providers.speechgen.profile import NAME, TITLE
from soundstage_tools.results import Voice

_ID = re.compile(r"[A-Za-z0-9._:-]{1,200}")
_DOTS = re.compile(r"\.+")


@dataclass(frozen=True, slots=True)
class VoiceModel:
    """A voice that is being cloned, or was. `status` is SpeechGen's own word, `reason` why it failed."""

    model_id: str
    status: str
    voice_id: str = ""
    name: str = ""
    language: str = ""
    gender: str = ""
    reason: str = ""


def id_of(content: Body, *names: str) -> str:
    """The first of these members that can be used as an id; empty where none can."""
    found = (content.get(name) for name in names)
    return next((one for one in found if isinstance(one, str) and is_id(one)), "")


def is_id(text: str) -> bool:
    """Whether this can name something in a path, and is no way up."""
    return bool(_ID.fullmatch(text)) and not _DOTS.fullmatch(text)


def text_of(content: Body, *names: str) -> str:
    """The first of these members that is a text and says something."""
    found = (content.get(name) for name in names)
    return next((one for one in found if isinstance(one, str) and one.strip()), "")


def url_of(content: Body, *names: str) -> str:
    """The first of these members that is a URL; empty where none is."""
    found = (web_url(content.get(name)) for name in names)
    return next(filter(None, found), "")


def seconds_of(told: object) -> float | None:
    """A duration in seconds, which may be told as a text; None where it is none."""
    try:
        return number_of(float(told) if isinstance(told, str) else told) or None
    except ValueError:
        return None


def estimated_seconds(content: Body) -> float | None:
    """How long a clone is to take, from either of the two answers that are documented; None where neither says."""
    if seconds := seconds_of(content.get("estimated_time")):
        return seconds
    try:
        began = datetime.fromisoformat(text_of(content, "created_at"))
        return seconds_of(
            (datetime.fromisoformat(text_of(content, "estimated_completion")) - began).total_seconds()
        )
    except (ValueError, TypeError):
        return None


def stock_voices(content: Any) -> list[Voice]:
    """The voices of `GET /voices`."""
    found: list[Voice] = []
    for one in _listed(content, "voices"):
        if voice_id := id_of(one, "id", "voice_id"):
            cloned = text_of(one, "kind", "type") in {"cloned", "custom"}
            found.append(_voice(voice_id, one, "cloned" if cloned else "stock"))
    return found


def voice_models(content: Any) -> list[VoiceModel]:
    """The models of `GET /models`.

    Raises:
        Unavailable: there is no list of them in it.
    """
    models = [(id_of(one, "model_id", "id"), one) for one in _listed(content, "models")]
    if not models and not _has_list(content, "models"):
        raise unreadable(TITLE)
    return [voice_model(one, model_id) for model_id, one in models if model_id]


def voice_model(content: Any, model_id: str) -> VoiceModel:
    """The model that goes by this id."""
    told = body_of(content)
    return VoiceModel(
        model_id=model_id,
        status=text_of(told, "status"),
        voice_id=id_of(told, "voice_id"),
        name=text_of(told, "name"),
        language=text_of(told, "language"),
        gender=text_of(told, "gender"),
        reason=text_of(body_of(told.get("error")), "message")
        or text_of(told, "error", "message", "failure_reason"),
    )


def cloned_voices(models: Sequence[VoiceModel]) -> list[Voice]:
    """The voices of those models that are ready."""
    return [
        _voice(one.voice_id, {"name": one.name, "language": one.language, "gender": one.gender}, "cloned")
        for one in models
        if one.voice_id and one.status in {"ready", ""}
    ]


def _voice(voice_id: str, told: Body, kind: Literal["stock", "cloned"]) -> Voice:
    return Voice(
        voice_id=f"{NAME}:{voice_id}",
        name=plain(text_of(told, "name")) or voice_id,
        language=plain(text_of(told, "language"), 35) or "und",
        gender=gender_of(told.get("gender")),
        kind=kind,
    )


def _listed(content: Any, name: str) -> list[Body]:
    """The objects of a list, which may be inside an object under one of the usual names."""
    for place in _places(content, name):
        if found := bodies_of(place):
            return found
    return []


def _has_list(content: Any, name: str) -> bool:
    """Whether there is an empty list at least, where `_listed` looks for one."""
    return any(one == [] for one in _places(content, name))


def _places(content: Any, name: str) -> Sequence[object]:
    told = body_of(content)
    return (content, told.get(name), told.get("data"), told.get("items"))
