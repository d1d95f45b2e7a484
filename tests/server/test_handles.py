"""The names of providers and models: whole, bare, shared by several, and of nobody."""

from pathlib import Path

import pytest

from connecting import Connect
from emulators import media
from facts import called, refusal
from soundstage.providers.profile import Model
from soundstage.settings import Settings
from tone import ToneProvider

ENDING = " Nothing was charged for this call."
BOTH = Model("both", native_id="0-both")


@pytest.fixture(autouse=True)
def speech(settings: Settings) -> None:
    (settings.input_roots[0] / "speech.wav").write_bytes(media.wav(1.0))


@pytest.fixture
def pair(tmp_path: Path) -> list[ToneProvider]:
    """Two of whose models one is equal in name, and one in nothing."""
    return [
        ToneProvider(tmp_path, name="one", models=(Model("square", native_id="1-square"), BOTH)),
        ToneProvider(tmp_path, name="two", models=(Model("round", native_id="2-round"), BOTH)),
    ]


@pytest.mark.parametrize(
    ("model", "provider"),
    [
        ("", "one"),
        ("square", "one"),
        ("round", "two"),
        ("2-round", "two"),
        ("two:round", "two"),
        ("two:2-round", "two"),
        ("one:both", "one"),
        ("two:0-both", "two"),
    ],
)
async def test_a_model_that_only_one_provider_has_needs_no_providers_name(
    connect: Connect, pair: list[ToneProvider], model: str, provider: str
) -> None:
    async with connect(pair) as client:
        video = await called(client, "create_avatar_video", audio="speech.wav", model=model)
    assert video["provider"] == provider


@pytest.mark.parametrize("model", ["both", "0-both"])
async def test_of_a_model_that_several_have_all_are_told(
    connect: Connect, pair: list[ToneProvider], model: str
) -> None:
    async with connect(pair) as client:
        said = await refusal(client, "create_avatar_video", audio="speech.wav", model=model)
    assert said.startswith("ambiguous_handle: `model` ")
    assert said.endswith(f" Send it as one of one:both, two:both.{ENDING}")


@pytest.mark.parametrize("model", ["triangle", "one", "one:round", "one:", ":"])
async def test_a_model_that_nobody_has_is_not_ambiguous(
    connect: Connect, pair: list[ToneProvider], model: str
) -> None:
    async with connect(pair) as client:
        said = await refusal(client, "create_avatar_video", audio="speech.wav", model=model)
    assert said.startswith("unknown_provider: " if model == ":" else "unknown_model: ")
    assert "one:square, one:both, two:round, two:both" in said


async def test_a_model_without_an_id_of_its_providers_is_not_meant_by_nothing(
    connect: Connect, tmp_path: Path
) -> None:
    async with connect([ToneProvider(tmp_path)]) as client:
        said = await refusal(client, "create_avatar_video", audio="speech.wav", model="tone:")
    assert said.startswith("unknown_model: ")


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("synthesize_speech", {"text": "Hi.", "voice_id": "low"}),
        ("create_avatar_video", {"text": "Hi.", "voice_id": "low", "model": "one:square"}),
        ("delete_voice", {"voice_id": "low"}),
    ],
)
async def test_a_voice_that_several_could_have_is_refused_in_whole_sentences(
    connect: Connect, pair: list[ToneProvider], tool: str, arguments: dict[str, str]
) -> None:
    async with connect(pair) as client:
        said = await refusal(client, tool, **arguments)
    assert said.startswith("ambiguous_handle: `voice_id` ")
    assert said.endswith(f" Send it as one of one:…, two:….{ENDING}")


async def test_a_bare_voice_of_the_only_provider_is_taken(connect: Connect, pair: list[ToneProvider]) -> None:
    async with connect(pair[:1]) as client:
        assert (await called(client, "synthesize_speech", text="Hi.", voice_id="low"))["provider"] == "one"


async def test_generations_of_a_provider_that_never_was_are_refused(
    connect: Connect, pair: list[ToneProvider]
) -> None:
    async with connect(pair) as client:
        untouched = await refusal(client, "list_generations", provider="on")
        await called(client, "synthesize_speech", text="Hi.", voice_id="one:low")
        said = await refusal(client, "list_generations", provider="on")
        assert (await called(client, "list_generations", provider="two"))["generations"] == []
    assert said == untouched
    assert said.startswith("unknown_provider: ")
    assert "one of one, two" in said


async def test_generations_of_a_provider_that_is_no_longer_here_are_told(
    connect: Connect, pair: list[ToneProvider]
) -> None:
    async with connect(pair) as client:
        made = await called(client, "synthesize_speech", text="Hi.", voice_id="one:low")
    async with connect(pair[1:]) as client:
        [found] = (await called(client, "list_generations", provider="one"))["generations"]
        none = await called(client, "list_generations", provider="one", status="failed")
    assert found["generation_id"] == made["generation_id"]
    assert none["generations"] == []
