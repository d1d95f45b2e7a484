"""SpeechGen: voices, cloned models, and a text to speech that answers with the audio itself."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, cast

from pydantic import BaseModel, ConfigDict, Field

from emulators import media
from emulators.clock import stamp
from emulators.message import MULTIPART, Answer, Body, Part, Received, said, switched
from emulators.world import Media, World

VOICES: tuple[tuple[str, str, str, str, list[str]], ...] = (
    ("en-US-Neural2-A", "Aria", "en-US", "female", ["cheerful", "professional", "calm"]),
    ("en-GB-Neural2-B", "Oliver", "en-GB", "male", ["calm"]),
    ("es-ES-Neural2-C", "Carmen", "es-ES", "female", []),
)
CONTAINERS = ("mp3", "wav", "mp4", "flac", "ogg")
FORMATS = ("mp3", "wav", "ogg")
SHORTEST, LONGEST = 10.0, 300.0
LARGEST = 10 * 1024 * 1024
CLONE_PARTS = ("audio", "name", "description", "enhance_quality")
SPEECH_FIELDS = ("text", "voice", "format", "speed", "pitch")


class Switches(BaseModel):
    """How the emulated SpeechGen behaves."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    processing_polls: int = Field(default=2, ge=0, description="status calls of a new model that say processing")
    clone_outcome: Literal["ready", "failed"] = "ready"
    failure_reason: str = Field(default="", description="told by a failed model, where there is one")
    clone_answer: Literal["full", "brief"] = Field(
        default="full", description="the two documented forms of the 201"
    )
    speech_answer: Literal["audio", "json"] = Field(
        default="audio", description="the audio itself, or an address of it"
    )
    processing: float = Field(default=0.0, ge=0, description="seconds that a text to speech takes")
    characters: int | None = Field(default=None, description="left to speak; one more is refused with 402")


@dataclass
class Model:
    id: str
    voice_id: str
    name: str
    description: str
    created: float
    polls: int = 0


class SpeechGen:
    name = "speechgen"
    prefix = "/v1"

    def __init__(self, world: World) -> None:
        self._switches = Switches()
        self._world = world
        self._sample = world.shelf.put(Media("sample.mp3", "audio/mpeg", lambda: media.sound("mp3", 2.0)))
        self._models: dict[str, Model] = {}
        self._used = 0

    def switch(self, changes: Body) -> Body:
        self._switches = switched(self._switches, changes)
        return self._switches.model_dump(mode="json")

    def credential(self, request: Received) -> str | None:
        return request.bearer

    def not_found(self) -> Answer:
        return _wrong(404, "not_found", "The requested resource does not exist.")

    def inventory(self) -> Body:
        return {"models": [self._shown(model) for model in self._models.values()], "characters_used": self._used}

    def handle(self, request: Received) -> Answer:
        key = self.credential(request)
        if key is None:
            return _wrong(401, "missing_api_key", "No API key was provided")
        if key not in self._world.keys:
            return _wrong(401, "invalid_api_key", "The API key provided is invalid")
        routes: dict[tuple[str, str], Callable[[Received], Answer]] = {
            ("GET", "/voices"): lambda _: said(200, {"voices": [_voice(*voice) for voice in VOICES]}),
            ("GET", "/models"): lambda _: said(200, {"models": [self._shown(m) for m in self._models.values()]}),
            ("POST", "/voice-clone"): self._clone,
            ("POST", "/text-to-speech"): self._speak,
        }
        match request.method, request.path.split("/"):
            case "GET", ["", "voices", voice_id]:
                found = next((_voice(*voice) for voice in VOICES if voice[0] == voice_id), None)
                return said(200, found) if found else self.not_found()
            case "GET" | "DELETE", ["", "models", model_id]:
                return self._model(request.method, model_id)
            case method, _:
                route = routes.get((method, request.path))
                return route(request) if route else self.not_found()

    def _model(self, method: str, model_id: str) -> Answer:
        model = self._models.get(model_id)
        if model is None:
            return self.not_found()
        if method == "DELETE":
            del self._models[model_id]
            return Answer(204)
        model.polls += 1
        return said(200, self._shown(model))

    def _status(self, model: Model) -> str:
        return "processing" if model.polls <= self._switches.processing_polls else self._switches.clone_outcome

    def _shown(self, model: Model) -> Body:
        status = self._status(model)
        body: Body = {"model_id": model.id, "name": model.name, "status": status}
        if status == "ready":
            return body | {"voice_id": model.voice_id, "created_at": stamp(model.created), "usage_count": 0}
        body |= {"created_at": stamp(model.created)}
        told = status == "failed" and self._switches.failure_reason
        return body | ({"failure_reason": self._switches.failure_reason} if told else {})

    def _clone(self, request: Received) -> Answer:
        if request.content_type != MULTIPART or not request.parts:
            return _wrong(415, "invalid_content_type", "Content-Type must be multipart/form-data.")
        parts = {part.name: part for part in request.parts}
        refusal = _unfit_parts(parts, len(request.parts)) or _unfit_audio(parts["audio"])
        if refusal:
            return refusal
        text = {name: part.content.decode(errors="replace") for name, part in parts.items() if name != "audio"}
        names, now = self._world.names, self._world.clock.now()
        description = text.get("description", "")
        model = Model(
            f"vm_{names.token('model')}", f"custom-{names.token('custom', 6)}", text["name"], description, now
        )
        self._models[model.id] = model
        created = {"kind": "model", "id": model.id, "model_id": model.id}
        if self._switches.clone_answer == "brief":
            return said(201, {"model_id": model.id, "status": "processing", "estimated_time": 60}, created=created)
        sample = {
            "title": "Default Sample",
            "text": "This is a demonstration of the voice clone...",
            "audio_url": self._world.shelf.url(self._sample),
        }
        body = {
            "model_id": model.id,
            "name": model.name,
            "description": description,
            "status": "processing",
            "created_at": stamp(now),
            "estimated_completion": stamp(now + 60),
            "samples": [sample],
        }
        return said(201, body, created=created)

    def _speak(self, request: Received) -> Answer:
        fields = request.fields
        if fields is None:
            return _wrong(400, "invalid_json", "The request body is not a JSON object.")
        refusal = _unfit_speech(fields)
        if refusal:
            return refusal
        text, kind = str(fields["text"]), cast("media.Sound", fields.get("format", "mp3"))
        ready = {model.voice_id for model in self._models.values() if self._status(model) == "ready"}
        if fields["voice"] not in ready | {voice[0] for voice in VOICES}:
            words = f"The specified voice '{fields['voice']}' does not exist."
            return _wrong(400, "invalid_voice", words, "voice")
        allowed = self._switches.characters
        if allowed is not None and self._used + len(text) > allowed:
            return _wrong(402, "insufficient_credits", "Not enough characters left.")
        self._used += len(text)
        speed = float(fields.get("speed", 1.0))
        seconds = media.spoken_seconds(text, min(4.0, max(0.25, speed)))
        audio = media.sound(kind, seconds)
        created = {"kind": "speech", "id": self._world.names.token("speech", 12), "seconds": seconds}
        paid: dict[str, Any] = {
            "created": created,
            "cost": len(text),
            "lane": "",
            "seconds": self._switches.processing,
        }
        headers = {"X-Audio-Duration": f"{seconds:g}", "X-Characters-Used": str(len(text))}
        if self._switches.speech_answer == "json":
            token = self._world.shelf.put(Media(f"speech.{kind}", media.CONTENT_TYPES[kind], lambda: audio))
            return said(200, {"audio_url": self._world.shelf.url(token), "duration": seconds}, **paid)
        return Answer(200, audio, {"Content-Type": media.CONTENT_TYPES[kind], **headers}, **paid)


