"""What every emulator keeps: a true ledger, its clock, its asset origin without keys, its control plane apart."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from emulators import media
from emulators.chaos import Rule
from emulators.client import BOUNDARY, Client, File, fetch, multipart
from emulators.control import Refused
from emulators.ledger import Entry, fingerprint, read_ledger
from emulators.server import Emulator, emulating, emulating_apart

SPEECH = {"type": "text_to_speech", "voice_id": "f412c62f-e94f-41c0-bfc6-97f63289941c", "text": "Hello there"}
SAID = {"voice_id": "en-US-AriaNeural", "prompt": "Hello there"}
SPOKEN = {"text": "Hello there", "voice": "en-US-Neural2-A"}
PAID = {
    "hedra": ("/generations", SPEECH),
    "heygen": ("/tts/create", SAID),
    "speechgen": ("/text-to-speech", SPOKEN),
}
SAMPLE: File = ("voice.mp3", "audio/mpeg", media.sound("mp3", 12.0))


def session(emulator: Emulator) -> None:
    """The same requests, whoever runs them: good ones, a bad one, an upload, files, and chance at work."""
    client, (path, body) = Client(emulator), PAID[emulator.provider]
    replies = [
        client.post(path, body | {"n": 1}),
        *(client.post(path, body) for _ in range(5)),
        client.get("/voices"),
    ]
    assert 503 in {reply.status for reply in replies}
    emulator.control.advance(7)
    if emulator.provider == "speechgen":
        client.form("/voice-clone", [("audio", SAMPLE), ("name", "Me")])
    if emulator.provider == "hedra":
        fetch(client.get("/voices").json[0]["asset"]["preview_url"])


@pytest.mark.parametrize("provider", ["hedra", "heygen", "speechgen"])
def test_equal_seed_equal_ledger(provider: str, tmp_path: Path) -> None:
    def run(name: str, seed: int) -> list[Entry]:
        rule = Rule(match="POST *", probability=0.5, do="status", status=503)
        with emulating(provider, ledger=tmp_path / name, seed=seed, pace=0, rules=[rule]) as emulator:
            session(emulator)
        return read_ledger(tmp_path / name)

    first, again, other = run("first", 2), run("again", 2), run("other", 3)
    assert first == again
    assert first != other


@pytest.mark.parametrize("provider", ["hedra", "heygen", "speechgen"])
def test_an_entry_tells_what_was_received_created_and_paid(provider: str) -> None:
    path, body = PAID[provider]
    with emulating(provider, pace=0, keys=["a-secret-key-1", "a-secret-key-2"]) as emulator:
        Client(emulator, "a-secret-key-2").post(path, body)
        (entry,) = emulator.control.ledger()
        assert "a-secret-key" not in emulator.ledger_file.read_text()
        assert read_ledger(emulator.ledger_file) == [entry]
    assert entry["n"] == entry["connection"] == 1
    assert entry["at"] == 1771065000.0
    assert (entry["method"], entry["path"], entry["json"]) == ("POST", path, body)
    assert entry["key"] == fingerprint("a-secret-key-2")
    assert entry["status"] == 200
    assert entry["created"]["id"]
    assert entry["cost"] > 0


def test_the_entry_is_on_disk_before_the_answer_leaves() -> None:
    with emulating("speechgen", pace=0, switches={"processing": 5}) as emulator, ThreadPoolExecutor(1) as pool:
        running = pool.submit(Client(emulator).post, "/text-to-speech", SPOKEN)
        emulator.control.wait_for("POST /text-to-speech")
        assert not running.done()
        assert read_ledger(emulator.ledger_file)[0]["cost"] == len("Hello there")
        emulator.control.advance(5)
        assert running.result().status == 200


@pytest.mark.parametrize("provider", ["hedra", "heygen", "speechgen"])
def test_a_request_that_is_cut_off_is_not_received_and_not_billed(provider: str) -> None:
    path, body = PAID[provider]
    whole = json.dumps(body).encode()
    with emulating(provider, pace=0) as emulator:
        client = Client(emulator)
        for sent in (whole[:-1], whole[:10], b""):
            client.begin("POST", path, sent, len(whole), "application/json").close()
        entries = emulator.control.wait_for(count=3)
        assert [entry["event"] for entry in entries] == ["incomplete"] * 3
        assert emulator.control.created() == []
        assert emulator.control.paid() == 0
        assert client.post(path, body).status == 200
        assert len(emulator.control.created()) == 1


def test_an_upload_that_is_cut_off_leaves_no_model() -> None:
    whole = multipart([("audio", SAMPLE), ("name", "Me")])
    with emulating("speechgen", pace=0) as emulator:
        client = Client(emulator)
        client.begin(
            "POST", "/voice-clone", whole[:-20], len(whole), f"multipart/form-data; boundary={BOUNDARY}"
        ).close()
        emulator.control.wait_for()
        assert emulator.control.inventory()["models"] == []


@pytest.mark.parametrize(
    "headers",
    [
        {"X-API-Key": "anything"},
        {"Authorization": "Bearer x"},
        {"X-Other": "emulated-hedra-key"},
        {"Cookie": "a=b"},
    ],
)
def test_a_key_at_the_asset_origin_is_recorded_and_fails_the_test(headers: dict[str, str]) -> None:
    def leak(*, tolerate: bool) -> tuple[int, list[Entry]]:
        with emulating("hedra", pace=0, tolerate_leaks=tolerate) as emulator:
            url: str = Client(emulator).get("/voices").json[0]["asset"]["preview_url"]
            assert fetch(url).status == 200
            return fetch(url, headers).status, emulator.control.ledger("GET /media/*")

    status, entries = leak(tolerate=True)
    assert status == 400
    assert [entry["leaked"] for entry in entries] == [False, True]
    with pytest.raises(AssertionError, match="a key was sent to the asset origin"):
        leak(tolerate=False)


def test_an_address_of_a_file_expires_and_is_renewed() -> None:
    with emulating("hedra", pace=0, switches={"url_lifetime": 60}) as emulator:
        client = Client(emulator)

        def preview() -> str:
            return client.get("/voices").json[0]["asset"]["preview_url"]

        old = preview()
        emulator.control.advance(59)
        assert fetch(old).status == 200
        emulator.control.advance(1)
        assert fetch(old).status == 403
        assert fetch(preview()).status == 200
        assert fetch(preview().replace("sig=", "sig=0")).status == 403
        assert fetch(f"{emulator.asset_url}/media/none/a.mp3").status == 404


@pytest.mark.parametrize("path", ["/rules", "/ledger", "/switches", "/clock", "/inventory"])
def test_the_control_plane_is_not_behind_the_other_origins_and_wants_its_token(path: str) -> None:
    with emulating("hedra", pace=0, tolerate_leaks=True) as emulator:
        token = {"Authorization": f"Bearer {emulator.control.token}"}
        root = emulator.base_url.removesuffix("/web-app/public")
        assert fetch(emulator.control.url + path, token).status == 200
        assert fetch(emulator.base_url + path, token).status == 401
        assert fetch(root + path, token).status == 404
        assert fetch(emulator.asset_url + path, token).status == 400
        assert fetch(emulator.asset_url + path).status == 404
        assert fetch(emulator.control.url + path).status == 401
        assert fetch(emulator.control.url + "/voices", {"X-API-Key": emulator.key}).status == 404


def test_the_control_plane_says_what_it_does_not_take() -> None:
    with emulating("hedra", pace=0) as emulator:
        wrong: list[Any] = [{"match": "*"}, {"do": "dance"}, {"do": "drop", "wen": "after"}]
        for rule in wrong:
            with pytest.raises(Refused, match="422"):
                emulator.control.add_rules(rule)
        with pytest.raises(Refused, match="422"):
            emulator.control.switch(early=1)
        with pytest.raises(Refused, match="0 of 1 entries"):
            emulator.control.wait_for("POST *", seconds=0.01)


def test_emulators_and_product_know_nothing_of_each_other() -> None:
    here = Path(__file__).parents[1]
    for path in (here / "emulators").glob("*.py"):
        assert "soundstage" not in path.read_text("utf-8"), path
    for folder in ("server", "tools"):
        sources = list((here.parent / folder).rglob("*.py"))
        assert sources
        assert [path for path in sources if "emulator" in path.read_text("utf-8").lower()] == []


def test_the_clock_runs_at_its_pace() -> None:
    with emulating("hedra", pace=1e6, start=0.0) as emulator:
        began = emulator.control.now()
        assert emulator.control.advance(1e9) >= began + 1e9
        later = emulator.control.now()
        assert emulator.control.now() > later
    with emulating("hedra", pace=0, start=0.0) as emulator:
        assert emulator.control.advance(1.5) == 1.5
        assert emulator.control.now() == 1.5


def test_an_emulator_in_a_process_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "ledger.jsonl"
    with emulating_apart("heygen", file, pace=0, seed=4, switches={"accounts": ["x@example.invalid"]}) as emulator:
        assert emulator.environment == {"USEAPI_API_TOKEN": emulator.key, "USEAPI_BASE_URL": emulator.base_url}
        first = Client(emulator).post("/tts/create", SAID | {"email": "x@example.invalid"})
        assert fetch(first.json["audio_url"]).status == 200
    apart = read_ledger(file)
    with emulating("heygen", pace=0, seed=4, switches={"accounts": ["x@example.invalid"]}) as emulator:
        again = Client(emulator).post("/tts/create", SAID | {"email": "x@example.invalid"})
        fetch(again.json["audio_url"])
        assert emulator.control.ledger() == apart
