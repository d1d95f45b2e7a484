"""What may be spent in a day: caps at their edge, in every process, and in words."""

import sqlite3
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from pathlib import Path

import anyio
import pytest
from mcp import Client
from mcp.types import CallToolResult

from emulators.server import Emulator, emulating
from facts import called, finished, refusal, text_of
from serving import serving as over_stdio
from soundstage.app import create_server
from soundstage.providers.hedra.prices import estimate
from soundstage.providers.port import AvatarWork, CloneWork, SpeechWork, Work
from soundstage.settings import Caps, Settings
from tone import ToneProvider

CHARACTERS_A_CREDIT = 10


class PricedTone(ToneProvider):
    """A credit for ten characters of speech, two for a second of video; a clone has no price."""

    def estimate(self, work: Work, seconds: float | None) -> float | None:
        if isinstance(work, SpeechWork):
            return len(str(work.fields["text"])) / CHARACTERS_A_CREDIT
        return None if seconds is None else 2 * seconds


@asynccontextmanager
async def serving(
    settings: Settings, *served: ToneProvider, generations: str = "", credits_: str = ""
) -> AsyncGenerator[Client]:
    capped = replace(settings, generations_cap=Caps.parse(generations), credits_cap=Caps.parse(credits_))
    async with Client(create_server(capped, served)) as client:
        yield client


@pytest.fixture
def tone(tmp_path: Path) -> ToneProvider:
    tone = PricedTone(tmp_path)
    tone.finish.set()
    return tone


async def speak(client: Client, text: str, voice_id: str = "tone:low", **more: object) -> dict[str, object]:
    return await called(client, "synthesize_speech", text=text, voice_id=voice_id, **more)


async def refused(client: Client, text: str, voice_id: str = "tone:low") -> str:
    said = await refusal(client, "synthesize_speech", text=text, voice_id=voice_id)
    assert said.startswith("budget_reached:")
    assert "Nothing was charged" in said
    return said


def recorded(settings: Settings) -> int:
    with closing(sqlite3.connect(settings.home / "state.db")) as db:
        [count] = db.execute("SELECT count(*) FROM generations").fetchone()
    return int(count)


def pass_time(settings: Settings, hours: float) -> None:
    with closing(sqlite3.connect(settings.home / "state.db")) as db, db:
        db.execute("UPDATE generations SET counted_at = counted_at - ?", (hours * 3600,))


async def test_as_many_generations_pass_as_the_cap_has_and_not_one_more(
    settings: Settings, tone: ToneProvider
) -> None:
    async with serving(settings, tone, generations="tone=2") as client:
        await speak(client, "a")
        await speak(client, "b")
        said = await refused(client, "c")
        assert (await speak(client, "a"))["joined"] is True
    assert "SOUNDSTAGE_MAX_GENERATIONS_PER_DAY allows 2 generations at tone in 24 hours: 2 used, 0 left" in said
    assert "this takes 1." in said
    assert "There is room for it again in 24 h 0 min." in said
    assert recorded(settings) == 2


async def test_there_is_room_again_when_the_oldest_is_a_day_old(settings: Settings, tone: ToneProvider) -> None:
    async with serving(settings, tone, generations="2") as client:
        await speak(client, "a")
        pass_time(settings, 10)
        await speak(client, "b")
        pass_time(settings, 13.5)
        assert "There is room for it again in 0 h 30 min." in await refused(client, "c")
        pass_time(settings, 0.6)
        await speak(client, "c")
        assert "There is room for it again in 10 h 0 min." not in await refused(client, "d")


async def test_what_costs_nothing_does_not_count(settings: Settings, tmp_path: Path, tone: ToneProvider) -> None:
    free = ToneProvider(tmp_path, name="free", charges=False)
    free.finish.set()
    async with serving(settings, tone, free, generations="1") as client:
        for text in ("a", "b", "c"):
            await speak(client, text, "free:low")
        refused_there = await finished(client, await speak(client, "refuse"))
        assert (refused_there["status"], refused_there["charged"]) == ("failed", "no")
        done = await finished(client, await speak(client, "mine"))
        assert (done["status"], done["charged"]) == ("succeeded", "yes")
        await refused(client, "more")


