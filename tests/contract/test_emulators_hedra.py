"""The emulated Hedra answers as the documents say, and refuses what Hedra would refuse."""

import uuid
from typing import Any

import pytest

from emulators import media
from emulators.client import Client, fetch
from emulators.examples import example, shape
from emulators.hedra_catalogue import AVATAR, CHARACTER_3, OMNIA
from emulators.hedra_client import SPEECH, VOICE, finished, portrait, sample, video
from emulators.server import Emulator

PROVIDER = "hedra"


@pytest.mark.parametrize("path", ["/voices", "/models", "/generations", "/billing/credits", "/assets?type=audio"])
def test_no_key_and_a_wrong_key_are_refused(hedra: Emulator, path: str) -> None:
    for key in (None, "wrong"):
        reply = Client(hedra, key).get(path)
        assert (reply.status, reply.json) == (401, example("hedra-error-403.reported"))


def test_the_audio_guides_requests_are_accepted_as_printed(hedra: Emulator, client: Client) -> None:
    status = finished(client, SPEECH)
    assert status["type"] == "audio"
    speech = fetch(status["download_url"])
    assert speech.headers["content-type"] == "audio/mpeg"
    probed = media.probe(speech.body)
    assert probed is not None
    assert probed.container == "mp3"
    assert probed.seconds == pytest.approx(media.spoken_seconds(str(SPEECH["text"])), abs=0.1)

    audio_id = sample(client)
    voice = finished(client, {"type": "voice_clone", "audio_id": audio_id, "name": "My Custom Voice"})
    assert voice["type"] == "voice"
    assert finished(client, SPEECH | {"voice_id": voice["asset_id"]})["status"] == "complete"
    (listed,) = client.get("/assets?type=voice").json
    assert listed["id"] == voice["asset_id"]
    assert shape(listed) == shape(example("hedra-assets-voice-cloned")[0] | {"description": None})
    created = [entry["created"]["type"] for entry in hedra.control.created("generation")]
    assert created == ["text_to_speech", "voice_clone", "text_to_speech"]


def test_the_avatar_guides_requests_are_accepted_as_printed(hedra: Emulator, client: Client) -> None:
    image_id, audio_id = portrait(client), sample(client)
    avatar = {
        "type": "video",
        "ai_model_id": "26f0fc66-152b-40ab-abed-76c43df99bc8",
        "start_keyframe_id": image_id,
        "audio_id": audio_id,
        "generated_video_inputs": {
            "text_prompt": "A person speaking to the camera",
            "aspect_ratio": "9:16",
            "resolution": "720p",
            "duration_ms": 600000,
        },
    }
    omnia = avatar | {
        "ai_model_id": "ab372b84-432f-44f5-bacc-c2542465f712",
        "generated_video_inputs": {
            "text_prompt": "A person gesturing expressively while speaking",
            "aspect_ratio": "9:16",
            "resolution": "720p",
            "duration_ms": 8000,
        },
    }
    inline = {
        "type": "video",
        "ai_model_id": "26f0fc66-152b-40ab-abed-76c43df99bc8",
        "start_keyframe_id": image_id,
        "audio_generation": {
            "type": "text_to_speech",
            "voice_id": "f412c62f-e94f-41c0-bfc6-97f63289941c",
            "text": "Hello, this is a demo of inline audio generation for avatar videos.",
        },
        "generated_video_inputs": {
            "text_prompt": "A person speaking to the camera",
            "aspect_ratio": "9:16",
            "resolution": "540p",
        },
    }
    for body in (avatar, omnia, inline):
        assert client.post("/generations", body).status == 200
    assert [entry["json"] for entry in hedra.control.ledger("POST /generations")] == [avatar, omnia, inline]

    hedra.control.switch(inline_audio="refused")
    reply = client.post("/generations", inline)
    assert (reply.status, reply.json) == (400, example("hedra-error-400.observed"))
    assert len(hedra.control.created("generation")) == 3


