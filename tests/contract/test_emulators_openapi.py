"""The emulated Hedra keeps to its OpenAPI document, whatever it is asked."""

from pathlib import Path
from typing import Any

import pytest

import emulators
from emulators import media
from emulators.client import Client, Reply
from emulators.hedra_client import SPEECH, finished, portrait, sample, video
from emulators.openapi import Document
from emulators.server import Emulator

DOCUMENT = Document(Path(emulators.__path__[0]) / "hedra_openapi.json")


def documented(reply: Reply, method: str, path: str) -> None:
    """The answer's status is in the document, and its body is of the schema there."""
    answers: dict[str, Any] = DOCUMENT.content["paths"][path][method]["responses"]
    assert str(reply.status) in answers, (reply.status, reply.body)
    answer = answers[str(reply.status)]
    if "$ref" in answer:
        answer = DOCUMENT.content["components"]["responses"][str(reply.status)]
    schema: dict[str, Any] = answer["content"]["application/json"]["schema"]
    assert DOCUMENT.faults_of(schema, reply.json) == []


@pytest.mark.parametrize("form", ["2025-07", "2026-02", "2026-07"])
@pytest.mark.parametrize("validation", ["detail", "messages"])
def test_every_answer_of_a_story_is_documented(hedra: Emulator, form: str, validation: str) -> None:
    hedra.control.switch(form=form, validation=validation, credits=40)
    client, stranger = Client(hedra), Client(hedra, "wrong")
    image_id, audio_id = portrait(client), sample(client)
    made = [finished(client, body) for body in (SPEECH, video(image_id, audio_id))]
    voice = finished(client, {"type": "voice_clone", "audio_id": audio_id, "name": "Me"})
    unresolved = video(image_id, audio_id)
    del unresolved["generated_video_inputs"]["resolution"]
    failed = client.post("/generations", unresolved)
    documented(failed, "post", "/generations")
    empty = client.post("/assets", {"name": "b.mp3", "type": "audio"})
    documented(empty, "post", "/assets")
    for path in ("/models", "/voices", "/billing/credits", "/generations"):
        documented(client.get(path), "get", path)
        documented(stranger.get(path), "get", path)
    for kind in ("audio", "image", "video", "voice", "hat"):
        documented(client.get(f"/assets?type={kind}"), "get", "/assets")
    for generation_id in (made[0]["id"], voice["id"], failed.json["id"], audio_id, "x"):
        for _ in range(2):
            reply = client.get(f"/generations/{generation_id}/status")
            documented(reply, "get", "/generations/{generation_id}/status")
    wrong: list[object] = [SPEECH | {"speed": 2}, SPEECH | {"voice_id": audio_id}, [], None]
    for body in (SPEECH, unresolved, unresolved, *wrong):
        documented(client.post("/generations", body), "post", "/generations")
    path = f"/assets/{empty.json['id']}/upload"
    for content in (media.sound("mp3", 1.0), b"nothing"):
        reply = client.form(path, [("file", ("b.mp3", "audio/mpeg", content))])
        documented(reply, "post", "/assets/{id}/upload")
    statuses = {entry["status"] for entry in hedra.control.ledger()}
    assert statuses == {200, 400, 401, 402, 404, 422}
