"""A text in parts that is stopped in the middle of one: no other is ordered, and what was spoken is told."""

import os
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator, Generator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client

from connecting import Connect
from emulators.server import Emulator, emulating
from facts import called, finished
from heygen_calls import ARIA, CREATE, bodies, long_text, provided
from serving import furnished, serving

TEXT = long_text(2500)
PART_SECONDS = 1.5


@pytest.fixture
def unhurried() -> Generator[Emulator]:
    with emulating("heygen", switches={"processing": PART_SECONDS}) as emulator:
        yield emulator


@pytest.fixture
def hedra() -> Generator[Emulator]:
    with emulating("hedra") as emulator:
        yield emulator


async def ordered(heygen: Emulator, parts: int) -> None:
    """Return when so many parts have been ordered, the last of which is being spoken."""
    await anyio.to_thread.run_sync(heygen.control.wait_for, CREATE, parts)


@asynccontextmanager
async def speaking(client: Client, heygen: Emulator) -> AsyncGenerator[dict[str, Any]]:
    """A long speech whose second part is being spoken."""
    begun = await called(client, "synthesize_speech", text=TEXT, voice_id=ARIA)
    await ordered(heygen, 2)
    yield begun


async def test_a_cancel_orders_no_further_part(connect: Connect, unhurried: Emulator, tmp_path: Path) -> None:
    async with connect([provided(unhurried, tmp_path)]) as client, speaking(client, unhurried) as begun:
        stopped = await called(client, "cancel_generation", generation_id=begun["generation_id"])
        assert len(bodies(unhurried)) == 2
        assert (stopped["status"], stopped["charged"]) == ("canceled", "yes")
        [warning] = stopped["warnings"]
        assert "made a part of it, which is charged" in warning
        assert list((tmp_path / "jobs").iterdir()) == []


async def test_nor_does_the_cancel_of_a_video(tmp_path: Path, unhurried: Emulator, hedra: Emulator) -> None:
    async with serving(tmp_path, unhurried, hedra) as client:
        video = await called(
            client, "create_avatar_video", image="portrait.png", text=TEXT, voice_id=ARIA, model="hedra:avatar"
        )
        await ordered(unhurried, 1)
        stopped = await called(client, "cancel_generation", generation_id=video["generation_id"])
    assert len(bodies(unhurried)) == 1
    assert (stopped["status"], stopped["charged"]) == ("canceled", "yes")
    assert hedra.control.created("video") == []


def test_nor_does_a_command_that_is_interrupted(tmp_path: Path, unhurried: Emulator) -> None:
    unhurried.control.switch(processing=2 * PART_SECONDS)
    command = [sys.executable, "-m", "soundstage", "call", "synthesize_speech", f"voice_id={ARIA}", f"text={TEXT}"]
    environment = {"SOUNDSTAGE_HOME": str(tmp_path / "home"), "SOUNDSTAGE_INPUT_ROOTS": str(furnished(tmp_path))}
    with subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **unhurried.environment, **environment},
    ) as process:
        unhurried.control.wait_for(CREATE)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
    assert len(bodies(unhurried)) == 1


async def test_a_server_that_ends_orders_no_further_part_and_the_next_one_goes_on(
    connect: Connect, unhurried: Emulator, tmp_path: Path
) -> None:
    async with AsyncExitStack() as first:
        client = await first.enter_async_context(connect([provided(unhurried, tmp_path)]))
        begun = await first.enter_async_context(speaking(client, unhurried))
        await first.aclose()
        assert len(bodies(unhurried)) == 2
    unhurried.control.switch(processing=0.0)
    async with connect([provided(unhurried, tmp_path)]) as client:
        done = await finished(client, begun)
    assert (done["status"], done["charged"], done["warnings"]) == ("succeeded", "yes", [])
    prompts = [body["prompt"] for body in bodies(unhurried)]
    assert " ".join(prompts).split() == TEXT.split()
    assert len(unhurried.control.created()) == len(prompts)


async def test_what_was_spoken_before_the_end_of_a_server_is_charged_after_it(
    connect: Connect, unhurried: Emulator, tmp_path: Path
) -> None:
    async with connect([provided(unhurried, tmp_path)]) as client, speaking(client, unhurried) as begun:
        pass
    unhurried.control.add_rules({"match": CREATE, "do": "retry_after", "seconds": 600})
    async with connect([provided(unhurried, tmp_path)]) as client:
        await ordered(unhurried, 3)
        stopped = await called(client, "cancel_generation", generation_id=begun["generation_id"])
    assert (stopped["status"], stopped["charged"]) == ("canceled", "yes")
    assert len(bodies(unhurried)) == 3
