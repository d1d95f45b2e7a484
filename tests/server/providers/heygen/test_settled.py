"""Speech that another server goes on with than recorded it: on the same account, in the same parts."""

import sys
from pathlib import Path

import anyio
import pytest

from barely import install_line
from connecting import Connect
from emulators.server import Emulator
from facts import called, finished
from heygen_calls import ARIA, CREATE, bodies, long_text, provided, spoken
from soundstage.settings import Settings

A, B = "a@example.invalid", "b@example.invalid"


@pytest.mark.parametrize("fault", [{"do": "retry_after", "seconds": 1}, {"do": "drop", "when": "after"}])
async def test_what_was_recorded_for_one_account_is_never_billed_to_another(
    connect: Connect, heygen: Emulator, tmp_path: Path, fault: dict[str, object]
) -> None:
    heygen.control.switch(accounts=[A, B])
    heygen.control.add_rules({"match": CREATE, "nth": [1], **fault})
    async with connect([provided(heygen, tmp_path, A)]) as client:
        begun = await called(client, "synthesize_speech", text="For one.", voice_id=ARIA, idempotency_key="k")
        with anyio.fail_after(60):
            await anyio.to_thread.run_sync(heygen.control.wait_for, CREATE)
    async with connect([provided(heygen, tmp_path, B)]) as client:
        again = await called(client, "synthesize_speech", text="For one.", voice_id=ARIA, idempotency_key="k")
        done = await finished(client, begun)
        assert (await spoken(client, text="For the other.", email=B))["status"] == "succeeded"
    assert again["generation_id"] == begun["generation_id"]
    assert done["status"] == "succeeded"
    *first, last = [body["email"] for body in bodies(heygen)]
    assert (set(first), last) == ({A}, B)
    assert len(heygen.control.created()) == 2


async def test_an_order_begun_in_parts_waits_for_the_codecs_and_goes_on_in_those_parts(
    connect: Connect, settings: Settings, heygen: Emulator, tmp_path: Path
) -> None:
    text = long_text(2500)
    heygen.control.add_rules({"match": CREATE, "nth": [2], "do": "retry_after", "seconds": 1})
    async with connect([provided(heygen, tmp_path)]) as client:
        begun = await called(client, "synthesize_speech", text=text, voice_id=ARIA)
        with anyio.fail_after(60):
            await anyio.to_thread.run_sync(lambda: heygen.control.wait_for(CREATE, count=2))
    with pytest.MonkeyPatch.context() as without:
        without.setitem(sys.modules, "av", None)
        async with connect([provided(heygen, tmp_path)]) as client:
            told = await called(
                client, "get_generation_status", generation_id=begun["generation_id"], wait_seconds=3
            )
    assert (told["status"], told["provider_status"]) == ("queued", "out_of_reach")
    assert install_line("audio") in told["next_step"]
    assert len(bodies(heygen)) == 2
    async with connect([provided(heygen, tmp_path)]) as client:
        assert (await finished(client, begun))["status"] == "succeeded"
    prompts = [body["prompt"] for body in bodies(heygen)]
    assert " ".join(dict.fromkeys(prompts)).split() == text.split()
    assert len(heygen.control.created()) == len(set(prompts)) == 3
