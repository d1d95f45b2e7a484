"""The voices and languages that useapi.net lists. Little of their form is documented: much is borne with."""

import re
from collections.abc import Iterable, Sequence
from typing import cast

from soundstage.http.quotation import plain
from soundstage.providers.heygen.profile import NAME
from soundstage.providers.languages import TAGS, UNKNOWN
from soundstage.providers.reading import Body, bodies_of, body_of, gender_of, web_url
from soundstage_tools.results import Voice

_VOICE_ID = re.compile(r"[!-~]{1,200}")
_TAG = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*")
_NAMES = ("display_name", "name", "voice_name", "label")
_PREVIEWS = ("preview", "preview_url", "preview_audio_url", "sample")


def voices(answer: object) -> Sequence[Voice]:
    """The voices in an answer of `GET /tts/voices`."""
    found = {item["voice_id"]: _voice(item) for item in _items(answer) if _is_voice_id(item.get("voice_id"))}
    return list(found.values())


def language_codes(answer: object) -> Sequence[str]:
    """The codes in an answer of `GET /tts/languages`."""
    told = (_text(item, ("language_code", "locale", "value")) for item in _items(answer, "languages"))
    return list(dict.fromkeys(code for code in told if _TAG.fullmatch(code)))


def _items(answer: object, name: str = "voices") -> list[Body]:
    """The objects in a list, wherever in the answer it is; a single object is a list of one."""
    for _ in range(3):
        if not isinstance(answer, dict):
            break
        members = cast("Body", answer)
        answer = next((members[key] for key in (name, "data", "list") if key in members), [members])
    return bodies_of(answer)


def _is_voice_id(value: object) -> bool:
    return isinstance(value, str) and _VOICE_ID.fullmatch(value) is not None


def _voice(item: Body) -> Voice:
    emotions = body_of(item.get("settings")).get("clone_emotions", ())
    engines = [*_texts(item.get("voice_engines")), *_texts([item.get("default_voice_engine")])]
    return Voice(
        voice_id=f"{NAME}:{item['voice_id']}",
        name=plain(_text(item, _NAMES)) or item["voice_id"],
        language=_language(item),
        gender=gender_of(item.get("gender")),
        engines=list(dict.fromkeys(engines)) or None,
        emotions=None if emotions == () else _emotions(emotions),
        preview_url=web_url(_text(item, _PREVIEWS), secure=True) or None,
    )


def _emotions(told: object) -> list[str]:
    listed = cast("list[object]", told) if isinstance(told, list) else []
    return _texts([cast("Body", one).get("name") if isinstance(one, dict) else one for one in listed])


def _language(item: Body) -> str:
    for name in ("locale", "language_code", "language"):
        if _TAG.fullmatch(tag := _text(item, (name,))) and tag.lower() not in TAGS:
            return tag.replace("_", "-")
    words = re.findall(r"\w+", _text(item, ("language",)).lower())
    return next((TAGS[word] for word in words if word in TAGS), UNKNOWN)


def _text(item: Body, names: Iterable[str]) -> str:
    """The first of these members that is a text, and not blank."""
    found = (item.get(name) for name in names)
    return next((value.strip() for value in found if isinstance(value, str) and value.strip()), "")


def _texts(values: object) -> list[str]:
    """Those of some values that are short, visible texts."""
    listed = cast("list[object]", values) if isinstance(values, list) else []
    return [value for value in listed if isinstance(value, str) and value and plain(value) == value]
