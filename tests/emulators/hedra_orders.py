"""From the body of a POST /generations to a generation, or to the refusal that Hedra gives."""

import math
from collections.abc import Mapping
from typing import Any

from emulators import media
from emulators.hedra_assets import Holdings
from emulators.hedra_catalogue import CHARACTER_3, MODELS, SHAPES, SIDES, Model, frame
from emulators.hedra_jobs import Job, Step
from emulators.message import Answer, Body, said
from emulators.openapi import Document, Fault

SCHEMAS = {
    "text_to_speech": "GenerateTextToSpeechRequest",
    "video": "GenerateVideoRequest",
    "voice_clone": "GenerateVoiceCloneRequest",
}
DEFAULTS: Mapping[str, Body] = {
    "text_to_speech": {"model_id": None, "stability": 1.0, "speed": 1.0, "language": "auto"},
    "video": {"ai_model_id": CHARACTER_3, "start_keyframe_id": None, "audio_id": None, "audio_generation": None},
    "voice_clone": {},
}
PICTURE_DEFAULTS: Body = {
    "resolution": None,
    "aspect_ratio": None,
    "duration_ms": None,
    "bounding_box_target": None,
    "character_orientation": None,
    "enhance_prompt": False,
}


class Refusal(Exception):
    """Carries the answer that a check gives."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer


def impossible(status: int, words: str) -> Refusal:
    return Refusal(said(status, {"code": status, "messages": [words]}))


def invalid(holdings: Holdings, *faults: Fault) -> Refusal:
    """422 in the shape of the OpenAPI document, or in the one that was seen on the wire."""
    if holdings.switches.validation == "detail":
        detail = [{"loc": list(fault.loc), "msg": fault.msg, "type": fault.type} for fault in faults]
        return Refusal(said(422, {"detail": detail}))
    places = (".".join(str(step) for step in fault.loc) for fault in faults)
    words = [f"{fault.msg} (type={fault.type} at {place})" for fault, place in zip(faults, places, strict=True)]
    return Refusal(said(422, {"messages": words}))


def order(holdings: Holdings, document: Document, body: Body) -> Job:
    """The generation that the body asks for, not yet entered or paid."""
    switches = holdings.switches
    kind = body.get("type", "video" if switches.form == "2025-07" else None)
    if not isinstance(kind, str) or kind not in SCHEMAS:
        raise invalid(holdings, _tag_fault(body))
    faults = document.faults(SCHEMAS[kind], {**body, "type": kind}, "body", kind)
    if switches.client_id == "refused" and "generation_id" in body:
        faults.append(Fault(("body", kind, "generation_id"), "Extra inputs are not permitted", "extra_forbidden"))
    if faults:
        raise invalid(holdings, *faults)
    asked: Body = {"type": kind, **DEFAULTS[kind], **body}
    chosen = asked.pop("generation_id", None) if switches.client_id == "accepted" else None
    asked.pop("generation_id", None)
    if chosen in holdings.jobs:
        raise impossible(409, f"generation {chosen} already exists")
    job = {"text_to_speech": _speech, "video": _video, "voice_clone": _clone}[kind](holdings, asked)
    if job.cost > (left := switches.credits - holdings.spent):
        raise impossible(402, f"Insufficient credits. Required: {job.cost}, Available: {left}")
    job.id = chosen or holdings.world.names.uuid("generation")
    job.asset_id = holdings.world.names.uuid("asset")
    return job


def _tag_fault(body: Body) -> Fault:
    if "type" not in body:
        return Fault(("body",), "Unable to extract tag using discriminator 'type'", "union_tag_not_found")
    words = ", ".join(f"'{name}'" for name in SCHEMAS)
    message = f"Input tag '{body['type']}' found using 'type' does not match any of the expected tags: {words}"
    return Fault(("body",), message, "union_tag_invalid")


def _speech(holdings: Holdings, asked: Body) -> Job:
    return _job(holdings, asked, _speech_cost(asked), _spoken(holdings, asked))


def _spoken(holdings: Holdings, asked: Body) -> float:
    """Seconds that a text_to_speech takes, its voice checked."""
    if asked["voice_id"] not in holdings.voice_ids():
        raise impossible(400, f"voice {asked['voice_id']} not found")
    return media.spoken_seconds(asked["text"], asked.get("speed", 1.0))


def _speech_cost(asked: Body) -> int:
    return math.ceil(len(asked["text"]) * 15 / 1000)


def _clone(holdings: Holdings, asked: Body) -> Job:
    switches = holdings.switches
    if switches.cloning == "withdrawn":
        raise impossible(switches.cloning_status, switches.cloning_words)
    _heard(holdings, asked["audio_id"])
    return _job(holdings, asked, 0, 0.0)


def _video(holdings: Holdings, asked: Body) -> Job:
    model = next((model for model in MODELS if model.id == asked["ai_model_id"]), None)
    if model is None:
        raise impossible(400, f"model {asked['ai_model_id']} not valid for generation type video")
    inputs = asked["generated_video_inputs"] = {**PICTURE_DEFAULTS, **asked["generated_video_inputs"]}
    _check_inputs(holdings, model, inputs)
    _check_keyframe(holdings, model, asked["start_keyframe_id"])
    seconds, cost = _sound(holdings, model, asked)
    seconds = min(seconds, (inputs["duration_ms"] or math.inf) / 1000)
    if model.max_duration_ms is not None and seconds * 1000 > model.max_duration_ms:
        raise impossible(
            400, f"audio of {seconds:.3f} s is longer than {model.max_duration_ms} ms of {model.name}"
        )
    job = _job(holdings, asked, cost + math.ceil(seconds * model.credits_a_second), seconds)
    job.width, job.height = frame(inputs["resolution"], inputs["aspect_ratio"])
    if inputs["resolution"] is None and holdings.switches.without_resolution == "fails":
        failed = Step(at=1, status="error", progress=0.1, message="UNAVAILABLE", reason={"type": "UNAVAILABLE"})
        job.script = (*job.script[:1], failed)
    return job


def _sound(holdings: Holdings, model: Model, asked: Body) -> tuple[float, int]:
    """Seconds and price of what the face will say."""
    spoken = asked["audio_generation"]
    if asked["audio_id"] is not None:
        return _heard(holdings, asked["audio_id"]), 0
    if spoken is None:
        raise impossible(400, f"audio_id missing, required by model {model.name}")
    if holdings.switches.inline_audio == "refused":
        raise impossible(400, "model missing not valid for generation type text_to_speech")
    return _spoken(holdings, spoken), _speech_cost(spoken)


def _heard(holdings: Holdings, asset_id: str) -> float:
    seconds = holdings.audio_seconds(asset_id)
    if seconds is None:
        raise impossible(400, f"audio_id {asset_id} is not an uploaded audio asset")
    return seconds


def _check_keyframe(holdings: Holdings, model: Model, asset_id: str | None) -> None:
    if asset_id is None:
        raise impossible(400, f"start_keyframe_id missing, required by model {model.name}")
    upload = holdings.uploads.get(asset_id)
    if upload is None or upload.type != "image" or upload.probed is None:
        raise impossible(400, f"start_keyframe_id {asset_id} is not an uploaded image asset")


def _check_inputs(holdings: Holdings, model: Model, inputs: Mapping[str, Any]) -> None:
    for name, choices in (("resolution", SIDES), ("aspect_ratio", SHAPES)):
        if inputs[name] is not None and inputs[name] not in choices:
            raise impossible(400, f"{name} {inputs[name]} not valid for model {model.name}")
    if inputs["bounding_box_target"] is not None and not model.bounding_box:
        raise impossible(400, f"bounding_box_target not valid for model {model.name}")
    if model.max_duration_ms is not None and (inputs["duration_ms"] or 0) > model.max_duration_ms:
        place = ("body", "video", "generated_video_inputs", "duration_ms")
        words = f"Input should be less than or equal to {model.max_duration_ms}"
        raise invalid(holdings, Fault(place, words, "less_than_equal"))


def _job(holdings: Holdings, asked: Body, cost: int, seconds: float) -> Job:
    switches = holdings.switches
    script = switches.scripts.get(asked["type"]) or switches.scripts["*"]
    return Job("", "", asked["type"], asked, holdings.world.clock.now(), cost, script, switches.early_404, seconds)
