"""A video of one provider that says what another speaks: whatever fails, that is paid for once, and told of."""

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from mcp import Client

from emulators.chaos import Rule
from emulators.server import Emulator, emulating
from facts import called, finished
from serving import serving

VOICE = "speechgen:en-US-Neural2-A"
SPEAK, FILM = "POST /text-to-speech", "POST /generations"
ASK = {"image": "portrait.png", "text": "Hello there.", "voice_id": VOICE, "model": "hedra:avatar"}
SWIFT = [{"at": 0, "status": "complete", "progress": 1.0}]
BUSY = [{"at": 0, "status": "error", "progress": 0.1, "message": "busy", "reason": {"type": "UNAVAILABLE"}}]


@pytest.fixture
def hedra() -> Generator[Emulator]:
    with emulating("hedra", switches={"scripts": {"*": SWIFT}}) as emulator:
        yield emulator


@pytest.fixture
def speechgen() -> Generator[Emulator]:
    with emulating("speechgen") as emulator:
        yield emulator


async def filmed(client: Client, **more: object) -> dict[str, Any]:
    return await finished(client, await called(client, "create_avatar_video", **{**ASK, **more}))


async def speech_of(client: Client) -> dict[str, Any]:
    [speech] = (await called(client, "list_generations", kind="speech"))["generations"]
    return speech


@pytest.mark.parametrize("keys", [("", ""), ("one", "two")], ids=["keyless", "keyed"])
@pytest.mark.parametrize("fault", ["job", "order"])
async def test_a_video_that_fails_names_its_speech_and_the_next_one_does_not_pay_for_it_again(
    tmp_path: Path, hedra: Emulator, speechgen: Emulator, keys: tuple[str, str], fault: str
) -> None:
    if fault == "job":
        hedra.control.switch(scripts={"*": BUSY})
    else:
        hedra.control.add_rules(Rule(match=FILM, nth=(1,), do="status", status=422, body='{"detail":"bad"}'))
    async with serving(tmp_path, hedra, speechgen) as client:
        failed = await filmed(client, idempotency_key=keys[0])
        speech = await speech_of(client)
        assert (failed["status"], failed["charged"]) == ("failed", "yes")
        assert f'audio="{speech["generation_id"]}"' in failed["next_step"]
        assert ("with a new idempotency_key" in failed["next_step"]) is bool(keys[0])
        hedra.control.switch(scripts={"*": SWIFT})
        assert (await filmed(client, idempotency_key=keys[1]))["status"] == "succeeded"
        told = {**ASK, "text": "", "voice_id": "", "audio": speech["generation_id"], "force_new": True}
        assert (await filmed(client, **told, idempotency_key="three"))["status"] == "succeeded"
    assert len(speechgen.control.created("speech")) == 1


async def test_a_video_with_a_key_says_a_speech_that_was_just_made(
    tmp_path: Path, hedra: Emulator, speechgen: Emulator
) -> None:
    async with serving(tmp_path, hedra, speechgen) as client:
        speech = {"text": ASK["text"], "voice_id": VOICE}
        await finished(client, await called(client, "synthesize_speech", **speech, idempotency_key="said"))
        assert (await filmed(client, idempotency_key="filmed"))["charged"] == "yes"
        assert len(speechgen.control.ledger(SPEAK)) == 1
        assert (await filmed(client, idempotency_key="anew", force_new=True))["status"] == "succeeded"
    assert len(speechgen.control.ledger(SPEAK)) == 2


async def test_a_speech_that_needs_attention_holds_up_every_video_of_it_and_is_not_ordered_again(
    tmp_path: Path, hedra: Emulator, speechgen: Emulator
) -> None:
    speechgen.control.add_rules(Rule(match=SPEAK, nth=(1,), do="drop", when="after"))
    async with serving(tmp_path, hedra, speechgen) as client:
        videos = [await filmed(client, idempotency_key=key) for key in ("", "", "one")]
        speech = await speech_of(client)
        assert speech["status"] == "needs_attention"
        for video in videos:
            assert (video["status"], video["charged"]) == ("failed", "unknown")
            assert speech["generation_id"] in video["error"]["message"]
            assert "ask the user to look at the account at SpeechGen" in video["next_step"]
            assert "force_new=true and a new idempotency_key" in video["next_step"]
            assert video["error"]["next_step"] == video["next_step"]
        assert len(speechgen.control.ledger(SPEAK)) == 1
        anew = await filmed(client, idempotency_key="two", force_new=True)
    assert (anew["status"], anew["charged"]) == ("succeeded", "yes")
    assert len(speechgen.control.ledger(SPEAK)) == 2
