"""Several providers at once: any voice for any face, and one that is down beside others that are not."""

from collections.abc import Generator
from pathlib import Path

import pytest

from emulators.server import Emulator, emulating
from facts import called, finished, refusal
from serving import serving

SWIFT = [{"at": 0, "status": "complete", "progress": 1.0}]
DEAD = "http://127.0.0.1:9/v1"


@pytest.fixture
def hedra() -> Generator[Emulator]:
    with emulating("hedra", switches={"scripts": {"*": SWIFT}}) as emulator:
        yield emulator


@pytest.fixture
def heygen() -> Generator[Emulator]:
    with emulating("heygen") as emulator:
        yield emulator


@pytest.fixture
def speechgen() -> Generator[Emulator]:
    with emulating("speechgen") as emulator:
        yield emulator


async def test_the_voices_of_all_are_one_list_and_one_that_is_down_is_a_warning(
    tmp_path: Path, hedra: Emulator, heygen: Emulator
) -> None:
    async with serving(tmp_path, hedra, heygen, SPEECHGEN_API_KEY="sk_test_1", SPEECHGEN_BASE_URL=DEAD) as client:
        page = await called(client, "list_voices", limit=100)
        report = await called(client, "list_providers")
    owners = {voice["voice_id"].partition(":")[0] for voice in page["voices"]}
    assert owners == {"local", "hedra", "heygen"}
    [warning] = page["warnings"]
    assert warning.startswith("speechgen: SpeechGen ")
    told = {one["provider"]: one for one in report["providers"]}
    assert told["speechgen"]["trouble"]
    assert "August 2025" in told["heygen"]["description"]
    assert told["hedra"]["missing"] == told["heygen"]["missing"] == []


@pytest.mark.parametrize("voice", ["speechgen:en-US-Neural2-A", "heygen:en-US-AriaNeural"])
async def test_the_voice_of_one_drives_the_face_of_another(
    tmp_path: Path, hedra: Emulator, heygen: Emulator, speechgen: Emulator, voice: str
) -> None:
    speaker = speechgen if voice.startswith("speechgen") else heygen
    async with serving(tmp_path, hedra, heygen, speechgen) as client:
        video = await called(
            client,
            "create_avatar_video",
            image="portrait.png",
            text="Hello there.",
            voice_id=voice,
            model="hedra:avatar",
        )
        assert (video["kind"], video["provider"]) == ("avatar_video", "hedra")
        done = await finished(client, video)
    assert done["status"] == "succeeded"
    assert [asset["role"] for asset in done["assets"]] == ["video"]
    [spoken] = speaker.control.created("speech")
    [order] = [entry["json"] for entry in hedra.control.ledger("POST /generations")]
    assert order["type"] == "video"
    [heard] = [
        entry
        for entry in hedra.control.ledger("POST /assets/*/upload")
        if entry["parts"][0]["filename"] == "speech.mp3"
    ]
    assert heard["created"] is None or spoken
    assert order["audio_id"] in heard["path"]


async def test_a_cloud_voice_drives_the_local_face(tmp_path: Path, speechgen: Emulator) -> None:
    async with serving(tmp_path, speechgen) as client:
        video = await called(
            client, "create_avatar_video", text="Hello there.", voice_id="speechgen:en-GB-Neural2-B"
        )
        done = await finished(client, video)
    assert (done["status"], done["provider"]) == ("succeeded", "local")


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        (
            "create_avatar_video",
            {"text": "Hi.", "model": "heygen:avatar"},
            "does not make avatar videos. These do: local, hedra.",
        ),
        (
            "create_avatar_video",
            {"text": "Hi.", "model": "speechgen:avatar"},
            "does not make avatar videos. These do: local, hedra.",
        ),
        (
            "clone_voice",
            {"audio": "voice-sample.mp3", "name": "Me", "provider": "heygen"},
            "does not clone voices. These do: local, hedra, speechgen.",
        ),
        ("clone_voice", {"audio": "voice-sample.mp3", "name": "Me"}, "Send one of local, hedra, speechgen."),
        (
            "delete_voice",
            {"voice_id": "hedra:f412c62f-e94f-41c0-bfc6-97f63289941c"},
            "lets nobody delete voices from here.",
        ),
        ("synthesize_speech", {"text": "Hi.", "voice_id": "Aria"}, "local:…, hedra:…, heygen:…, speechgen:…"),
        (
            "synthesize_speech",
            {"text": "Hi.", "voice_id": "elevenlabs:Aria"},
            "local:…, hedra:…, heygen:…, speechgen:…",
        ),
    ],
)
async def test_what_a_provider_cannot_do_names_who_can_and_asks_nobody(
    tmp_path: Path,
    hedra: Emulator,
    heygen: Emulator,
    speechgen: Emulator,
    tool: str,
    arguments: dict[str, str],
    said: str,
) -> None:
    async with serving(tmp_path, hedra, heygen, speechgen) as client:
        assert said in await refusal(client, tool, **arguments)
    for emulator in (hedra, heygen, speechgen):
        assert emulator.control.ledger() == []


async def test_a_wrong_key_is_told_where_providers_are_listed(tmp_path: Path, hedra: Emulator) -> None:
    async with serving(tmp_path, hedra, HEDRA_API_KEY="sk-wrong") as client:
        report = await called(client, "list_providers")
        said = await refusal(
            client, "synthesize_speech", text="Hi.", voice_id="hedra:f412c62f-e94f-41c0-bfc6-97f63289941c"
        )
    [told] = [one for one in report["providers"] if one["provider"] == "hedra"]
    assert "HEDRA_API_KEY" in told["trouble"]
    assert said.startswith("key_refused:")


async def test_without_a_key_a_provider_says_which_one_it_needs(tmp_path: Path) -> None:
    async with serving(tmp_path) as client:
        said = await refusal(client, "create_avatar_video", text="Hi.", image="portrait.png", model="hedra:avatar")
    assert said.startswith("not_configured: Hedra is not set up to make avatar videos.")
    assert "HEDRA_API_KEY" in said
