"""HeyGen as its users meet it, from the list of voices to the files, over stdio."""

import json
from pathlib import Path

import pytest

from emulators import media
from emulators.server import Emulator
from facts import called, refusal
from heygen_calls import ARIA, asset, bodies, spoken
from serving import serving

EMAIL = "studio@example.invalid"
SEED_TEXT = "Text to be converted to speech"
SEED = {
    "email": EMAIL,
    "voice_id": "en-US-AriaNeural",
    "prompt": SEED_TEXT,
    "speed": 100,
    "pitch": 0,
    "volume": 100,
    "language_code": "en-US",
    "emotion": "happy",
}
SEED_FIELDS: dict[str, object] = {
    "speed": 1.0,
    "pitch": 0,
    "volume": 1.0,
    "language": "en-US",
    "emotion": "happy",
}


@pytest.mark.parametrize("mode", ["legacy", "2026-07-28"])
async def test_a_users_story_over_stdio(heygen: Emulator, tmp_path: Path, mode: str) -> None:
    heygen.control.switch(accounts=[EMAIL])
    async with serving(tmp_path, heygen, mode=mode, USEAPI_EMAIL=EMAIL) as client:
        page = await called(client, "list_voices", provider="heygen")
        voice = next(one for one in page["voices"] if one["voice_id"] == ARIA)
        assert (voice["name"], voice["language"], voice["gender"]) == ("Aria", "en-US", "female")
        assert voice["engines"] == ["auto", "aws", "azure"]
        assert voice["emotions"] == ["happy", "sad", "neutral"]
        full = await spoken(client, text=SEED_TEXT, **SEED_FIELDS)
        brief = await spoken(client)
        report = await called(client, "list_providers")
    assert full["status"] == brief["status"] == "succeeded"
    assert bodies(heygen) == [
        SEED,
        {"email": EMAIL, "voice_id": "en-US-AriaNeural", "prompt": "Hello, world!"},
    ]
    told, audio = asset(full, "audio")
    probed = media.probe(audio.read_bytes())
    assert probed is not None
    assert (probed.container, told["mime_type"]) == ("mp3", "audio/mpeg")
    assert probed.seconds == pytest.approx(media.spoken_seconds(SEED_TEXT), abs=0.1)
    assert told["duration_seconds"] == pytest.approx(probed.seconds, abs=0.01)
    timings = json.loads(asset(full, "timings")[1].read_text(encoding="utf-8"))
    assert [word["word"] for word in timings["words"]] == SEED_TEXT.split()
    assert timings["phonemes"] == []
    (about,) = (one for one in report["providers"] if one["provider"] == "heygen")
    assert about["configured"] is True
    assert about["tools"] == ["synthesize_speech"]
    assert "retired" in about["description"]


async def test_what_it_does_not_do_is_refused_naming_who_does(heygen: Emulator, tmp_path: Path) -> None:
    async with serving(tmp_path, heygen, HEDRA_API_KEY="a-key", HEDRA_BASE_URL="http://127.0.0.1:9") as client:
        video = await refusal(client, "create_avatar_video", model="heygen:x", audio="speech.mp3")
        clone = await refusal(
            client, "clone_voice", consent=True, provider="heygen", audio="voice-sample.mp3", name="Me"
        )
    assert "HeyGen" in video
    assert "hedra:avatar" in video or "local:portrait" in video
    assert "HeyGen" in clone
    assert "hedra" in clone
    assert heygen.control.ledger() == []
