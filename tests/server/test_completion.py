"""What a half-written argument may become: handles of voices and models, providers, generations, assets."""

from collections.abc import Callable
from pathlib import Path

import anyio
import pytest
from mcp import Client
from mcp.shared.exceptions import MCPError
from mcp.types import Completion, PromptReference, ResourceTemplateReference

from connecting import ERAS, Connect
from facts import called, finished
from soundstage.providers.port import VoiceList
from soundstage_tools.results import Voice
from tone import ToneProvider

Reference = PromptReference | ResourceTemplateReference

NARRATE = PromptReference(name="narrate_file")
INTRO = PromptReference(name="talking_head_intro")
CLONE = PromptReference(name="clone_my_voice")
PROVIDER = ResourceTemplateReference(uri="soundstage://providers/{name}")
GENERATION = ResourceTemplateReference(uri="soundstage://generations/{generation_id}")
ASSET = ResourceTemplateReference(uri="soundstage://assets/{asset_id}")


class Many(ToneProvider):
    """Has as many voices as a test likes."""

    count = 0

    async def list_voices(self) -> VoiceList:
        voices = [
            Voice(voice_id=f"{self.profile.name}:v{number}", name=f"No. {number}", language="en", gender="neutral")
            for number in range(self.count)
        ]
        return VoiceList(voices)


class Hanging(ToneProvider):
    """Never tells its voices."""

    async def list_voices(self) -> VoiceList:
        await anyio.sleep_forever()
        raise AssertionError


async def completed(client: Client, reference: Reference, name: str, value: str) -> Completion:
    return (await client.complete(reference, {"name": name, "value": value})).completion


@pytest.mark.parametrize("mode", ERAS)
@pytest.mark.parametrize("prompt", [NARRATE, INTRO])
@pytest.mark.parametrize(
    ("value", "handles"),
    [
        ("", ["tone:low", "tone:high"]),
        ("tone:", ["tone:low", "tone:high"]),
        ("tone:h", ["tone:high"]),
        ("HIGH", ["tone:high"]),
        ("nothing", []),
        ("x" * 10_000, []),
    ],
)
async def test_a_voice_is_found_by_its_handle_or_its_name(
    connect: Connect, tone: ToneProvider, mode: str, prompt: PromptReference, value: str, handles: list[str]
) -> None:
    async with connect([tone], mode=mode) as client:
        found = await completed(client, prompt, "voice_id", value)
    assert (found.values, found.total, found.has_more) == (handles, len(handles), False)


@pytest.mark.parametrize("mode", ERAS)
async def test_of_many_voices_a_hundred_are_told_and_how_many_there_are(
    connect: Connect, tmp_path: Path, mode: str
) -> None:
    one, two = Many(tmp_path, name="one"), Many(tmp_path, name="two")
    one.count, two.count = 70, 150
    async with connect([one, two], mode=mode) as client:
        found = await completed(client, NARRATE, "voice_id", "")
        both = await completed(client, NARRATE, "voice_id", "v69")
    assert found.values == [f"one:v{n}" for n in range(70)] + [f"two:v{n}" for n in range(30)]
    assert (found.total, found.has_more) == (220, True)
    assert (both.values, both.total, both.has_more) == (["one:v69", "two:v69"], 2, False)


@pytest.mark.parametrize("trouble", ["hangs", "fails"])
async def test_a_provider_in_trouble_keeps_nobody_from_completing(
    connect: Connect, tone: ToneProvider, tmp_path: Path, trouble: str
) -> None:
    other = (Hanging if trouble == "hangs" else ToneProvider)(tmp_path, name="other")
    other.unreachable = True
    async with connect([other, tone]) as client:
        with anyio.fail_after(15):
            found = await completed(client, NARRATE, "voice_id", "")
    assert found.values == ["tone:low", "tone:high"]


@pytest.mark.parametrize("mode", ERAS)
async def test_providers_models_and_ids_are_found(connect: Connect, tone: ToneProvider, mode: str) -> None:
    other = ToneProvider(Path(), name="other", serves=frozenset({"synthesize_speech"}))
    async with connect([tone, other], mode=mode) as client:
        assert (await completed(client, PROVIDER, "name", "")).values == ["tone", "other"]
        assert (await completed(client, PROVIDER, "name", "to")).values == ["tone"]
        assert (await completed(client, PROVIDER, "name", "TO")).values == ["tone"]
        assert (await completed(client, CLONE, "provider", "")).values == ["tone"]
        assert (await completed(client, CLONE, "provider", "To")).values == ["tone"]
        assert "tone:square" in (await completed(client, INTRO, "model", "")).values
        assert (await completed(client, INTRO, "model", "tone:s")).values == ["tone:square"]
        assert (await completed(client, INTRO, "model", "TONE:S")).values == ["tone:square"]
        assert (await completed(client, GENERATION, "generation_id", "")).values == []

        made = [
            await finished(client, await called(client, "synthesize_speech", text=text, voice_id="tone:low"))
            for text in ("one fish", "two fish")
        ]
        first, second = (one["generation_id"] for one in made)
        assets = [one["assets"][0]["asset_id"] for one in made]
        assert (await completed(client, GENERATION, "generation_id", "gen_")).values == [second, first]
        assert (await completed(client, GENERATION, "generation_id", first)).values == [first]
        assert (await completed(client, GENERATION, "generation_id", "two f")).values == [second]
        assert (await completed(client, ASSET, "asset_id", "")).values == assets[::-1]
        assert (await completed(client, ASSET, "asset_id", assets[0])).values == [assets[0]]
        Path(made[0]["assets"][0]["url"].removeprefix("file://")).unlink()
        assert (await completed(client, ASSET, "asset_id", "")).values == [assets[1]]


@pytest.mark.parametrize("mode", ERAS)
async def test_what_can_be_anything_has_no_choice(connect: Connect, tone: ToneProvider, mode: str) -> None:
    async with connect([tone], mode=mode) as client:
        for prompt, argument in ((NARRATE, "path"), (INTRO, "text"), (CLONE, "name"), (CLONE, "sample")):
            assert (await completed(client, prompt, argument, "t")).values == []


@pytest.mark.parametrize("mode", ERAS)
@pytest.mark.parametrize(
    ("reference", "argument"),
    [
        (PromptReference(name="sing"), "voice_id"),
        (NARRATE, "provider"),
        (NARRATE, ""),
        (ResourceTemplateReference(uri="soundstage://providers/tone"), "name"),
        (ResourceTemplateReference(uri="file:///{path}"), "path"),
        (PROVIDER, "asset_id"),
    ],
)
async def test_what_there_is_not_is_refused_in_words(
    connect: Connect, tone: ToneProvider, mode: str, reference: Reference, argument: str
) -> None:
    async with connect([tone], mode=mode) as client:
        with pytest.raises(MCPError) as refused:
            await completed(client, reference, argument, "")
    assert refused.value.code == -32602
    assert "narrate_file" in refused.value.message
    assert "soundstage://providers/{name}" in refused.value.message


async def test_where_nothing_is_set_up_there_is_nothing_to_choose(connect: Connect, tmp_path: Path) -> None:
    bare: Callable[..., ToneProvider] = ToneProvider
    async with connect([bare(tmp_path, serves=frozenset[str]())]) as client:
        assert (await completed(client, NARRATE, "voice_id", "")).values == []
        assert (await completed(client, INTRO, "model", "")).values == []
        assert (await completed(client, PROVIDER, "name", "")).values == ["tone"]
