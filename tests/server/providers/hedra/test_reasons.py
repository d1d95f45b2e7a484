"""Why Hedra does not do what it is asked: told as what it is, with a next step that is possible."""

from pathlib import Path
from typing import Any

import pytest

from connecting import Connected
from emulators import media
from emulators.chaos import Rule
from emulators.server import Emulator
from facts import called, finished
from hedra_calls import STOCK_VOICE, ordered

CLONE = {"audio": "voice-sample.mp3", "name": "Me", "consent": True}
TAG = (
    '{"detail":[{"loc":["body"],"msg":"Input tag \'voice_clone\' found using \'type\' does not match any of the '
    'expected tags: \'video\', \'text_to_speech\'","type":"union_tag_invalid"}]}'
)


async def made(agent: Any, tool: str, **arguments: object) -> dict[str, Any]:
    return await finished(agent, await called(agent, tool, **arguments))


@pytest.mark.parametrize("status", [400, 403, 404, 409, 410, 422, 501])
async def test_cloning_that_is_withdrawn_is_told_whatever_the_status(
    client: Connected, hedra: Emulator, status: int
) -> None:
    hedra.control.switch(cloning="withdrawn", cloning_status=status)
    async with client() as agent:
        done = await made(agent, "clone_voice", **CLONE)
    assert (done["status"], done["error"]["code"], done["charged"]) == ("failed", "cloning_unavailable", "no")
    assert "Since July 2026" in done["error"]["message"]
    assert len(ordered(hedra)) == 1


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (422, TAG, "cloning_unavailable"),
        (400, '{"code":400,"messages":["model missing not valid for generation type voice_clone"]}', ""),
        (409, '{"detail":"voice_clone disabled"}', "cloning_unavailable"),
        (501, "", "cloning_unavailable"),
        (405, "", "cloning_unavailable"),
        (400, '{"code":400,"messages":["audio is too short: 3 s, at least 5 s are needed"]}', "provider_refused"),
        (404, '{"detail":"Not Found"}', "provider_refused"),
        (403, '{"detail":"Unable to authenticate user with API Key"}', "key_refused"),
        (402, "", "insufficient_credits"),
        (
            422,
            '{"detail":[{"loc":["body","voice_clone","name"],"msg":"name not allowed","type":"value_error"}]}',
            "provider_refused",
        ),
    ],
)
async def test_the_words_decide_between_cloning_and_this_clone(
    client: Connected, hedra: Emulator, status: int, body: str, code: str
) -> None:
    hedra.control.add_rules(Rule(match="POST /generations", do="status", status=status, body=body))
    async with client() as agent:
        error = (await made(agent, "clone_voice", **CLONE))["error"]
    assert error["code"] == (code or "cloning_unavailable")
    may_be = "If Hedra objects to cloning itself" in error["next_step"]
    assert may_be == (code == "provider_refused" and status in {400, 404})


@pytest.mark.parametrize(
    ("reason", "code", "retryable", "words"),
    [
        (
            {"type": "INSUFFICIENT_BALANCE", "credits_needed": 420, "credits_available": 7},
            "insufficient_credits",
            False,
            "It takes 420 credits. The account has 7 credits. Add credits",
        ),
        ({"type": "MISSING_CREDITS"}, "insufficient_credits", False, "could not make it. Add credits"),
        (
            {"type": "MODERATION_FAILED", "reason_code": "MODERATION_OUTPUT_TRANSIENT"},
            "moderation_failed",
            True,
            "ask again for the same",
        ),
        (
            {"type": "MODERATION_FAILED", "reason_code": "MODERATION_LIKENESS"},
            "moderation_failed",
            False,
            "change the text or the picture",
        ),
    ],
)
async def test_a_failure_is_told_with_its_reason(
    client: Connected, hedra: Emulator, reason: dict[str, Any], code: str, retryable: bool, words: str
) -> None:
    script = [{"at": 0, "status": "error", "progress": 0.1, "message": "", "reason": reason}]
    hedra.control.switch(form="2026-07", scripts={"*": script})
    async with client() as agent:
        done = await made(agent, "synthesize_speech", voice_id=f"hedra:{STOCK_VOICE}", text="Hi.")
    error = done["error"]
    assert (error["code"], error["retryable"]) == (code, retryable)
    assert words in f"{error['message']} {error['next_step']}"


async def test_sound_that_no_conversion_makes_small_enough_is_not_uploaded(
    client: Connected, hedra: Emulator, tmp_path: Path
) -> None:
    (tmp_path / "workspace" / "long.wav").write_bytes(media.wav(720.0))
    async with client() as agent:
        done = await made(agent, "clone_voice", **{**CLONE, "audio": "long.wav"})
    assert (done["status"], done["error"]["code"], done["charged"]) == ("failed", "audio_too_large", "no")
    # At 128 kbit/s 10 MiB hold 655.36 seconds.
    assert done["error"]["next_step"] == "Send at most 655 seconds of it."
    assert hedra.control.ledger("POST *") == []
