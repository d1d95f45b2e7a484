"""The folder of the assets is kept within its size, and what went for it is told as gone."""

import os
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

import anyio
from mcp import Client

from emulators import media
from facts import called, finished, refusal
from made import ReadyMade, file_of, in_folder, little_disk, serving, spoken
from soundstage.settings import Settings
from tone import ToneProvider

HOUR = 3600.0
BEEP_BYTES = 16_044
"""A WAV header of 44 bytes, and a second of 8,000 samples of 2 bytes."""


async def told(client: Client, generation: dict[str, Any]) -> dict[str, Any]:
    return await called(client, "get_generation_status", generation_id=generation["generation_id"])


def aged(file: Path, hours: float) -> None:
    at = time.time() - hours * HOUR
    os.utime(file, (at, at))


async def test_the_oldest_generations_make_room_and_say_so(settings: Settings, tone: ToneProvider) -> None:
    async with serving(settings, tone, max_bytes=3 * BEEP_BYTES) as client:
        first, second, third = [await spoken(client, text) for text in ("a", "b", "c")]
        # As files the first is the youngest: what counts is when its generation was asked for.
        for hours, generation in ((25, first), (26, second), (27, third)):
            aged(file_of(generation), hours)
        fourth = await spoken(client, "d")
        assert in_folder(settings) == {file_of(one).name for one in (second, third, fourth)}
        gone = await told(client, first)
        again = await called(client, "synthesize_speech", text="a", voice_id="tone:low")
        said = await refusal(client, "create_avatar_video", audio=first["generation_id"])
    assert gone["status"] == "succeeded"
    assert gone["assets"] == [{**{k: v for k, v in first["assets"][0].items() if k != "url"}, "gone": True}]
    assert "no longer kept" in gone["next_step"]
    assert again["joined"] is False
    assert said.startswith("asset_gone:")
    assert fourth["warnings"] == []


async def test_room_is_made_before_the_copy_so_that_a_full_folder_never_needs_twice_its_size(
    settings: Settings, tmp_path: Path
) -> None:
    made = tmp_path / "made.wav"
    made.write_bytes(media.wav(60.0))
    ready = ReadyMade(made, keeps_seconds=600.0)
    async with serving(settings, ready, max_bytes=made.stat().st_size) as client:
        old = file_of(await spoken(client, "a"))
        aged(old, 25)
        with little_disk():
            begun = await called(client, "synthesize_speech", text="b", voice_id="tone:low", wait_seconds=1)
            left = in_folder(settings)
        done = await finished(client, begun)
    # The copy could not be written, and what had to go for it was gone by then.
    assert (begun["status"], left) == ("processing", set())
    assert in_folder(settings) == {file_of(done).name}
    assert done["warnings"] == []


async def test_the_size_is_reached_and_not_exceeded(settings: Settings, tone: ToneProvider) -> None:
    async with serving(settings, tone, max_bytes=2 * BEEP_BYTES) as client:
        first = await spoken(client, "a")
        aged(file_of(first), 48)
        await spoken(client, "b")
        assert (await told(client, first))["assets"] == first["assets"]
    async with serving(settings, tone, max_bytes=3 * BEEP_BYTES - 1) as client:
        await spoken(client, "c")
        assert (await told(client, first))["assets"][0]["gone"] is True


async def test_what_is_fresh_is_never_evicted(settings: Settings, tone: ToneProvider) -> None:
    async with serving(settings, tone, max_bytes=1) as client:
        first = await spoken(client, "a")
        aged(file_of(first), 23.9)
        second = await spoken(client, "b")
    assert in_folder(settings) == {file_of(first).name, file_of(second).name}
    for generation in (first, second):
        [warning] = generation["warnings"]
        assert "SOUNDSTAGE_ASSETS_MAX_GB" in warning


async def test_what_an_unfinished_generation_needs_is_never_evicted(settings: Settings, tmp_path: Path) -> None:
    one, two = ToneProvider(tmp_path, name="one"), ToneProvider(tmp_path, name="two")
    one.finish.set()
    async with serving(settings, one, two, max_bytes=1) as client:
        speech = await spoken(client, "a", "one:low")
        video = await called(client, "create_avatar_video", audio=speech["generation_id"], model="two:square")
        aged(file_of(speech), 48)
        await spoken(client, "b", "one:low")
        assert file_of(speech).is_file()
        two.finish.set()
        assert (await finished(client, video))["status"] == "succeeded"


async def test_copies_of_what_callers_gave_go_when_nothing_needs_them(settings: Settings, tmp_path: Path) -> None:
    one, two = ToneProvider(tmp_path, name="one"), ToneProvider(tmp_path, name="two")
    two.finish.set()
    inputs = settings.home / "inputs"
    for name, content in (("needed", media.wav(1.0, 300)), ("again", media.wav(1.0, 400))):
        (settings.input_roots[0] / f"{name}.wav").write_bytes(content)
    async with serving(settings, one, two) as client:
        await called(client, "clone_voice", consent=True, audio="needed.wav", name="Me", provider="one")
        [needed] = inputs.glob("*.wav")
        for name, days in (("old.wav", 7.1), ("young.wav", 6.9), (".incoming-x", 1.1), (".incoming-y", 0.9)):
            (inputs / name).write_bytes(b"x")
            aged(inputs / name, 24 * days)
        aged(needed, 24 * 30)
        await spoken(client, "a", "two:low")
    assert {path.name for path in inputs.iterdir()} == {needed.name, "young.wav", ".incoming-y"}


async def test_a_copy_that_is_asked_for_again_is_as_good_as_new(settings: Settings, tone: ToneProvider) -> None:
    (settings.input_roots[0] / "me.png").write_bytes(media.png(8, 8))
    async with serving(settings, tone) as client:
        me = {"image": "me.png", "voice_id": "tone:low"}
        await finished(client, await called(client, "create_avatar_video", **me, text="a"))
        [copy] = (settings.home / "inputs").iterdir()
        aged(copy, 24 * 30)
    async with serving(settings, tone) as client:
        await finished(client, await called(client, "create_avatar_video", **me, text="b"))
    assert copy.is_file()


SPEAKER = """
import sys
from dataclasses import replace
from pathlib import Path
import anyio
from mcp import Client
from facts import called, finished
from soundstage.app import create_server
from soundstage.settings import Settings
from tone import ToneProvider

async def main(home, name, max_bytes):
    tone = ToneProvider(home, name=name)
    tone.finish.set()
    settings = Settings(home=home, input_roots=(), assets_max_bytes=max_bytes)
    async with Client(create_server(settings, [tone])) as client:
        for text in "abcde":
            begun = await called(client, "synthesize_speech", text=text, voice_id=f"{name}:low")
            assert (await finished(client, begun))["status"] == "succeeded"

anyio.run(main, Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
"""


async def test_two_processes_make_room_in_one_folder(settings: Settings, tone: ToneProvider) -> None:
    async with serving(settings, tone) as client:
        old = [await spoken(client, str(number)) for number in range(10)]
    for generation in old:
        aged(file_of(generation), 48)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with anyio.fail_after(60):
        async with anyio.create_task_group() as tasks:
            for name in ("one", "two"):
                command = [sys.executable, "-c", SPEAKER, str(settings.home), name, str(14 * BEEP_BYTES)]
                tasks.start_soon(partial(anyio.run_process, command, env=environment))
    left = in_folder(settings)
    assert len(left) == 14
    assert {file_of(generation).name for generation in old} & left == {file_of(one).name for one in old[-4:]}
