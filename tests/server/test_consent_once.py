"""One yes of the user makes at most one voice, however often a client sends it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import anyio
import pytest
from mcp import Client
from mcp.shared.exceptions import MCPError
from mcp.types import INVALID_PARAMS, CallToolResult, InputRequiredResult
from typing_extensions import override

from facts import called, facts_of, finished
from person import YES, Person, asking, questioned
from soundstage.providers.port import Standing
from soundstage.settings import Settings
from soundstage_tools.results import GenerationError
from tone import ToneProvider

pytestmark = pytest.mark.usefixtures("recording")

ME: Mapping[str, Any] = {"audio": "me.wav", "name": "Me"}
KEYS = pytest.mark.parametrize("key", [{}, {"idempotency_key": "once"}], ids=["equal", "key"])


class Failing(ToneProvider):
    """Comes to nothing."""

    @override
    async def poll(self, job_id: str) -> Standing:
        error = GenerationError(code="tone_broke", message="It broke.", retryable=True, next_step="Ask again.")
        return Standing("failed", error=error)


def provider_that(ended: str, folder: Path) -> ToneProvider:
    tone = Failing(folder) if ended == "failed" else ToneProvider(folder)
    if ended != "canceled":
        tone.finish.set()
    return tone


async def asked(client: Client, given: Mapping[str, Any]) -> dict[str, Any]:
    """The user's yes, as a client sends it with the call."""
    question = await questioned(client, given)
    assert isinstance(question, InputRequiredResult)
    return {
        "input_responses": dict.fromkeys(question.input_requests or {}, YES),
        "request_state": question.request_state,
    }


async def cloned(client: Client, given: Mapping[str, Any], answer: Mapping[str, Any]) -> dict[str, Any]:
    result = await questioned(client, given, **answer)
    assert isinstance(result, CallToolResult)
    return facts_of(result)


@pytest.mark.parametrize("ended", ["deleted", "canceled", "failed"])
async def test_an_answer_is_used_up_by_the_voice_that_it_made(
    settings: Settings, tmp_path: Path, ended: Literal["deleted", "canceled", "failed"]
) -> None:
    tone = provider_that(ended, tmp_path)
    async with asking(settings, "2026-07-28", Person(), tone) as client:
        answer = await asked(client, ME)
        made = await cloned(client, ME, answer)
        await tone.submitting.wait()
        if ended == "canceled":
            await called(client, "cancel_generation", generation_id=made["generation_id"])
        made = await finished(client, made)
        if ended == "deleted":
            await called(client, "delete_voice", voice_id=made["voice_id"])
        again = await questioned(client, ME, **answer)
        assert isinstance(again, InputRequiredResult)
        assert len(tone.submitted) == 1
        assert len((await called(client, "list_generations"))["generations"]) == 1
        tone.finish.set()
        another = await cloned(client, ME, await asked(client, ME))
        assert another["generation_id"] != made["generation_id"]
        await finished(client, another)
    assert len(tone.submitted) == 2


@KEYS
async def test_an_answer_that_is_sent_again_joins_what_it_began(
    settings: Settings, tmp_path: Path, key: Mapping[str, str]
) -> None:
    tone = ToneProvider(tmp_path)
    given = {**ME, **key}
    async with asking(settings, "2026-07-28", Person(), tone) as client:
        answer = await asked(client, given)
        first = await cloned(client, given, answer)
        running = await cloned(client, given, answer)
        tone.finish.set()
        await finished(client, first)
        done = await cloned(client, given, answer)
    for again in (running, done):
        assert (again["generation_id"], again["joined"]) == (first["generation_id"], True)
    assert len(tone.submitted) == 1


async def test_an_answer_that_is_sent_many_times_at_once_makes_one_voice(
    settings: Settings, tone: ToneProvider
) -> None:
    made: list[str] = []

    async with asking(settings, "2026-07-28", Person(), tone) as client:
        answer = await asked(client, ME)

        async def send() -> None:
            made.append((await cloned(client, ME, answer))["generation_id"])

        async with anyio.create_task_group() as tasks:
            for _ in range(8):
                tasks.start_soon(send)
    assert len(made) == 8
    assert len(set(made)) == 1


async def test_of_an_answer_to_a_server_that_has_ended_it_is_said_what_to_do(
    settings: Settings, tone: ToneProvider
) -> None:
    async with asking(settings, "2026-07-28", Person(), tone) as client:
        answer = await asked(client, ME)
    async with asking(settings, "2026-07-28", Person(), tone) as client:
        with pytest.raises(MCPError) as refused:
            await questioned(client, ME, **answer)
        assert refused.value.code == INVALID_PARAMS
        assert "by a server that has ended since" in refused.value.message
        assert "Make the call again with its arguments alone" in refused.value.message
        assert tone.submitted == []
        assert (await called(client, "clone_voice", **ME))["kind"] == "voice_clone"
