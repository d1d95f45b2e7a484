"""No voice is cloned unless the user has confirmed that its speaker agreed, in either era of the protocol."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import anyio
import pytest
from mcp import Client
from mcp.shared.exceptions import MCPError
from mcp.types import (
    INVALID_PARAMS,
    INVALID_REQUEST,
    CallToolResult,
    ElicitResult,
    ErrorData,
    InputRequiredResult,
)

from connecting import ERAS
from emulators import media
from facts import called, facts_of, refusal
from person import NO, YES, Person, asking, questioned
from soundstage.providers.port import CloneWork, Submission, Work
from soundstage.settings import Caps, Settings
from tone import ToneProvider

pytestmark = pytest.mark.usefixtures("recording")

ME: Mapping[str, Any] = {"audio": "me.wav", "name": "Me"}


async def recorded(client: Client) -> Sequence[Any]:
    return (await called(client, "list_generations"))["generations"]


def copies(settings: Settings) -> list[Path]:
    """What is kept of samples."""
    return list((settings.home / "inputs").glob("*"))


def only_work(tone: ToneProvider) -> CloneWork:
    [work] = tone.submitted
    assert isinstance(work, CloneWork)
    return work


@pytest.mark.parametrize("mode", ERAS)
async def test_a_yes_clones_the_voice_and_is_kept_with_it(
    settings: Settings, tone: ToneProvider, mode: str
) -> None:
    person = Person()
    async with asking(settings, mode, person, tone) as client:
        begun = await called(client, "clone_voice", **ME, wait_seconds=50)
    [question] = person.read
    assert begun["status"] == "succeeded"
    assert begun["joined"] is False
    assert "“me.wav”" in question.message
    assert "“Me”" in question.message
    assert "is sent to Tone" in question.message
    assert "permission" in question.message
    [field] = question.requested_schema["properties"].values()
    assert field["type"] == "boolean"
    assert field.keys() == {"type", "title"}
    consent = only_work(tone).consent
    assert consent["given"] == "elicitation"
    assert datetime.fromisoformat(consent["at"]).utcoffset() == timedelta(0)


@pytest.mark.parametrize("mode", ERAS)
@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (ElicitResult(action="decline"), "consent_declined"),
        (ElicitResult(action="cancel"), "consent_canceled"),
        (ElicitResult(action="accept", content={"yes": False}), "consent_not_given"),
        (ElicitResult(action="accept", content={"yes": "true"}), "consent_not_given"),
        (ElicitResult(action="accept", content={}), "consent_not_given"),
        (ElicitResult(action="accept"), "consent_not_given"),
    ],
    ids=["decline", "cancel", "false", "text", "empty", "nothing"],
)
@pytest.mark.parametrize("told", [False, True])
async def test_anything_else_than_a_yes_refuses_whatever_the_model_says(
    settings: Settings, tone: ToneProvider, mode: str, answer: ElicitResult, code: str, told: bool
) -> None:
    async with asking(settings, mode, Person(answer), tone) as client:
        said = await refusal(client, "clone_voice", **ME, consent=told)
        assert said.startswith(f"{code}: ")
        assert ("The user or the client closed the question" in said) is (code == "consent_canceled")
        assert said.endswith("Nothing was charged for this call.")
        assert await recorded(client) == []
    assert copies(settings) == []
    assert tone.submitted == []


@pytest.mark.parametrize("mode", ERAS)
async def test_without_a_way_to_ask_the_argument_is_needed(
    settings: Settings, tone: ToneProvider, mode: str
) -> None:
    async with asking(settings, mode, None, tone) as client:
        said = await refusal(client, "clone_voice", audio="not-there.wav", name="Me")
        assert said.startswith("consent_required: ")
        assert "Ask the user" in said
        assert "consent=true" in said
        assert await recorded(client) == []
        assert copies(settings) == []
        await called(client, "clone_voice", **ME, consent=True, wait_seconds=50)
    assert only_work(tone).consent["given"] == "argument"


@pytest.mark.parametrize("mode", ERAS)
@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"name": ""}, "invalid_arguments"),
        ({"colour": "red"}, "invalid_arguments"),
        ({"audio": "not-there.wav"}, "path_not_found"),
        ({"audio": "gen_none"}, "unknown_generation"),
        ({"provider": "nobody"}, "unknown_provider"),
    ],
)
async def test_nobody_is_asked_in_vain(
    settings: Settings, tone: ToneProvider, mode: str, changed: Mapping[str, object], code: str
) -> None:
    person = Person()
    async with asking(settings, mode, person, tone) as client:
        assert (await refusal(client, "clone_voice", **{**ME, **changed})).startswith(f"{code}: ")
    assert person.read == []


async def test_nobody_is_asked_for_what_the_budget_refuses(settings: Settings, tone: ToneProvider) -> None:
    person = Person()
    async with asking(replace(settings, generations_cap=Caps.parse("1")), "legacy", person, tone) as client:
        await called(client, "clone_voice", **ME)
        said = await refusal(client, "clone_voice", audio="me.wav", name="You")
    assert said.startswith("budget_reached: ")
    assert len(person.read) == 1


@pytest.mark.parametrize("mode", ERAS)
@pytest.mark.parametrize("key", [{}, {"idempotency_key": "once"}], ids=["equal", "key"])
async def test_what_was_confirmed_is_not_asked_again(
    settings: Settings, tone: ToneProvider, mode: str, key: Mapping[str, str]
) -> None:
    person = Person()
    async with asking(settings, mode, person, tone) as client:
        first = await called(client, "clone_voice", **ME, **key)
        person.answer = ElicitResult(action="decline")
        again = await called(client, "clone_voice", **ME, **key)
        assert (again["generation_id"], again["joined"]) == (first["generation_id"], True)
        assert len(person.read) == 1
        assert (await refusal(client, "clone_voice", **{**ME, "name": "You"})).startswith("consent_declined: ")
        if not key:
            assert (await refusal(client, "clone_voice", **ME, force_new=True, idempotency_key="anew")).startswith(
                "consent_declined: "
            )
        assert len(await recorded(client)) == 1


async def test_the_way_of_the_consent_makes_no_other_request(settings: Settings, tone: ToneProvider) -> None:
    async with asking(settings, "legacy", Person(), tone) as client:
        first = await called(client, "clone_voice", **ME, idempotency_key="once")
    async with asking(settings, "2026-07-28", None, tone) as client:
        again = await called(client, "clone_voice", **ME, idempotency_key="once", consent=True)
    assert (again["generation_id"], again["joined"]) == (first["generation_id"], True)


@pytest.mark.parametrize("mode", ERAS)
async def test_a_client_that_cannot_put_the_question_clones_nothing(
    settings: Settings, tone: ToneProvider, mode: str
) -> None:
    broken = Person(ErrorData(code=INVALID_REQUEST, message="no window"))
    async with asking(settings, mode, broken, tone) as client:
        if mode == "legacy":
            said = await refusal(client, "clone_voice", **ME, consent=True)
            assert said.startswith("user_not_asked: ")
            assert "no window" not in said
        else:
            with pytest.raises(MCPError, match="no window"):
                await client.call_tool("clone_voice", {**ME, "consent": True})
        assert await recorded(client) == []
    assert tone.submitted == []


@pytest.mark.parametrize("mode", ERAS)
async def test_a_client_that_breaks_off_in_the_question_clones_nothing(
    settings: Settings, tone: ToneProvider, mode: str
) -> None:
    slow = Person()
    slow.ready = anyio.Event()
    async with asking(settings, mode, slow, tone) as client:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(client.call_tool, "clone_voice", dict(ME))
            await slow.reading.wait()
            tasks.cancel_scope.cancel()
        slow.ready.set()
        assert await recorded(client) == []
    assert copies(settings) == []
    async with asking(settings, mode, slow, tone) as client:
        assert await recorded(client) == []
        await called(client, "clone_voice", **ME, wait_seconds=50)
    assert only_work(tone).consent["given"] == "elicitation"


class Looking(ToneProvider):
    """Reads the sample that it is given."""

    async def prepare(self, work: Work) -> Submission:
        assert isinstance(work, CloneWork)
        assert work.audio.read_bytes()
        return await super().prepare(work)


async def test_of_two_calls_with_a_sample_the_one_that_is_confirmed_goes_on(
    settings: Settings, tmp_path: Path
) -> None:
    tone = Looking(tmp_path)
    tone.finish.set()
    slow = Person()
    slow.ready = anyio.Event()
    made: list[dict[str, Any]] = []

    async def clone(client: Client) -> None:
        made.append(await called(client, "clone_voice", **ME, wait_seconds=50))

    async with asking(settings, "legacy", slow, tone) as client, anyio.create_task_group() as tasks:
        tasks.start_soon(clone, client)
        await slow.reading.wait()
        async with asking(settings, "2026-07-28", Person(NO), tone) as other:
            assert "consent_declined" in await refusal(other, "clone_voice", audio="me.wav", name="You")
        slow.ready.set()
    assert made[0]["status"] == "succeeded"
    assert only_work(tone).fields == {"name": "Me"}


async def test_an_answer_holds_for_the_question_that_was_asked_alone(
    settings: Settings, tone: ToneProvider, recording: Path
) -> None:
    async with asking(settings, "2026-07-28", Person(), tone) as client:
        first = await questioned(client, ME)
        assert isinstance(first, InputRequiredResult)
        assert first.input_requests
        answers = dict.fromkeys(first.input_requests, YES)

        unasked = await questioned(client, ME, input_responses=answers)
        assert isinstance(unasked, InputRequiredResult)
        unanswered = await questioned(client, ME, request_state=first.request_state)
        assert isinstance(unanswered, InputRequiredResult)
        for other in ({**ME, "name": "You"}, {**ME, "force_new": True, "idempotency_key": "anew"}):
            with pytest.raises(MCPError) as refused:
                await questioned(client, other, input_responses=answers, request_state=first.request_state)
            assert refused.value.code == INVALID_PARAMS

        recording.write_bytes(media.wav(1.0, 330))
        another = await questioned(client, ME, input_responses=answers, request_state=first.request_state)
        assert isinstance(another, InputRequiredResult)
        assert await recorded(client) == []

        done = await questioned(client, ME, input_responses=answers, request_state=another.request_state)
        assert isinstance(done, CallToolResult)
        assert facts_of(done)["kind"] == "voice_clone"


@pytest.mark.parametrize("mode", ERAS)
async def test_other_tools_never_ask(settings: Settings, tone: ToneProvider, mode: Literal["legacy"]) -> None:
    person = Person()
    async with asking(settings, mode, person, tone) as client:
        cloned = await called(client, "clone_voice", **ME, wait_seconds=50)
        generation_id = cloned["generation_id"]
        person.read.clear()
        image = str(settings.input_roots[0] / "face.png")
        Path(image).write_bytes(media.png(256, 256))
        given: Mapping[str, Mapping[str, object]] = {
            "list_voices": {},
            "list_providers": {},
            "list_generations": {},
            "synthesize_speech": {"text": "Hello.", "voice_id": "tone:low"},
            "create_avatar_video": {"text": "Hello.", "voice_id": "tone:low", "image": image},
            "get_generation_status": {"generation_id": generation_id},
            "cancel_generation": {"generation_id": generation_id},
            "delete_voice": {"voice_id": cloned["voice_id"]},
        }
        names = {tool.name for tool in (await client.list_tools()).tools}
        assert given.keys() == names - {"clone_voice"}
        for name, arguments in given.items():
            await called(client, name, **arguments)
    assert person.read == []
