"""Starting with no key, and with one that its provider refuses: the server works, and list_providers tells."""

from collections.abc import Generator
from pathlib import Path

import pytest

from connecting import ERAS
from emulators.server import SETTINGS, Emulator, emulating
from facts import called
from serving import serving

Emulators = tuple[Emulator, Emulator, Emulator]
KEYS = {provider: key for provider, (key, _) in SETTINGS.items()}


@pytest.mark.parametrize("mode", ERAS)
async def test_without_a_key_the_embedded_engine_works_and_the_rest_says_what_it_lacks(
    tmp_path: Path, mode: str
) -> None:
    async with serving(tmp_path, mode=mode) as client:
        report = {one["provider"]: one for one in (await called(client, "list_providers"))["providers"]}
        made = await called(client, "synthesize_speech", text="Hello.", wait_seconds=50)
        refused = await client.call_tool("synthesize_speech", {"text": "Hello.", "voice_id": "hedra:anybody"})
    assert report["local"]["configured"]
    assert made["status"] == "succeeded"
    for provider, key in KEYS.items():
        assert not report[provider]["configured"]
        assert any(key in lack for lack in report[provider]["missing"])
    assert refused.is_error
    assert KEYS["hedra"] in getattr(refused.content[0], "text", "")


@pytest.fixture
def emulators() -> Generator[Emulators]:
    with emulating("hedra") as hedra, emulating("heygen") as heygen, emulating("speechgen") as speechgen:
        yield hedra, heygen, speechgen


async def test_keys_that_are_refused_are_told_and_the_rest_goes_on(tmp_path: Path, emulators: Emulators) -> None:
    wrong = "wrong-key-canary"
    async with serving(
        tmp_path, *emulators, HEDRA_API_KEY=wrong, USEAPI_API_TOKEN=wrong, SPEECHGEN_API_KEY=wrong
    ) as client:
        report = {one["provider"]: one for one in (await called(client, "list_providers"))["providers"]}
        page = await called(client, "list_voices", limit=1)
        made = await called(client, "synthesize_speech", text="Hello.", wait_seconds=50)
    assert report["local"]["missing"] == []
    for provider, key in KEYS.items():
        assert report[provider]["configured"]
        assert key in report[provider]["trouble"], report[provider]
        assert report[provider]["missing"] == []
    assert wrong not in str(report)
    assert len(page["warnings"]) == len(KEYS)
    assert (made["provider"], made["status"]) == ("local", "succeeded")


async def test_a_provider_out_of_reach_does_not_hold_up_the_others(tmp_path: Path) -> None:
    async with serving(tmp_path, HEDRA_API_KEY="hk-1", HEDRA_BASE_URL="http://127.0.0.1:9") as client:
        report = {one["provider"]: one for one in (await called(client, "list_providers"))["providers"]}
        page = await called(client, "list_voices", provider="local", limit=1)
    assert "HEDRA_BASE_URL" in report["hedra"]["trouble"]
    assert page["voices"]