async def test_what_a_clock_that_was_ahead_has_recorded_counts_for_a_day(
    settings: Settings, tone: ToneProvider
) -> None:
    async with serving(settings, tone, generations="1") as client:
        await speak(client, "from the future")
        pass_time(settings, -365 * 24)
        assert "There is room for it again in 24 h 0 min." in await refused(client, "now")
        pass_time(settings, 23)
        assert "There is room for it again in 1 h 0 min." in await refused(client, "later")
        pass_time(settings, 1)
        await speak(client, "tomorrow")


async def test_what_failed_and_may_be_charged_counts(settings: Settings, tone: ToneProvider) -> None:
    async with serving(settings, tone, generations="1") as client:
        assert (await finished(client, await speak(client, "fail")))["charged"] == "unknown"
        await refused(client, "more")


async def test_a_provider_has_its_own_cap_or_that_of_all(settings: Settings, tmp_path: Path) -> None:
    one, two = ToneProvider(tmp_path, name="one"), ToneProvider(tmp_path, name="two")
    async with serving(settings, one, two, generations="1, two=0") as client:
        await speak(client, "a", "one:low")
        assert "allows 1 generations at one" in await refused(client, "b", "one:low")
        said = await refused(client, "a", "two:low")
    assert "allows 0 generations at two in 24 hours: 0 used, 0 left" in said
    assert "This alone is above the cap" in said


async def test_a_video_of_a_text_counts_with_its_speech_or_not_at_all(
    settings: Settings, tone: ToneProvider
) -> None:
    async with serving(settings, tone, generations="2") as client:
        await speak(client, "a")
        said = await refusal(client, "create_avatar_video", text="b", voice_id="low")
        assert "2 generations at tone in 24 hours: 1 used, 1 left, and this takes 2." in said
        assert recorded(settings) == 1
        await called(client, "create_avatar_video", text="a", voice_id="low")
        await refused(client, "c")
    assert recorded(settings) == 2


@pytest.mark.parametrize(("cap", "status"), [("1", "failed"), ("2", "succeeded")])
async def test_a_speech_that_turns_out_to_be_needed_first_is_held_to_the_cap_too(
    settings: Settings, tmp_path: Path, cap: str, status: str
) -> None:
    tone = ToneProvider(tmp_path, inline="refused")
    tone.finish.set()
    async with serving(settings, tone, generations=cap) as client:
        begun = await called(client, "create_avatar_video", text="hi", voice_id="tone:low", model="tone:square")
        done = await finished(client, begun)
    assert done["status"] == status
    assert [type(work).__name__ for work in tone.submitted][1:] == (
        ["SpeechWork", "AvatarWork"] if status == "succeeded" else []
    )
    assert recorded(settings) == (2 if status == "succeeded" else 1)
    if status == "failed":
        assert (done["error"]["code"], done["charged"]) == ("budget_reached", "no")
        assert "allows 1 generations at tone in 24 hours: 1 used, 0 left" in done["error"]["message"]


async def test_credits_are_estimated_and_capped(settings: Settings, tone: ToneProvider) -> None:
    async with serving(settings, tone, credits_="tone=10") as client:
        await speak(client, "x" * 75)
        said = await refused(client, "y" * 26)
        assert "SOUNDSTAGE_MAX_CREDITS_PER_DAY allows 10 credits at tone in 24 hours: 7.5 used, 2.5 left" in said
        assert "this takes 2.6. These are estimates; what has none counts for 0 credits." in said
        await speak(client, "y" * 25)
        assert "10 used, 0 left, and this takes 0.1" in await refused(client, "z")
        assert "This alone is above the cap" in await refused(client, "z" * 101)


async def test_a_video_is_estimated_by_its_speech(settings: Settings, tone: ToneProvider) -> None:
    async with serving(settings, tone, credits_="100") as client:
        # 30 characters last 2 s: 3 credits of speech and 4 of video. Made, the speech lasts the 1 s of a beep.
        await called(client, "create_avatar_video", text="x" * 30, voice_id="low")
        assert "7 used, 93 left" in await refused(client, "y" * 931)
        speech = await finished(client, await speak(client, "z" * 10))
        await called(client, "create_avatar_video", audio=speech["generation_id"])
        assert "10 used, 90 left" in await refused(client, "y" * 901)


async def test_what_has_no_estimate_is_one_generation_and_no_credits(
    settings: Settings, tmp_path: Path, tone: ToneProvider
) -> None:
    unpriced = ToneProvider(tmp_path, name="unpriced")
    async with serving(settings, tone, unpriced, credits_="0", generations="unpriced=1") as client:
        await speak(client, "a", "unpriced:low")
        assert "SOUNDSTAGE_MAX_GENERATIONS_PER_DAY" in await refused(client, "b", "unpriced:low")
        assert "SOUNDSTAGE_MAX_CREDITS_PER_DAY" in await refused(client, "a")


