"""What the emulated Hedra holds: uploads, generations, voices, and the Asset bodies that show them."""

from dataclasses import dataclass, field

from emulators import media
from emulators.clock import stamp
from emulators.hedra_catalogue import VOICES, StockVoice
from emulators.hedra_jobs import Job, Step, Switches
from emulators.message import Body
from emulators.world import Media, World


@dataclass
class Upload:
    """An asset record; until a file has come, `probed` is None."""

    id: str
    type: str
    name: str
    created: float
    probed: media.Probed | None = None
    token: str = ""


@dataclass
class Holdings:
    world: World
    thumbnail: str
    preview: str
    switches: Switches = field(default_factory=Switches)
    uploads: dict[str, Upload] = field(default_factory=dict[str, Upload])
    jobs: dict[str, Job] = field(default_factory=dict[str, Job])
    spent: int = 0

    def step(self, job: Job) -> Step:
        """Where a generation is now. Its files are published when it is first seen complete."""
        step = job.step(self.world, self.switches.pace)
        if step.status == "complete" and not job.media and job.type != "voice_clone":
            job.media = _publish(job, self.world, self.switches.sound)
        return step

    def finished(self, asset_type: str) -> list[Job]:
        return [
            job
            for job in self.jobs.values()
            if job.asset_type == asset_type and self.step(job).status == "complete"
        ]

    def voice_ids(self) -> set[str]:
        return {voice.id for voice in VOICES} | {job.asset_id for job in self.finished("voice")}

    def audio_seconds(self, asset_id: str) -> float | None:
        """How long an audio asset plays; None where there is no such audio, or its file has not come."""
        upload = self.uploads.get(asset_id)
        if upload is not None:
            return upload.probed.seconds if upload.type == "audio" and upload.probed else None
        return next((job.seconds for job in self.finished("audio") if job.asset_id == asset_id), None)

    def assets(self, asset_type: str) -> list[Body]:
        """The bodies of GET /assets, the oldest first."""
        uploads = [self.uploaded(u) for u in self.uploads.values() if u.type == asset_type and u.probed]
        return uploads + [self.made(job) for job in self.finished(asset_type)]

    def uploaded(self, upload: Upload) -> Body:
        assert upload.probed is not None
        url = self.world.shelf.url(upload.token)
        if upload.type == "image":
            file: Body = {"type": "uploaded_image", "width": upload.probed.width, "height": upload.probed.height}
            return self._asset(upload.id, "image", upload.name, upload.created, file | {"url": url})
        file = {"type": "uploaded_audio", "duration_ms": round(upload.probed.seconds * 1000), "url": url}
        return self._asset(upload.id, "audio", upload.name, upload.created, file | {"transcriptions": None})

    def made(self, job: Job) -> Body:
        """The asset of a finished generation."""
        if job.type == "voice_clone":
            voice: Body = {"type": "voice", "external_id": None, "labels": [], "preview_url": None, "source": None}
            return self._asset(job.asset_id, "voice", str(job.input["name"]), job.created, voice)
        url, length = self.world.shelf.url(job.media["url"]), round(job.seconds * 1000)
        if job.type == "text_to_speech":
            prompt = {"text_prompt": job.input["text"]}
            file: Body = {"type": "generated_audio", "duration_ms": length, "url": url}
            return self._result(job, "tts", file | {"generated_audio_inputs": prompt, "transcriptions": None})
        file = {
            "type": "generated_video",
            "width": job.width,
            "height": job.height,
            "url": url,
            "duration_ms": length,
        }
        inputs = {
            name: value for name, value in job.input["generated_video_inputs"].items() if name in SHOWN_INPUTS
        }
        more = {"preview_url": self.world.shelf.url(self.thumbnail), "generated_video_inputs": inputs}
        return self._result(job, "video", file | more | {"keyframe_start": None, "audio": None})

    def stock(self, voice: StockVoice) -> Body:
        labels = [{"name": name, "value": value} for name, value in voice.labels.items()]
        preview = self.world.shelf.url(self.preview)
        shown: Body = {"type": "voice", "external_id": voice.external_id, "labels": labels, "preview_url": preview}
        created = self.world.clock.now() - 86_400
        body = self._asset(voice.id, "voice", voice.name, created, shown | {"source": "elevenlabs"})
        return body | {"description": voice.description}

    def _result(self, job: Job, name: str, file: Body) -> Body:
        body = self._asset(job.asset_id, job.asset_type, name, job.created, file)
        return {member: value for member, value in body.items() if member not in {"recent", "favorited_at"}}

    def _asset(self, asset_id: str, asset_type: str, name: str, created: float, asset: Body) -> Body:
        return {
            "id": asset_id,
            "type": asset_type,
            "name": name,
            "thumbnail_url": self.world.shelf.url(self.thumbnail),
            "description": None,
            "is_favorite": False,
            "recent": False,
            "created_at": stamp(created),
            "favorited_at": None,
            "asset": asset,
        }


SHOWN_INPUTS = ("text_prompt", "resolution", "aspect_ratio", "duration_ms", "bounding_box_target")


def _publish(job: Job, world: World, kind: media.Sound) -> dict[str, str]:
    put, seconds = world.shelf.put, job.seconds
    if job.type == "text_to_speech":
        token = put(Media("speech.mp3", "audio/mpeg", lambda: media.sound(kind, seconds)))
        return {"url": token, "download_url": token}
    token = put(Media("video.mp4", "video/mp4", lambda: media.mp4(seconds, job.width, job.height)))
    playlist = f"#EXTM3U\n#EXTINF:{seconds},\nvideo.mp4\n#EXT-X-ENDLIST\n".encode()
    streaming = put(Media("video.m3u8", "application/vnd.apple.mpegurl", lambda: playlist))
    return {"url": token, "download_url": token, "streaming_url": streaming}
