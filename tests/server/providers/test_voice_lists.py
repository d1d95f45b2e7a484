"""A list of cloned voices that fails, hangs or lags: it costs no stock voice, and none that was cloned here."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from mcp import Client

from connecting import Connect
from emulators.chaos import Rule
from emulators.client import Client as Owner
from emulators.server import Emulator, emulating
from facts import called, finished, refusal
from hedra_calls import SWIFT
from serving import furnished
from soundstage.providers.hedra.provider import HedraProvider
from soundstage.providers.port import Provider
from soundstage.providers.speechgen.provider import SpeechGenProvider
from soundstage.settings import Access


@dataclass(frozen=True)
class Kind:
    """A provider with two lists of voices."""

    name: str
    switches: dict[str, Any]
    provider: Callable[[Access, Path], Provider]
    stock: str
    foreign: str
    main: str
    own: str
    odd: object

    def handle(self, voice: str) -> str:
        return f"{self.name}:{voice}"


KINDS = (
    Kind(
        "hedra",
        {"scripts": {"*": SWIFT}},
        lambda access, folder: HedraProvider(access, folder, listing_seconds=1.0),
        "f412c62f-e94f-41c0-bfc6-97f63289941c",
        "00000000-0000-4000-8000-000000000001",
        "GET /voices",
        "GET /assets",
        {"voices": []},
    ),
    Kind(
        "speechgen",
        {"processing_polls": 0},
        lambda access, folder: SpeechGenProvider(access, folder, look_seconds=0.0),
        "en-US-Neural2-A",
        "custom-foreign",
        "GET /voices",
        "GET /models",
        {"result": {"voice_models": []}},
    ),
)
FAILING = {
    **{str(status): Rule(do="status", status=status) for status in (401, 403, 404, 501)},
    "odd": Rule(do="edit"),
}


@dataclass(frozen=True)
class Scene:
    """A provider, emulated, and clients one after the other of servers that have no other."""

    kind: Kind
    emulator: Emulator
    folder: Path
    connect: Connect

    def breaks(self, match: str, rule: Rule) -> None:
        odd = {"replace": self.kind.odd} if rule.do == "edit" and rule.replace is None else {}
        self.emulator.control.add_rules(rule.model_copy(update={"match": match, **odd}))

    @asynccontextmanager
    async def client(self, key: str = "") -> AsyncGenerator[Client]:
        access = Access(self.emulator.base_url, key or self.emulator.key)
        async with self.connect([self.kind.provider(access, self.folder / "jobs")]) as client:
            yield client

    async def cloned(self, client: Client) -> dict[str, Any]:
        asked = {"audio": "voice-sample.mp3", "name": "Me", "consent": True}
        return await finished(client, await called(client, "clone_voice", **asked))


@pytest.fixture(params=KINDS, ids=lambda kind: kind.name)
def scene(request: pytest.FixtureRequest, connect: Connect, tmp_path: Path) -> Any:
    furnished(tmp_path)
    kind: Kind = request.param
    with emulating(kind.name, keys=["sk-one", "sk-two"], switches=kind.switches) as emulator:
        yield Scene(kind, emulator, tmp_path, connect)


async def spoken(client: Client, voice_id: str) -> dict[str, Any]:
    return await finished(client, await called(client, "synthesize_speech", voice_id=voice_id, text="Hello."))


@pytest.mark.parametrize("failing", FAILING.values(), ids=FAILING)
async def test_a_list_of_clones_that_fails_is_a_warning_and_stops_no_speech(scene: Scene, failing: Rule) -> None:
    scene.breaks(scene.kind.own, failing)
    async with scene.client() as client:
        page = await called(client, "list_voices")
        assert scene.kind.handle(scene.kind.stock) in {voice["voice_id"] for voice in page["voices"]}
        [warning] = page["warnings"]
        assert warning.startswith(f"{scene.kind.name}: The voices that were cloned on this account are not listed")
        assert (await spoken(client, scene.kind.handle(scene.kind.stock)))["status"] == "succeeded"
        clone = await scene.cloned(client)
        assert clone["status"] == "succeeded"
        assert (await spoken(client, clone["voice_id"]))["status"] == "succeeded"


async def test_a_stock_voice_does_not_wait_for_the_list_of_clones(scene: Scene) -> None:
    scene.breaks(scene.kind.own, Rule(do="status", status=500))
    async with scene.client() as client:
        assert (await spoken(client, scene.kind.handle(scene.kind.stock)))["status"] == "succeeded"
    assert scene.emulator.control.ledger(scene.kind.own) == []


async def test_a_list_of_clones_that_never_answers_is_a_warning(scene: Scene) -> None:
    scene.breaks(scene.kind.own, Rule(do="drip", size=1, seconds=60))
    async with scene.client() as client:
        page = await called(client, "list_voices")
    assert page["voices"]
    assert "did not answer within 8 seconds" in page["warnings"][0]


async def test_a_clone_of_ours_is_known_before_the_list_has_it(scene: Scene) -> None:
    empty: object = [] if scene.kind.name == "hedra" else {"models": []}
    scene.breaks(scene.kind.own, Rule(do="edit", replace=empty))
    async with scene.client() as client:
        clone = await scene.cloned(client)
    async with scene.client() as another:
        assert (await spoken(another, clone["voice_id"]))["status"] == "succeeded"
        said = await refusal(another, "synthesize_speech", voice_id=scene.kind.handle("custom"), text="Hi.")
        assert said.startswith("unknown_voice:")
    async with scene.client("sk-two") as stranger:
        said = await refusal(stranger, "synthesize_speech", voice_id=clone["voice_id"], text="Hi.")
        assert said.startswith("unknown_voice:")


async def test_a_finished_clone_is_not_held_back_by_lists_that_are_down(scene: Scene) -> None:
    async with scene.client() as client:
        await called(client, "list_voices")
        for match in (scene.kind.main, scene.kind.own):
            scene.breaks(match, Rule(do="status", status=500))
        clone = await scene.cloned(client)
        assert (clone["status"], clone["warnings"]) == ("succeeded", [])
        assert (await spoken(client, clone["voice_id"]))["status"] == "succeeded"


async def test_a_main_list_that_is_down_is_told_as_such(scene: Scene) -> None:
    scene.breaks(scene.kind.main, Rule(do="status", status=401))
    async with scene.client() as client:
        page = await called(client, "list_voices")
        assert page["voices"] == []
        assert "refused the API key" in page["warnings"][0]
        said = await refusal(client, "synthesize_speech", voice_id=scene.kind.handle(scene.kind.stock), text="Hi.")
        assert said.startswith("key_refused:")


async def test_a_voice_that_may_be_an_untold_clone_is_left_to_the_provider(scene: Scene) -> None:
    scene.breaks(scene.kind.own, Rule(do="status", status=403))
    async with scene.client() as client:
        done = await spoken(client, scene.kind.handle(scene.kind.foreign))
        assert (done["status"], done["charged"], done["error"]["code"]) == ("failed", "no", "provider_refused")
        said = await refusal(client, "synthesize_speech", voice_id=scene.kind.handle("No such!"), text="Hi.")
        assert said.startswith("unknown_voice:")


async def test_a_clone_that_the_main_list_has_too_is_a_clone(scene: Scene) -> None:
    async with scene.client() as client:
        clone = await scene.cloned(client)
    voice = clone["voice_id"].partition(":")[2]
    main: Any = Owner(scene.emulator).get(scene.kind.main.removeprefix("GET ")).json
    everything = main if scene.kind.name == "hedra" else main["voices"]
    both = [*everything, {**everything[0], "id": voice, "name": "Me"}]
    scene.breaks(scene.kind.main, Rule(do="edit", replace=both))
    async with scene.client() as another:
        page = await called(another, "list_voices", kind="cloned")
        assert [(one["voice_id"], one["name"]) for one in page["voices"]] == [(clone["voice_id"], "Me")]
        assert (await called(another, "list_voices"))["total"] == len(everything) + 1


async def test_what_is_not_told_of_clones_is_told_where_providers_are_listed(scene: Scene) -> None:
    scene.breaks(scene.kind.own, Rule(do="status", status=403))
    async with scene.client() as client:
        [report] = (await called(client, "list_providers"))["providers"]
    assert report["voices"] > 0
    assert "cloned on this account are not listed" in report["missing"][0]
