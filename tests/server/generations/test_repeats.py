"""What a call that is repeated gets: the generation that is there, and nothing that is paid for once more."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from mcp import Client

from connecting import Connect
from emulators import media
from facts import called, finished, refusal
from following import speak, status
from soundstage.app import create_studio
from soundstage.providers.port import SpeechWork, Work
from soundstage.settings import Settings
from soundstage_tools.errors import NotFound, StudioError, Unavailable
from soundstage_tools.results import GenerationKind
from tone import ToneProvider

LOST = "vague"


def pass_time(settings: Settings, minutes: float, *columns: str) -> None:
    """Have so much time passed since what these columns tell of."""
    earlier = ", ".join(f"{column} = {column} - :seconds" for column in columns)
    with closing(sqlite3.connect(settings.home / "state.db")) as db, db:
        db.execute(f"UPDATE generations SET {earlier}", {"seconds": minutes * 60})


async def lost(client: Client, **more: object) -> dict[str, Any]:
    return await finished(client, await speak(client, LOST, **more))


@pytest.fixture
def forgetful(tmp_path: Path) -> ToneProvider:
    """Loses its answers, and can never say what came of them."""
    tone = ToneProvider(tmp_path, repeats=0)
    tone.finish.set()
    return tone


@pytest.mark.parametrize("key", ["first", ""])
async def test_a_new_key_alone_orders_nothing_again_that_needs_attention(
    connect: Connect, forgetful: ToneProvider, key: str
) -> None:
    async with connect([forgetful]) as client:
        first = await lost(client, idempotency_key=key)
        again = await lost(client, idempotency_key="second")
        assert (again["generation_id"], again["joined"]) == (first["generation_id"], True)
        assert (again["status"], again["charged"]) == ("needs_attention", "unknown")
        assert "ask again with force_new=true and a new idempotency_key" in again["next_step"]
        assert len(forgetful.submitted) == 1
        # That key is not used up.
        forced = await lost(client, idempotency_key="second", force_new=True)
        repeated = await lost(client, idempotency_key="second", force_new=True)
    assert forced["generation_id"] == repeated["generation_id"] != first["generation_id"]
    assert len(forgetful.submitted) == 2


class OnceForgetful(ToneProvider):
    """Loses its first answer alone."""

    async def _submit(self, work: Work) -> str:
        if self.submitted and isinstance(work, SpeechWork):
            self.submitted.append(work)
            self.adopt(f"job-{len(self.submitted)}", work)
            return f"job-{len(self.submitted)}"
        return await super()._submit(work)


async def test_what_was_made_anew_after_all_needs_no_attention_any_more(
    connect: Connect, settings: Settings, tmp_path: Path
) -> None:
    tone = OnceForgetful(tmp_path, repeats=0)
    tone.finish.set()
    async with connect([tone]) as client:
        await lost(client)
        anew = await lost(client, idempotency_key="anew", force_new=True)
        assert anew["status"] == "succeeded"
        assert (await lost(client))["generation_id"] == anew["generation_id"]
        pass_time(settings, 11, "created_at", "updated_at")
        other = await lost(client, idempotency_key="other")
    assert (other["status"], other["joined"]) == ("succeeded", False)


@pytest.mark.parametrize(("minutes", "joined"), [(9.0, True), (11.0, False)])
async def test_ten_minutes_count_from_the_success(
    connect: Connect, settings: Settings, tone: ToneProvider, minutes: float, joined: bool
) -> None:
    async with connect([tone]) as client:
        done = await finished(client, await speak(client))
        # It took half an hour to be made.
        pass_time(settings, 30, "created_at")
        pass_time(settings, minutes, "created_at", "updated_at")
        again = await speak(client)
    assert again["joined"] is joined
    assert (again["generation_id"] == done["generation_id"]) is joined


class KnownTone(ToneProvider):
    """Shows its jobs by their ids."""

    async def job_named(self, _kind: GenerationKind, job_id: str, _trace: Mapping[str, object]) -> str:
        return job_id


async def test_what_was_adopted_is_joined_for_ten_minutes_from_then(
    connect: Connect, settings: Settings, tmp_path: Path
) -> None:
    tone = KnownTone(tmp_path, repeats=0, names_jobs=frozenset[GenerationKind]({"speech"}))
    tone.finish.set()
    async with connect([tone]) as client:
        found = await lost(client)
        pass_time(settings, 30, "created_at", "updated_at", "submitted_at")
        tone.adopt("found", SpeechWork("", "low", {"text": LOST}))
        studio = create_studio(settings, [tone], adopts=False)
        async with studio.running():
            await studio.attach(found["generation_id"], "found")
        done = await finished(client, {**found, "status": "processing"})
        assert done["status"] == "succeeded"
        again = await speak(client, LOST)
    assert (again["generation_id"], again["joined"]) == (found["generation_id"], True)
    assert len(tone.submitted) == 1


class FadingTone(ToneProvider):
    """Refuses whatever it is asked, once there is a `trouble`."""

    trouble: StudioError | None = None

    async def check(self, work: Work) -> None:
        if self.trouble:
            raise self.trouble
        await super().check(work)


@pytest.mark.parametrize("key", ["mine", ""])
@pytest.mark.parametrize(
    "trouble",
    [
        NotFound(code="unknown_voice", message="No such beep.", next_step="Take another."),
        Unavailable(code="tone_down", message="Tone does not answer.", next_step="Try later."),
    ],
)
async def test_a_repeat_needs_neither_the_voice_nor_the_provider_any_more(
    connect: Connect, tmp_path: Path, trouble: StudioError, key: str
) -> None:
    tone = FadingTone(tmp_path)
    tone.finish.set()
    portrait = {"image": str(tmp_path / "workspace" / "face.png"), "text": "hello", "voice_id": "tone:low"}
    (tmp_path / "workspace" / "face.png").write_bytes(media.png(64, 64))
    filmed = f"{key} filmed" if key else ""
    async with connect([tone]) as client:
        speech = await finished(client, await speak(client, idempotency_key=key))
        video = await finished(
            client, await called(client, "create_avatar_video", **portrait, idempotency_key=filmed)
        )
        tone.trouble = trouble
        assert await speak(client, idempotency_key=key) == {**speech, "joined": True}
        again = await called(client, "create_avatar_video", **portrait, idempotency_key=filmed)
        assert again == {**video, "joined": True}
        said = await refusal(client, "synthesize_speech", text="hello", voice_id="low", idempotency_key="other")
    assert said.startswith(f"{trouble.code}: ")


async def test_a_key_still_names_its_video_when_what_that_was_made_from_is_gone(
    connect: Connect, tone: ToneProvider
) -> None:
    async with connect([tone]) as client:
        speech = await finished(client, await speak(client))
        ask = {"audio": speech["generation_id"], "idempotency_key": "filmed"}
        video = await finished(client, await called(client, "create_avatar_video", **ask))
        Path(speech["assets"][0]["url"].removeprefix("file://")).unlink()
        assert await called(client, "create_avatar_video", **ask) == {**video, "joined": True}
        said = await refusal(client, "create_avatar_video", **{**ask, "idempotency_key": "other"})
    assert said.startswith("asset_gone: ")
    assert len(tone.submitted) == 2


@pytest.mark.usefixtures("recording")
async def test_the_key_of_a_clone_whose_voice_was_deleted_clones_nothing_anew(
    connect: Connect, tone: ToneProvider
) -> None:
    ask = {"audio": "me.wav", "name": "Me", "consent": True}
    async with connect([tone]) as client:
        clone = await finished(client, await called(client, "clone_voice", **ask, idempotency_key="mine"))
        await called(client, "delete_voice", voice_id=clone["voice_id"])
        told = await status(client, clone)
        again = await called(client, "clone_voice", **ask, idempotency_key="mine")
        other = await refusal(client, "clone_voice", **{**ask, "name": "You"}, idempotency_key="mine")
        anew = await finished(client, await called(client, "clone_voice", **ask))
    assert (again["generation_id"], again["joined"]) == (clone["generation_id"], True)
    assert "voice_id" not in again
    for one in (told, again):
        assert one["next_step"] == (
            "The voice that it cloned was deleted. To clone it again, call clone_voice with a new idempotency_key."
        )
    assert other.startswith("idempotency_key_reused: ")
    assert anew["joined"] is False
    assert len(tone.submitted) == 2
