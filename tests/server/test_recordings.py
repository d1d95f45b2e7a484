"""What becomes of a recording whose voice is to be cloned: its copy stays only while a generation needs it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import pytest

from connecting import ERAS
from emulators import media
from facts import called, finished, refusal
from person import NO, Person, asking
from soundstage.providers.port import Standing, Work
from soundstage.settings import Caps, Settings
from soundstage_tools.errors import BadRequest, NotFound
from soundstage_tools.results import GenerationError
from tone import ToneProvider

pytestmark = pytest.mark.usefixtures("recording")

ME = {"audio": "me.wav", "name": "Me", "consent": True}
YOU = {**ME, "name": "You"}


class Choosy(ToneProvider):
    """Refuses what is to be called Nobody, and fails at what is to be called Noise."""

    async def check(self, work: Work) -> None:
        if work.fields.get("name") == "Nobody":
            raise BadRequest(code="sample_length", message="Too short.", next_step="Send more.")

    async def poll(self, job_id: str) -> Standing:
        if any(work.fields.get("name") == "Noise" for work in self.submitted):
            error = GenerationError(code="noise", message="It is noise.", retryable=False, next_step="Speak.")
            return Standing("failed", error=error)
        return await super().poll(job_id)


class Forgetful(ToneProvider):
    """Does not know the voice that is to be deleted any more."""

    async def delete_voice(self, voice: str, job_id: str) -> None:
        await super().delete_voice(voice, job_id)
        raise NotFound(code="unknown_voice", message="No such voice.", next_step="Choose another.")


@pytest.fixture
def tone(tmp_path: Path) -> ToneProvider:
    tone = Choosy(tmp_path)
    tone.finish.set()
    return tone


def copies(settings: Settings) -> list[bytes]:
    return [path.read_bytes() for path in (settings.home / "inputs").glob("*")]


async def test_a_call_that_is_refused_keeps_no_copy(settings: Settings, tone: ToneProvider) -> None:
    async with asking(settings, "legacy", None, tone) as client:
        said = await refusal(client, "clone_voice", **{**ME, "name": "Nobody"})
    assert said.startswith("sample_length: ")
    assert copies(settings) == []


async def test_a_key_of_another_request_keeps_no_copy(settings: Settings, tone: ToneProvider) -> None:
    async with asking(settings, "legacy", None, tone) as client:
        await called(client, "clone_voice", **ME, idempotency_key="once", wait_seconds=50)
        assert copies(settings) == []
        said = await refusal(client, "clone_voice", **YOU, idempotency_key="once")
    assert said.startswith("idempotency_key_reused: ")
    assert copies(settings) == []


async def test_a_reached_budget_keeps_no_copy(settings: Settings, tone: ToneProvider) -> None:
    frugal = replace(settings, generations_cap=Caps.parse("1"))
    async with asking(frugal, "legacy", None, tone) as client:
        await called(client, "clone_voice", **ME, wait_seconds=50)
        assert (await refusal(client, "clone_voice", **YOU)).startswith("budget_reached: ")
    assert copies(settings) == []


async def test_a_clone_that_fails_keeps_no_copy(settings: Settings, tone: ToneProvider) -> None:
    async with asking(settings, "legacy", None, tone) as client:
        ended = await called(client, "clone_voice", **{**ME, "name": "Noise"}, wait_seconds=50)
    assert (ended["status"], ended["error"]["code"]) == ("failed", "noise")
    assert copies(settings) == []


async def test_a_clone_that_is_canceled_keeps_no_copy(
    settings: Settings, tone: ToneProvider, recording: Path
) -> None:
    tone.finish = anyio.Event()
    async with asking(settings, "legacy", None, tone) as client:
        begun = await called(client, "clone_voice", **ME)
        assert copies(settings) == [recording.read_bytes()]
        ended = await called(client, "cancel_generation", generation_id=begun["generation_id"])
    assert ended["status"] == "canceled"
    assert copies(settings) == []


async def test_a_clone_that_others_joined_keeps_no_copy(
    settings: Settings, tone: ToneProvider, recording: Path
) -> None:
    tone.finish = anyio.Event()
    async with asking(settings, "legacy", None, tone) as client:
        begun = await called(client, "clone_voice", **ME)
        assert (await called(client, "clone_voice", **ME))["joined"] is True
        assert copies(settings) == [recording.read_bytes()]
        tone.finish.set()
        assert (await finished(client, begun))["status"] == "succeeded"
        assert copies(settings) == []
        assert (await called(client, "clone_voice", **ME))["joined"] is True
    assert copies(settings) == []


async def test_a_copy_that_a_call_still_needs_is_not_taken_from_it(
    settings: Settings, tone: ToneProvider, recording: Path
) -> None:
    slow = Person()
    slow.ready = anyio.Event()
    made: list[dict[str, Any]] = []
    async with asking(settings, "legacy", slow, tone) as client, anyio.create_task_group() as tasks:

        async def clone() -> None:
            made.append(await called(client, "clone_voice", **ME, wait_seconds=50))

        tasks.start_soon(clone)
        await slow.reading.wait()
        assert (await refusal(client, "clone_voice", **{**ME, "name": "Nobody"})).startswith("sample_length: ")
        assert copies(settings) == [recording.read_bytes()]
        slow.ready.set()
    assert made[0]["status"] == "succeeded"
    assert copies(settings) == []


async def test_another_recording_than_the_one_that_was_agreed_to_is_not_cloned(
    settings: Settings, tone: ToneProvider, recording: Path
) -> None:
    slow = Person()
    slow.ready = anyio.Event()
    said: list[str] = []
    async with asking(settings, "legacy", slow, tone) as client, anyio.create_task_group() as tasks:

        async def clone() -> None:
            said.append(await refusal(client, "clone_voice", **ME))

        tasks.start_soon(clone)
        await slow.reading.wait()
        # The user says no to another server, which lets the copy go.
        async with asking(settings, "2026-07-28", Person(NO), tone) as other:
            assert (await refusal(other, "clone_voice", **YOU)).startswith("consent_declined: ")
        assert copies(settings) == []
        recording.write_bytes(media.wav(1.0, 330))
        slow.ready.set()
    [refused] = said
    assert refused.startswith("recording_changed: ")
    assert "Call again" in refused
    assert tone.submitted == []
    assert copies(settings) == []


async def test_a_deletion_that_was_cut_short_is_finished(settings: Settings, tmp_path: Path) -> None:
    tone = Forgetful(tmp_path)
    tone.finish.set()
    async with asking(settings, "legacy", None, tone) as client:
        made = await called(client, "clone_voice", **ME, idempotency_key="once", wait_seconds=50)
        assert (await refusal(client, "delete_voice", voice_id=made["voice_id"])).startswith("unknown_voice: ")
        told = await called(client, "get_generation_status", generation_id=made["generation_id"])
        assert "voice_id" not in told
        again = await called(client, "clone_voice", **ME)
    assert again["joined"] is False


@pytest.mark.parametrize("mode", ERAS)
@pytest.mark.parametrize(("fields", "clause"), [({}, 0), ({"keep_sample": True}, 1)], ids=["dropped", "kept"])
async def test_the_user_is_told_that_the_recording_will_be_kept(
    settings: Settings, recording: Path, mode: str, fields: dict[str, bool], clause: int
) -> None:
    recording.write_bytes(media.wav(12.0))
    person = Person(NO)
    async with asking(settings, mode, person) as client:
        said = await refusal(client, "clone_voice", audio="me.wav", name="Me", provider="local", **fields)
    assert said.startswith("consent_declined: ")
    [question] = person.read
    assert question.message.count("stays on this machine") == 1
    assert question.message.count("a copy of it is kept with the voice") == clause
    assert copies(settings) == []