def _wrong(status: int, code: str, message: str, param: str | None = None) -> Answer:
    error = {"code": code, "message": message} | ({} if param is None else {"param": param})
    return said(status, {"error": error})


def _voice(voice_id: str, name: str, language: str, gender: str, styles: list[str]) -> Body:
    return {"id": voice_id, "name": name, "language": language, "gender": gender, "styles": styles}


def _unfit_parts(parts: dict[str, Part], count: int) -> Answer | None:
    unknown = next((name for name in parts if name not in CLONE_PARTS), None)
    if unknown is not None:
        return _wrong(400, "invalid_request", f"Unknown field '{unknown}'.", unknown)
    if count != len(parts):
        return _wrong(400, "invalid_request", "A field was sent twice.")
    for name in ("audio", "name"):
        if name not in parts or not parts[name].content:
            return _wrong(400, "missing_parameter", f"The field '{name}' is required.", name)
    if not parts["audio"].filename or any(parts[name].filename is not None for name in parts if name != "audio"):
        return _wrong(400, "invalid_request", "Only the field 'audio' is a file.", "audio")
    if "enhance_quality" in parts and parts["enhance_quality"].content not in {b"true", b"false"}:
        return _wrong(400, "invalid_request", "enhance_quality is true or false.", "enhance_quality")
    return None


def _unfit_audio(part: Part) -> Answer | None:
    if len(part.content) > LARGEST:
        return _wrong(413, "file_too_large", "The audio file is larger than 10MB.", "audio")
    probed = media.probe(part.content)
    if probed is None or probed.container not in CONTAINERS:
        return _wrong(400, "invalid_audio", "The audio is not MP3, WAV, M4A, FLAC or OGG.", "audio")
    if not SHORTEST <= probed.seconds <= LONGEST:
        words = f"The audio plays {probed.seconds:.1f} seconds; 10 seconds to 5 minutes are needed."
        return _wrong(400, "invalid_audio_duration", words, "audio")
    return None


def _unfit_speech(fields: Body) -> Answer | None:
    unknown = next((name for name in fields if name not in SPEECH_FIELDS), None)
    if unknown is not None:
        return _wrong(400, "invalid_request", f"Unknown parameter '{unknown}'.", unknown)
    for name in ("text", "voice"):
        if not isinstance(fields.get(name), str) or not fields[name].strip():
            return _wrong(400, "missing_parameter", f"The parameter '{name}' is required.", name)
    if fields.get("format", "mp3") not in FORMATS:
        return _wrong(400, "invalid_format", "The format is mp3, wav or ogg.", "format")
    for name in ("speed", "pitch"):
        value: Any = fields.get(name, 0)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return _wrong(400, "invalid_request", f"The parameter '{name}' is a number.", name)
    return None