def test_the_references_request_is_accepted_with_its_placeholders_filled(client: Client) -> None:
    body = example("hedra-post-generation-video.200.seed-minimal")
    ids = {"start_keyframe_id": portrait(client), "audio_id": sample(client)}
    inputs = {
        "text_prompt": "Hi",
        "resolution": "720p",
        "aspect_ratio": "16:9",
        "bounding_box_target": [0.5, 0.25],
    }
    body["generated_video_inputs"] |= inputs
    request = {name: value for name, value in body.items() if name not in {"id", "asset_id"}} | ids
    assert request["ai_model_id"] == CHARACTER_3
    assert client.post("/generations", request).status == 200


def test_a_video_is_as_long_as_its_audio_and_as_large_as_asked(client: Client) -> None:
    status = finished(client, video(portrait(client), sample(client, 3.0), aspect_ratio="16:9", resolution="540p"))
    film = fetch(status["url"])
    assert film.headers["content-type"] == "video/mp4"
    probed = media.probe(film.body)
    assert probed is not None
    assert (probed.container, probed.width, probed.height) == ("mp4", 960, 540)
    assert probed.seconds == pytest.approx(3.0, abs=0.15)
    (asset,) = client.get(f"/assets?type=video&ids={status['asset_id']}").json
    assert asset["asset"]["duration_ms"] == pytest.approx(3000, abs=100)


BOUNDS = [
    ("stability", 0.0, -0.001, "greater_than_equal"),
    ("stability", 1.0, 1.001, "less_than_equal"),
    ("speed", 0.7, 0.699, "greater_than_equal"),
    ("speed", 1.2, 1.201, "less_than_equal"),
    ("language", "Nynorsk", "nn", "enum"),
    ("voice_id", VOICE, VOICE.replace("-", ""), "uuid_parsing"),
    ("text", "a", "", "string_too_short"),
]


@pytest.mark.parametrize(("field", "good", "bad", "kind"), BOUNDS)
def test_a_range_ends_where_the_document_says(
    client: Client, field: str, good: object, bad: object, kind: str
) -> None:
    assert client.post("/generations", SPEECH | {field: good}).status == 200
    reply = client.post("/generations", SPEECH | {field: bad})
    assert reply.status == 422
    (fault,) = reply.json["detail"]
    assert fault["loc"] == ["body", "text_to_speech", field]
    assert fault["type"] == kind


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"speed": "1.0"}, "float_type"),
        ({"speed": True}, "float_type"),
        ({"text": 7}, "string_type"),
        ({"emotion": "happy"}, "extra_forbidden"),
        ({"type": "text-to-speech"}, "union_tag_invalid"),
        ({"type": ["video"]}, "union_tag_invalid"),
    ],
)
def test_wrong_types_and_unknown_fields_are_refused(
    hedra: Emulator, client: Client, change: Any, kind: str
) -> None:
    reply = client.post("/generations", SPEECH | change)
    assert reply.status == 422
    assert [fault["type"] for fault in reply.json["detail"]] == [kind]
    assert hedra.control.created() == []


def test_both_documented_shapes_of_a_validation_error(hedra: Emulator, client: Client) -> None:
    lacking = {"type": "text_to_speech", "text": "Hello"}
    assert client.post("/generations", lacking).json == example("hedra-error-422.openapi")
    hedra.control.switch(validation="messages")
    spoken = video(str(uuid.uuid4()), None) | {"audio_generation": {"type": "speech", "text": "Hello"}}
    assert client.post("/generations", spoken).json == example("hedra-error-422.observed")
    reply = client.send("POST", "/generations", b'{"type": "text_to_speech", "speed": NaN}', "application/json")
    assert reply.status == 422


