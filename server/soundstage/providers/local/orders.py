"""From the work that is asked for to the job that the engine is given."""

from datetime import UTC, datetime
from pathlib import Path

from soundstage.providers.local.engine import Kind, Prepare
from soundstage.providers.local.jobs import AvatarJob, CloneJob, SpeechJob
from soundstage.providers.local.profile import LocalAvatar, LocalClone, LocalSpeech
from soundstage.providers.local.voice_folder import VoiceFolder, clone_name, is_clone_name
from soundstage.providers.port import AvatarWork, CloneWork, SpeechWork, Work


def order(work: Work, voices: VoiceFolder) -> tuple[Kind, Prepare]:
    """The kind of the job, and what makes it for a folder of its own."""
    match work:
        case SpeechWork():
            return "speech", lambda folder: _speech(work, folder, voices)
        case CloneWork():
            return "clone", lambda folder: _clone(work, folder)
        case AvatarWork():
            return "avatar", lambda folder: _avatar(work, folder)


def _speech(work: SpeechWork, folder: Path, voices: VoiceFolder) -> SpeechJob:
    fields = LocalSpeech.model_validate(work.fields)
    return SpeechJob(
        text=fields.text,
        voice=work.voice,
        audio_path=folder / f"speech.{fields.format}",
        timings_path=folder / "timings.json",
        format=fields.format,
        speed=fields.speed,
        pitch=fields.pitch,
        volume=fields.volume,
        voice_path=voices.path(work.voice) if is_clone_name(work.voice) else None,
    )


def _clone(work: CloneWork, folder: Path) -> CloneJob:
    fields = LocalClone.model_validate(work.fields)
    return CloneJob(
        sample_path=work.audio,
        voice_path=folder / f"{clone_name(work.generation_id)}.json",
        name=fields.name,
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        consent=work.consent,
        keep_sample=fields.keep_sample,
    )


def _avatar(work: AvatarWork, folder: Path) -> AvatarJob:
    assert work.audio is not None, "submitted without its audio"
    fields = LocalAvatar.model_validate(work.fields)
    return AvatarJob(
        audio_path=work.audio,
        video_path=folder / "video.mp4",
        image_path=work.image,
        timings_path=work.timings,
        aspect_ratio=fields.aspect_ratio,
        resolution=fields.resolution,
        expressiveness=fields.expressiveness,
        head_motion=fields.head_motion,
    )
