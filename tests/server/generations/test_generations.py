"""Generations as an agent meets them, with a provider that waits for the test."""

from pathlib import Path

import anyio
import anyio.lowlevel
import pytest
from mcp import Client

from connecting import ERAS, Connect
from facts import called, finished, refusal
from tone import ToneProvider


@pytest.fixture
def tone(tmp_path: Path) -> ToneProvider:
    return ToneProvider(tmp_path)


async def speak(client: Client, text: str = "hello", **more: object) -> dict[str, object]:
    return await called(client, "synthesize_speech", text=text, voice_id="tone:low", **more)


@pytest.mark.parametrize("mode", ERAS)
async def test_a_call_answers_at_once_and_the_work_goes_on(
    connect: Connect, tone: ToneProvider, mode: str
) -> None:
    async with connect([tone], mode=mode) as client:
        begun = await speak(client)
        assert begun["status"] in {"queued", "processing"}
        assert begun["assets"] == []
        assert "Nothing failed" in str(begun["next_step"])
        tone.finish.set()
        done = await finished(client, begun)
    assert done["status"] == "succeeded"
    assert done["progress"] == 1.0
    [asset] = done["assets"]
    assert Path(asset["url"].removeprefix("file://")).stat().st_size == asset["bytes"]
    assert asset["mime_type"] == "audio/wav"


async def test_a_wait_that_runs_out_tells_progress_and_eta_and_no_failure(
    connect: Connect, tone: ToneProvider
) -> None:
    heard: list[tuple[float, float | None, str | None]] = []

    async def on_progress(progress: float, total: float | None, message: str | None) -> None:
        heard.append((progress, total, message))

    async with connect([tone]) as client:
        begun = await speak(client)
        result = await client.call_tool(
            "get_generation_status",
            {"generation_id": begun["generation_id"], "wait_seconds": 3},
            progress_callback=on_progress,
        )
    assert result.structured_content is not None
    assert not result.is_error
    waiting = result.structured_content
    assert (waiting["status"], waiting["progress"], waiting["eta_seconds"]) == ("processing", 0.25, 7.0)
    assert waiting["provider_status"] == "beeping"
    assert heard[-1] == (0.25, 1.0, "processing, about 7 s left")


async def test_progress_told_to_the_client_only_rises(connect: Connect, tone: ToneProvider) -> None:
    heard: list[float] = []

    async def on_progress(progress: float, total: float | None, message: str | None) -> None:
        heard.append(progress)
        tone.progress = {0.0: 0.25, 0.25: 0.5}.get(progress, 0.1)
        if progress == 0.5:
            tone.finish.set()

    async with connect([tone]) as client:
        begun = await speak(client)
        done = await client.call_tool(
            "get_generation_status",
            {"generation_id": begun["generation_id"], "wait_seconds": 50},
            progress_callback=on_progress,
        )
    assert done.structured_content is not None
    assert done.structured_content["status"] == "succeeded"
    assert heard == sorted(set(heard))
    assert heard[-1] == 0.5


async def test_a_cancelled_call_loses_nothing(connect: Connect, tone: ToneProvider) -> None:
    async with connect([tone]) as client:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(
                client.call_tool, "synthesize_speech", {"text": "hi", "voice_id": "low", "wait_seconds": 50}
            )
            await tone.submitting.wait()
            tasks.cancel_scope.cancel()
        tone.finish.set()
        again = await speak(client, "hi")
        assert again["joined"] is True
        assert (await finished(client, again))["status"] == "succeeded"
    assert len(tone.submitted) == 1


async def test_an_equal_request_is_joined_and_another_is_not(connect: Connect, tone: ToneProvider) -> None:
    async with connect([tone]) as client:
        first, equal = await speak(client), await speak(client, speed=1.0)
        other = await speak(client, speed=1.1)
    assert equal["generation_id"] == first["generation_id"]
    assert (first["joined"], equal["joined"]) == (False, True)
    assert other["generation_id"] != first["generation_id"]


async def test_a_key_names_one_request(connect: Connect, tone: ToneProvider) -> None:
    async with connect([tone]) as client:
        first = await speak(client, idempotency_key="k1")
        same = await speak(client, idempotency_key="k1")
        other = await speak(client, idempotency_key="k2")
        said = await refusal(client, "synthesize_speech", text="else", voice_id="tone:low", idempotency_key="k1")
    assert same["generation_id"] == first["generation_id"] != other["generation_id"]
    assert said.startswith("idempotency_key_reused:")


async def test_a_generation_that_failed_is_an_ordinary_result(connect: Connect, tone: ToneProvider) -> None:
    async with connect([tone]) as client:
        broke = await finished(client, await speak(client, "fail"))
        full = await finished(client, await speak(client, "refuse"))
        retried = await speak(client, "fail")
    assert broke["status"] == full["status"] == "failed"
    assert broke["error"] == {
        "code": "tone_broke",
        "message": "It broke.",
        "retryable": True,
        "next_step": "Ask again.",
    }
    assert full["error"]["code"] == "tone_full"
    assert retried["joined"] is False
    assert tone.released[0].startswith("job-1-")


async def test_an_unknown_handle_is_told_so(connect: Connect, tone: ToneProvider) -> None:
    async with connect([tone]) as client:
        for tool in ("get_generation_status", "cancel_generation"):
            assert (await refusal(client, tool, generation_id="gen_none")).startswith("unknown_generation:")