async def test_of_concurrent_calls_of_two_servers_exactly_as_many_pass_as_there_is_room(
    settings: Settings, tmp_path: Path
) -> None:
    results: list[CallToolResult] = []

    async def ask(client: Client, text: str) -> None:
        results.append(await client.call_tool("synthesize_speech", {"text": text, "voice_id": "tone:low"}))

    one, two = PricedTone(tmp_path), PricedTone(tmp_path)
    async with (
        serving(settings, one, generations="7", credits_="1000") as first,
        serving(settings, two, generations="7", credits_="1000") as second,
        anyio.create_task_group() as tasks,
    ):
        for number in range(10):
            tasks.start_soon(ask, first, f"first {number}")
            tasks.start_soon(ask, second, f"second {number}")
    said = [text_of(result) for result in results if result.is_error]
    assert (len(results), len(said), recorded(settings)) == (20, 13, 7)
    assert {text.partition(":")[0] for text in said} == {"budget_reached"}


@pytest.mark.parametrize(
    "cap", ["many", "tone=", "=3", "tone=-1", "nan", "inf", "20 tone=3", "tone=1=2", "toen=3"]
)
async def test_a_cap_that_is_not_understood_allows_nothing(
    settings: Settings, tmp_path: Path, tone: ToneProvider, cap: str
) -> None:
    free = ToneProvider(tmp_path, name="free", charges=False)
    async with serving(settings, tone, free, credits_=cap) as client:
        said = await refusal(client, "synthesize_speech", text="a", voice_id="tone:low")
        await speak(client, "a", "free:low")
    assert said.startswith("budget_not_understood: SOUNDSTAGE_MAX_CREDITS_PER_DAY")
    assert cap.partition("=")[0] in said
    assert "hedra=20,speechgen=50" in said


def speech_work(characters: int) -> SpeechWork:
    return SpeechWork("", "voice", {"text": "x" * characters})


def video_work(model: str, says: SpeechWork | None = None, **fields: object) -> AvatarWork:
    return AvatarWork("", model, Path("face.png"), fields, says=says)


@pytest.mark.parametrize(
    ("work", "seconds", "credits_"),
    [
        (speech_work(1000), None, 15.0),
        (speech_work(1), None, 0.015),
        (video_work("avatar"), 10.0, 70.0),
        (video_work("avatar"), 1000.0, 600 * 7.0),
        (video_work("avatar", duration_ms=4000), 10.0, 28.0),
        (video_work("omnia"), 4.0, 60.0),
        (video_work("omnia"), 20.0, 8 * 15.0),
        (video_work("character-3"), 10.0, 60.0),
        (video_work("avatar", says=speech_work(1000)), 10.0, 85.0),
        (video_work("avatar"), None, None),
        (CloneWork("", Path("me.wav"), {"name": "Me"}), None, None),
    ],
)
def test_the_prices_of_hedra(work: Work, seconds: float | None, credits_: float | None) -> None:
    assert estimate(work, seconds) == pytest.approx(credits_)


@pytest.fixture
def hedra() -> Generator[Emulator]:
    with emulating("hedra") as emulator:
        yield emulator


async def test_hedra_is_held_to_a_cap_that_the_environment_sets(tmp_path: Path, hedra: Emulator) -> None:
    voice = "hedra:f412c62f-e94f-41c0-bfc6-97f63289941c"
    async with over_stdio(tmp_path, hedra, SOUNDSTAGE_MAX_CREDITS_PER_DAY="hedra=20") as client:
        begun = await called(client, "synthesize_speech", text="w" * 1000, voice_id=voice)
        said = await refusal(client, "synthesize_speech", text="w" * 400, voice_id=voice)
        # Three seconds of a recording cost 21 credits as a video.
        filmed = await refusal(
            client, "create_avatar_video", image="portrait.png", audio="speech.mp3", model="hedra:avatar"
        )
    posted = hedra.control.ledger("POST /generations")
    assert begun["status"] in {"queued", "processing"}
    assert "allows 20 credits at hedra in 24 hours: 15 used, 5 left, and this takes 6." in said
    assert filmed.startswith("budget_reached: SOUNDSTAGE_MAX_CREDITS_PER_DAY")
    assert len(posted) <= 1
