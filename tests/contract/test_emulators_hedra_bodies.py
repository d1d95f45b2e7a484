"""The emulated Hedra's bodies have the shape of the examples, and tell a generation's way to its end."""

import uuid
from typing import Any

import pytest

from emulators.client import Client, fetch
from emulators.examples import example, shape
from emulators.hedra_catalogue import CHARACTER_3
from emulators.hedra_client import SPEECH, finished, portrait, sample, video
from emulators.server import Emulator

PROVIDER = "hedra"


def test_create_answers_in_the_old_form_and_in_the_new(hedra: Emulator, client: Client) -> None:
    image_id, audio_id = portrait(client), sample(client)
    clone = {"type": "voice_clone", "audio_id": audio_id, "name": "My Custom Voice"}
    film = video(image_id, audio_id, resolution="720p", duration_ms=600_000)
    new = {"tts.200.2026-02": SPEECH, "video.200.2026-02": film, "voice_clone.200.2026-02": clone}
    for name, body in new.items():
        assert shape(client.post("/generations", body).json) == shape(example(f"hedra-post-generation-{name}"))
    hedra.control.switch(form="2025-07")
    reply = client.post("/generations", SPEECH)
    assert shape(reply.json) == shape(example("hedra-post-generation-tts.200.seed-minimal"))
    framed = video(image_id, audio_id, CHARACTER_3, duration_ms=123, bounding_box_target=[0.5, 0.5])
    old = example("hedra-post-generation-video.200.seed-minimal")
    old["generated_video_inputs"]["bounding_box_target"] = [0.5, 0.5]
    assert shape(client.post("/generations", framed).json) == shape(old)


SCRIPTS: list[tuple[str, str, dict[str, Any], str]] = [
    ("queued", "video", {"status": "queued", "progress": 0.0, "show": []}, "2026-02"),
    ("pending.2025-07", "video", {"status": "pending", "progress": 0.0}, "2025-07"),
    ("processing-with-eta", "video", {"status": "processing", "progress": 0.42, "eta_sec": 95}, "2025-07"),
    (
        "finalizing",
        "video",
        {
            "status": "finalizing",
            "progress": 0.97,
            "show": ["error_message", "url", "download_url", "streaming_url"],
        },
        "2026-02",
    ),
    ("complete-video.2026-02", "video", {"status": "complete", "progress": 1.0}, "2026-02"),
    ("complete-video.2025-07", "video", {"status": "complete", "progress": 1.0}, "2025-07"),
    ("complete-audio-no-url", "text_to_speech", {"status": "complete", "progress": 1.0, "show": []}, "2026-02"),
    ("complete-voice", "voice_clone", {"status": "complete", "progress": 1.0, "show": ["url"]}, "2026-02"),
    (
        "error.string",
        "video",
        {"status": "error", "progress": 0.1, "message": "Input audio is too short", "show": ["error_message"]},
        "2026-02",
    ),
    (
        "error.object.2026-07",
        "video",
        {
            "status": "error",
            "progress": 0.1,
            "message": "No",
            "show": ["error", "error_message"],
            "reason": {"type": "MODERATION_FAILED", "reason_code": "MODERATION_LIKENESS"},
        },
        "2026-07",
    ),
]


@pytest.mark.parametrize(("name", "kind", "step", "form"), SCRIPTS)
def test_a_status_has_the_members_of_its_example(
    hedra: Emulator, client: Client, name: str, kind: str, step: dict[str, Any], form: str
) -> None:
    bodies = {
        "video": lambda: video(portrait(client), sample(client)),
        "text_to_speech": lambda: SPEECH,
        "voice_clone": lambda: {"type": "voice_clone", "audio_id": sample(client), "name": "Me"},
    }
    hedra.control.switch(form=form, scripts={"*": [step]}, urls=["url", "download_url", "streaming_url"])
    made = client.post("/generations", bodies[kind]()).json
    status = client.get(f"/generations/{made['id']}/status").json
    assert shape(status) == shape(example(f"hedra-status-{name}"))
    assert status["status"] == example(f"hedra-status-{name}")["status"]


