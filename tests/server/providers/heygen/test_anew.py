"""Another take on purpose: HeyGen answers equal orders from its cache, so no two takes may be equal."""

import sys

import anyio
import pytest
from mcp import Client

from emulators.server import Emulator
from facts import refusal
from heygen_calls import ARIA, CREATE, bodies, long_text, spoken


async def takes(client: Client, text: str) -> None:
    for force in ({}, {"force_new": True, "idempotency_key": "1"}, {"force_new": True, "idempotency_key": "2"}):
        done = await spoken(client, text=text, **force)
        assert (done["status"], done["charged"]) == ("succeeded", "yes")


async def test_each_forced_take_is_made_anew(heygen: Emulator, client: Client) -> None:
    text = "Another take, please."
    await takes(client, text)
    assert [entry["cached"] for entry in heygen.control.ledger(CREATE)] == [False] * 3
    prompts = [body["prompt"] for body in bodies(heygen)]
    assert prompts[0] == text
    assert len(set(prompts)) == len(heygen.control.created()) == 3
    assert {prompt.rstrip() for prompt in prompts} == {text}


async def test_each_part_of_a_forced_take_is_made_anew(heygen: Emulator, client: Client) -> None:
    text = long_text(1900)
    await takes(client, text)
    prompts = [body["prompt"] for body in bodies(heygen)]
    parts = len(prompts) // 3
    assert parts > 1
    assert len(set(prompts)) == len(prompts) == len(heygen.control.created())
    for n in range(3):
        assert " ".join(prompts[n * parts : (n + 1) * parts]).split() == text.split()


async def test_a_forced_take_whose_answer_is_lost_is_had_from_the_cache(heygen: Emulator, client: Client) -> None:
    heygen.control.add_rules({"match": CREATE, "nth": [1], "do": "drop", "when": "after"})
    done = await spoken(client, force_new=True, idempotency_key="1")
    assert done["status"] == "succeeded"
    first, again = bodies(heygen)
    assert first == again
    assert len(heygen.control.created()) == 1


async def test_a_forced_take_that_would_not_fit_is_refused(
    heygen: Emulator, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    forced = {"voice_id": ARIA, "force_new": True, "idempotency_key": "1"}
    said = await refusal(client, "synthesize_speech", text=long_text(4977), **forced)
    assert "4,976 characters" in said
    assert "soundstage[audio]" in said
    assert bodies(heygen) == []
    await client.call_tool("synthesize_speech", {**forced, "text": long_text(4976)})
    entry = (await anyio.to_thread.run_sync(heygen.control.wait_for, CREATE))[0]
    assert len(entry["json"]["prompt"]) == 5000
