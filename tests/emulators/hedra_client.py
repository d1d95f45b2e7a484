"""What a test asks of the emulated Hedra: the guides' requests, and how they are followed to their end."""

from typing import Any

from emulators import media
from emulators.client import Client
from emulators.hedra_catalogue import AVATAR

VOICE = "f412c62f-e94f-41c0-bfc6-97f63289941c"
SPEECH = {
    "type": "text_to_speech",
    "voice_id": VOICE,
    "text": "Hello, welcome to Hedra! This is an example of text-to-speech generation.",
    "stability": 0.5,
    "speed": 1.0,
    "language": "English",
}


def uploaded(client: Client, kind: str, name: str, content: bytes) -> str:
    """Create an asset, upload its file, and return its id."""
    asset_id: str = client.post("/assets", {"name": name, "type": kind}).json["id"]
    reply = client.form(f"/assets/{asset_id}/upload", [("file", (name, "application/octet-stream", content))])
    assert reply.status == 200, reply.body
    return asset_id


def portrait(client: Client) -> str:
    return uploaded(client, "image", "portrait.png", media.png(64, 96))


def sample(client: Client, seconds: float = 2.0) -> str:
    return uploaded(client, "audio", "voice-sample.mp3", media.sound("mp3", seconds))


def video(image_id: str, audio_id: str | None, model: str = AVATAR, **inputs: object) -> dict[str, Any]:
    told = {"text_prompt": "A person speaking to the camera", "aspect_ratio": "9:16", "resolution": "540p"}
    body: dict[str, Any] = {"type": "video", "ai_model_id": model, "start_keyframe_id": image_id}
    return body | ({"audio_id": audio_id} if audio_id else {}) | {"generated_video_inputs": {**told, **inputs}}


def finished(client: Client, body: object) -> dict[str, Any]:
    """Generate, follow to the end, and return the last status."""
    made = client.post("/generations", body)
    assert made.status == 200, made.body
    status: dict[str, Any] = {"status": "queued"}
    for _ in range(9):
        if status["status"] not in {"complete", "error"}:
            status = client.get(f"/generations/{made.json['id']}/status").json
    assert status["status"] in {"complete", "error"}
    return status