def test_limits_of_the_models(client: Client) -> None:
    image_id, audio_id, long_audio = portrait(client), sample(client), sample(client, 8.2)
    for model, longest in ((AVATAR, 600_000), (OMNIA, 8_000)):
        assert client.post("/generations", video(image_id, audio_id, model, duration_ms=longest)).status == 200
        assert client.post("/generations", video(image_id, audio_id, model, duration_ms=longest + 1)).status == 422
    assert client.post("/generations", video(image_id, long_audio, OMNIA)).status == 400
    assert client.post("/generations", video(image_id, long_audio, OMNIA, duration_ms=8_000)).status == 200
    refused = (
        video(image_id, audio_id, resolution="4k"),
        video(image_id, audio_id, aspect_ratio="2:1"),
        video(image_id, audio_id, bounding_box_target=[0.5, 0.5]),
        video(image_id, audio_id, str(uuid.uuid4())),
        video(image_id, None),
    )
    assert [client.post("/generations", body).status for body in refused] == [400] * 5
    without = video(image_id, audio_id)
    del without["generated_video_inputs"]["resolution"]
    assert finished(client, without)["error_message"] == "UNAVAILABLE"


def test_an_asset_must_be_uploaded_and_of_the_right_type(hedra: Emulator, client: Client) -> None:
    image_id, audio_id = portrait(client), sample(client)
    empty: str = client.post("/assets", {"name": "later.mp3", "type": "audio"}).json["id"]
    wrong = [
        video(audio_id, image_id),
        video(image_id, empty),
        video(image_id, str(uuid.uuid4())),
        {"type": "voice_clone", "audio_id": image_id, "name": "Me"},
        {"type": "voice_clone", "audio_id": empty, "name": "Me"},
        SPEECH | {"voice_id": audio_id},
    ]
    assert [client.post("/generations", body).status for body in wrong] == [400] * 6
    assert hedra.control.created("generation") == []


def test_an_upload_is_multipart_with_one_part_named_file(hedra: Emulator, client: Client) -> None:
    asset_id: str = client.post("/assets", {"name": "a.mp3", "type": "audio"}).json["id"]
    path, sound = f"/assets/{asset_id}/upload", media.sound("mp3", 1.0)
    file = ("a.mp3", "audio/mpeg", sound)
    assert client.form(path, [("audio", file)]).status == 422
    assert client.form(path, [("file", file), ("file", file)]).status == 422
    assert client.form(path, [("file", "text")]).status == 422
    assert client.send("POST", path, sound, "audio/mpeg").status == 422
    assert client.form(f"/assets/{uuid.uuid4()}/upload", [("file", file)]).status == 404
    assert client.form("/assets/nothing/upload", [("file", file)]).status == 422
    assert client.form(path, [("file", ("a.mp3", "audio/mpeg", media.png(8, 8)))]).status == 400
    assert client.form(path, [("file", ("a.mp3", "audio/mpeg", media.sound("ogg", 1.0)))]).status == 400
    hedra.control.switch(upload_limit=len(sound) - 1)
    assert client.form(path, [("file", file)]).status == 413
    hedra.control.switch(upload_limit=len(sound))
    reply = client.form(path, [("file", file)])
    assert shape(reply.json) == shape(example("hedra-upload-audio.200"))
    assert fetch(reply.json["asset"]["url"]).body == sound
    image_id = portrait(client)
    (listed,) = client.get("/assets?type=image").json
    assert (listed["id"], listed["asset"]["width"], listed["asset"]["height"]) == (image_id, 64, 96)
    assert shape(listed) == shape(example("hedra-upload-image.200"))


@pytest.mark.parametrize(
    "path", ["/assets", "/assets?type=hat", "/assets?type=audio&ids=x", "/generations?limit=0"]
)
def test_a_wrong_query_is_refused(client: Client, path: str) -> None:
    assert client.get(path).status == 422


def test_another_method_on_a_known_path(client: Client) -> None:
    reply = client.send("DELETE", "/generations")
    assert (reply.status, reply.headers["allow"]) == (405, "GET, POST")
    assert client.send("DELETE", "/nothing").status == 404


def test_cloning_may_be_withdrawn(hedra: Emulator, client: Client) -> None:
    audio_id = sample(client)
    hedra.control.switch(cloning="withdrawn")
    assert client.post("/generations", {"type": "voice_clone", "audio_id": audio_id, "name": "Me"}).status == 400