def test_a_result_without_an_address_is_found_among_the_assets(hedra: Emulator, client: Client) -> None:
    hedra.control.switch(urls=[])
    status = finished(client, SPEECH)
    assert status["url"] is None
    found = client.get(f"/assets?type=audio&ids={status['asset_id']}").json
    assert shape(found) == shape(example("hedra-assets-audio-by-id"))
    assert fetch(found[0]["asset"]["url"]).status == 200
    film = finished(client, video(portrait(client), sample(client), duration_ms=600_000))
    found = client.get(f"/assets?type=video&ids={film['asset_id']}").json
    assert shape(found) == shape(example("hedra-assets-video-by-id"))


def test_a_script_can_run_on_the_clock(hedra: Emulator, client: Client) -> None:
    hedra.control.switch(pace="seconds")
    made = client.post("/generations", SPEECH).json
    seen: list[str] = []
    for _ in range(4):
        seen += [client.get(f"/generations/{made['id']}/status").json["status"] for _ in range(2)]
        hedra.control.advance(1)
    assert seen == [word for word in ("queued", "processing", "finalizing", "complete") for _ in range(2)]


def test_the_first_status_calls_may_find_nothing(hedra: Emulator, client: Client) -> None:
    hedra.control.switch(early_404=2)
    made = client.post("/generations", SPEECH).json
    replies = [client.get(f"/generations/{made['id']}/status") for _ in range(3)]
    assert [reply.status for reply in replies] == [404, 404, 200]
    assert replies[0].json == example("hedra-error-404.reported")
    assert replies[2].json["status"] == "queued"
    assert client.get(f"/generations/{uuid.uuid4()}/status").status == 404


def test_the_list_shows_what_the_ledger_has_once_its_delay_is_over(hedra: Emulator, client: Client) -> None:
    hedra.control.switch(list_delay=5)
    for text in ("One", "Two", "Three"):
        client.post("/generations", SPEECH | {"text": text})
        hedra.control.advance(1)
    assert client.get("/generations").json["data"] == []
    hedra.control.advance(4)
    page = client.get("/generations").json
    created = [entry["created"]["id"] for entry in hedra.control.created("generation")]
    assert [item["id"] for item in page["data"]] == list(reversed(created))[-len(page["data"]) :]
    assert len(page["data"]) == 3
    asked = {
        "prompt_query=two": created[1:2],
        f"ids={created[0]}&ids={created[2]}": [created[2], created[0]],
        "type=video": [],
        "created_after=2026-02-14T10:30:01Z": created[2:],
        "created_before=2026-02-14T10:30:01Z": created[:1],
        "limit=1&offset=1": created[1:2],
    }
    for query, expected in asked.items():
        assert [item["id"] for item in client.get(f"/generations?{query}").json["data"]] == expected, query
    assert client.get("/generations?created_after=yesterday").status == 422
    client.get(f"/generations/{created[0]}/status")
    assert shape(page | {"data": page["data"][:1]}) == shape(example("hedra-generations-list"))


def test_a_generation_id_of_the_client(hedra: Emulator, client: Client) -> None:
    chosen = str(uuid.uuid4())
    body = SPEECH | {"generation_id": chosen}
    assert client.post("/generations", body).json["id"] == chosen
    assert client.post("/generations", body).status == 409
    assert len(hedra.control.created("generation")) == 1
    hedra.control.switch(client_id="ignored")
    assert client.post("/generations", body).json["id"] != chosen
    hedra.control.switch(client_id="refused")
    assert client.post("/generations", body).json["detail"][0]["type"] == "extra_forbidden"


def test_credits_are_spent_and_run_out(hedra: Emulator, client: Client) -> None:
    hedra.control.switch(credits=3)
    assert shape(client.get("/billing/credits").json) == shape(example("hedra-credits"))
    assert client.post("/generations", SPEECH | {"text": "x" * 134}).status == 200
    reply = client.post("/generations", SPEECH)
    assert reply.status == 402
    assert reply.json == {"code": 402, "messages": ["Insufficient credits. Required: 2, Available: 0"]}
    assert shape(reply.json) == shape(example("hedra-error-402.reported"))
    assert hedra.control.paid() == 3
    assert client.get("/billing/credits").json["remaining"] == 0


def test_models_and_voices_look_like_the_examples(client: Client) -> None:
    assert shape(client.get("/models").json) == shape(example("hedra-models"))
    assert shape(client.get("/voices").json) == shape(example("hedra-voices"))
    assert shape(client.post("/assets", {"name": "a.mp3", "type": "audio"}).json) == shape(
        example("hedra-post-asset.200")
    )