async def test_cancel_stops_the_work_and_a_finished_one_stays(connect: Connect, tone: ToneProvider) -> None:
    async with connect([tone]) as client:
        begun = await speak(client)
        stopped = await called(client, "cancel_generation", generation_id=begun["generation_id"])
        assert stopped["status"] == "canceled"
        tone.finish.set()
        done = await finished(client, await speak(client, "other"))
        kept = await called(client, "cancel_generation", generation_id=done["generation_id"])
    assert (kept["status"], kept["assets"]) == ("succeeded", done["assets"])
    assert tone.released


async def test_what_is_being_cancelled_is_not_joined(connect: Connect, tone: ToneProvider) -> None:
    tone.accept = anyio.Event()
    async with connect([tone]) as client, anyio.create_task_group() as tasks:
        begun = await speak(client)
        await tone.submitting.wait()
        tasks.start_soon(client.call_tool, "cancel_generation", {"generation_id": begun["generation_id"]})
        with anyio.fail_after(10):
            while (again := await speak(client))["joined"]:
                await anyio.lowlevel.checkpoint()
        assert again["generation_id"] != begun["generation_id"]
        tone.accept.set()


async def test_a_cloned_voice_is_the_result_and_can_be_deleted(connect: Connect, tone: ToneProvider) -> None:
    tone.finish.set()
    async with connect([tone]) as client:
        speech = await finished(client, await speak(client))
        clone = await called(client, "clone_voice", consent=True, audio=speech["generation_id"], name="Me")
        done = await finished(client, clone)
        assert done["kind"] == "voice_clone"
        assert done["voice_id"] == f"tone:clone-job-2-{id(tone)}"
        deleted = await called(client, "delete_voice", voice_id=done["voice_id"])
        again = await called(client, "clone_voice", consent=True, audio=speech["generation_id"], name="Me")
        assert again["joined"] is False
    assert deleted["voice_id"] == done["voice_id"]
    assert tone.deleted == [(f"clone-job-2-{id(tone)}", f"job-2-{id(tone)}")]


async def test_a_speech_that_is_still_being_made_is_no_sample(connect: Connect, tone: ToneProvider) -> None:
    async with connect([tone]) as client:
        speech = await speak(client)
        said = await refusal(client, "clone_voice", consent=True, audio=speech["generation_id"], name="Me")
    assert said.startswith("sample_not_ready:")


async def test_what_is_unfinished_goes_on_in_the_next_server(connect: Connect, tmp_path: Path) -> None:
    first = ToneProvider(tmp_path)
    async with connect([first]) as client:
        begun = await speak(client)
        await first.submitting.wait()
    second = ToneProvider(tmp_path)
    second.finish.set()
    async with connect([second]) as client:
        done = await finished(client, begun)
    assert done["status"] == "succeeded"
    assert len(second.submitted) == 1


async def test_work_that_may_have_been_paid_is_never_submitted_again(connect: Connect, tmp_path: Path) -> None:
    first = ToneProvider(tmp_path, repeats=0)
    first.accept = anyio.Event()
    async with connect([first]) as client:
        begun = await speak(client)
        await first.submitting.wait()
    second = ToneProvider(tmp_path, repeats=0)
    async with connect([second]) as client:
        done = await finished(client, begun)
    assert done["status"] == "needs_attention"
    assert done["error"]["code"] == "outcome_unknown"
    assert done["error"]["retryable"] is False
    assert second.submitted == []


async def test_a_one_off_command_leaves_the_work_of_others_alone(connect: Connect, tmp_path: Path) -> None:
    first, second = ToneProvider(tmp_path), ToneProvider(tmp_path)
    async with connect([first]) as client:
        await speak(client)
        await first.submitting.wait()
    second.finish.set()
    async with connect([second], adopts=False) as client:
        assert (await finished(client, await speak(client, "mine")))["status"] == "succeeded"
    assert [work.fields["text"] for work in second.submitted] == ["mine"]


async def test_two_servers_on_one_store_do_the_work_once(connect: Connect, tmp_path: Path) -> None:
    one, two = ToneProvider(tmp_path), ToneProvider(tmp_path)
    async with connect([one]) as first, connect([two]) as second:
        begun = await speak(first)
        joined = await speak(second)
        assert joined["generation_id"] == begun["generation_id"]
        one.finish.set()
        two.finish.set()
        assert (await finished(second, joined))["status"] == "succeeded"
    assert len(one.submitted) + len(two.submitted) == 1


async def test_a_fault_in_an_adapter_ends_one_generation_and_no_other(
    connect: Connect, tone: ToneProvider
) -> None:
    async with connect([tone]) as client:
        other = await speak(client, "other")
        broken = await finished(client, await speak(client, "bug"))
        tone.finish.set()
        assert (await finished(client, other))["status"] == "succeeded"
    assert broken["status"] == "needs_attention"
    assert broken["error"]["code"] == "internal_error"
    assert "secret" not in str(broken)


async def test_a_result_whose_file_was_deleted_is_made_again(connect: Connect, tone: ToneProvider) -> None:
    tone.finish.set()
    async with connect([tone]) as client:
        first = await finished(client, await speak(client))
        Path(first["assets"][0]["url"].removeprefix("file://")).unlink()
        again = await speak(client)
        assert again["joined"] is False
        assert (await finished(client, again))["status"] == "succeeded"
