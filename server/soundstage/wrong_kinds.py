"""The refusals of handles that name something else than what is asked for, or nothing that was made."""

from collections.abc import Mapping

from soundstage.generations.record import UNFINISHED, Record
from soundstage_tools.errors import BadRequest
from soundstage_tools.results import AssetRole, GenerationKind

_NAMES: Mapping[GenerationKind | AssetRole, str] = {
    "speech": "a speech generation",
    "voice_clone": "the generation of a voice clone",
    "avatar_video": "the generation of a video",
    "audio": "a generation's audio",
    "video": "a generation's video",
    "timings": "the timings of a speech generation",
}


def no_audio(what: GenerationKind | AssetRole) -> BadRequest:
    """The refusal of this as `audio`."""
    return BadRequest(
        code="wrong_kind",
        message=f"`audio` names {_NAMES[what]}, which is no recording of a voice.",
        next_step="Send a recording, or the audio or generation_id of a speech generation.",
    )


def no_picture(what: GenerationKind | AssetRole) -> BadRequest:
    """The refusal of this as `image`."""
    return BadRequest(
        code="wrong_kind",
        message=f"`image` names {_NAMES[what]}, which is no picture.",
        next_step="Send a portrait picture, or leave image empty where the model has a host of its own.",
    )


def no_voice(record: Record) -> BadRequest:
    """The refusal of a generation as `voice_id`, with the voice that it made where it made one."""
    if record.kind != "voice_clone":
        next_step = "Take a voice_id from list_voices."
    elif record.voice_id:
        next_step = f"Send the voice that it made: {record.voice_id}."
    elif record.state in UNFINISHED:
        next_step = "Follow it with get_generation_status, and send its voice_id when it has succeeded."
    else:
        next_step = f"It is {record.status}, and made no voice: take a voice_id from list_voices."
    return BadRequest(
        code="wrong_kind",
        message=f"`voice_id` names {_NAMES[record.kind]}, which is no voice.",
        next_step=next_step,
    )


def not_made(speech: Record) -> BadRequest:
    """The refusal of a speech generation without a speech as `audio`."""
    return BadRequest(
        code="speech_not_made",
        message=f"There is no speech in {speech.generation_id}, which `audio` names: it is {speech.status}.",
        next_step="get_generation_status tells what can be done about it; or send another speech.",
    )
