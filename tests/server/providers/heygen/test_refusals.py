"""What useapi.net refuses or cannot say, told so that an agent knows what to do."""

import json
import re
from pathlib import Path

import pytest
from mcp import Client

from emulators.server import Emulator
from facts import called, refusal
from heygen_calls import ARIA, CREATE, bodies, failure, long_text, provided, spoken
from soundstage.app import create_server
from soundstage.providers.heygen.provider import HeyGenProvider
from soundstage.providers.port import SpeechWork
from soundstage.settings import Access, Settings
from soundstage_tools.errors import NotConfigured, OutcomeUnknown, Unavailable


@pytest.mark.parametrize("status", [200, 400, 403, 429, 500])
async def test_the_daily_limit_is_told_whatever_its_status(heygen: Emulator, client: Client, status: int) -> None:
    heygen.control.switch(daily_seconds=1.0, daily_limit_status=status)
    error = await failure(client, text="These are a few words too many.")
    assert error["code"] == "daily_limit"
    assert error["retryable"] is False
    assert "tomorrow" in error["next_step"]
    assert len(bodies(heygen)) == 1
    assert heygen.control.created() == []


async def test_parts_that_were_spoken_before_a_refusal_are_told_and_not_kept(
    heygen: Emulator, client: Client, tmp_path: Path
) -> None:
    heygen.control.switch(daily_seconds=150.0)
    ended = await spoken(client, text=long_text(3000))
    error = ended["error"]
    done = len(heygen.control.created())
    assert done >= 1
    assert error["code"] == "daily_limit"
    told = re.search(r"(\d+) of (\d+) parts .* may be charged", error["message"])
    assert told
    assert int(told[1]) == done < int(told[2])
    assert (ended["status"], ended["charged"]) == ("failed", "unknown")
    assert list((tmp_path / "jobs").iterdir()) == []


@pytest.mark.parametrize(
    ("outcome", "code", "words"),
    [("not_passed", "provider_failed", "did not pass"), ("job", "unresolvable_job", "job")],
)
async def test_an_answer_without_audio_is_a_failure(
    heygen: Emulator, client: Client, outcome: str, code: str, words: str
) -> None:
    heygen.control.switch(outcome=outcome)
    ended = await spoken(client)
    error = ended["error"]
    assert (ended["status"], ended["charged"]) == ("failed", "unknown")
    assert (error["code"], error["retryable"]) == (code, False)
    assert words in error["message"]
    assert len(bodies(heygen)) == 1


async def test_an_unresolvable_job_is_told_by_its_id(heygen: Emulator, client: Client) -> None:
    answer = {"is_pass": True, "job_id": "job-4711"}
    heygen.control.add_rules({"match": CREATE, "do": "edit", "replace": answer})
    assert "job-4711" in (await failure(client))["message"]


EMOTION = "Invalid emotion angry for voice X, supported values: happy"


@pytest.mark.parametrize(
    ("rule", "charged"),
    [
        ({"do": "edit", "replace": {"error": EMOTION}}, "no"),
        ({"do": "edit", "replace": {"error": {"code": "emotion", "message": EMOTION}}}, "no"),
        ({"do": "edit", "replace": {"is_pass": False, "error": EMOTION}}, "unknown"),
        ({"do": "status", "status": 500, "body": json.dumps({"error": EMOTION})}, "unknown"),
    ],
)
async def test_an_error_is_a_refusal_in_its_own_words_whatever_the_status(
    heygen: Emulator, client: Client, rule: dict[str, object], charged: str
) -> None:
    heygen.control.add_rules({"match": CREATE, **rule})
    ended = await spoken(client)
    assert (ended["status"], ended["charged"]) == ("failed", charged)
    assert ended["error"]["code"] == "provider_refused"
    assert f'wrote: "{EMOTION}"' in ended["error"]["message"]
    assert len(bodies(heygen)) == 1


async def test_an_error_in_a_good_answer_gives_no_key_away(heygen: Emulator, client: Client) -> None:
    heygen.control.add_rules({"match": CREATE, "do": "edit", "replace": {"error": f"No such key: {heygen.key}"}})
    error = await failure(client)
    assert "No such key: [removed]" in error["message"]
    assert heygen.key not in json.dumps(error)


async def test_an_empty_answer_is_asked_again_and_then_told(heygen: Emulator, client: Client) -> None:
    heygen.control.switch(outcome="empty")
    ended = await spoken(client)
    assert ended["status"] == "needs_attention"
    assert ended["error"]["code"] == "outcome_unknown"
    assert "charged" in ended["error"]["next_step"]
    assert len(bodies(heygen)) == 3
    heygen.control.switch(outcome="done")
    heygen.control.add_rules({"match": CREATE, "nth": [1], "do": "edit", "replace": {}})
    assert (await spoken(client, text="Once more."))["status"] == "succeeded"


@pytest.mark.parametrize("url", ["https://[x/y", "https://a.b/" + "x" * 40_000, "https://a.b/\u202ex", 7])
async def test_an_address_that_is_none_leads_nowhere(heygen: Emulator, client: Client, url: object) -> None:
    heygen.control.add_rules({"match": CREATE, "do": "edit", "replace": {"audio_url": url}})
    ended = await spoken(client)
    assert (ended["status"], ended["error"]["code"]) == ("needs_attention", "outcome_unknown")


async def test_a_broken_session_is_told(heygen: Emulator, client: Client) -> None:
    await called(client, "list_voices")
    heygen.control.switch(broken_accounts=["one@example.invalid"])
    error = await failure(client)
    assert error["code"] == "account_session_lost"
    assert "useapi.net" in error["next_step"]
    assert len(bodies(heygen)) == 1


@pytest.mark.parametrize("status", [404, 410])
async def test_the_retired_api_says_that_it_is(heygen: Emulator, client: Client, status: int) -> None:
    await called(client, "list_voices")
    heygen.control.switch(decommissioned=status)
    error = await failure(client)
    assert error["code"] == "provider_retired"
    assert "August 2025" in error["message"]
    assert "list_providers" in error["next_step"]
    said = await refusal(client, "synthesize_speech", text="Hello", voice_id="heygen:unknown")
    assert "provider_retired" in said
    assert len(bodies(heygen)) == 1


async def test_an_api_that_fails_may_be_the_retired_one(heygen: Emulator, client: Client) -> None:
    await called(client, "list_voices")
    heygen.control.add_rules({"match": "*", "do": "status", "status": 503, "body": '{"error": "down"}'})
    said = await refusal(client, "synthesize_speech", text="Hello", voice_id="heygen:unknown")
    assert "provider_failing" in said
    assert "August 2025" in said
    assert "another provider" in said


async def test_an_api_that_cannot_be_reached_may_be_the_retired_one(tmp_path: Path) -> None:
    provider = HeyGenProvider(Access("http://127.0.0.1:9/v1/heygen", "token"), tmp_path)
    async with provider.running():
        with pytest.raises(Unavailable) as away:
            await provider.list_voices()
    assert away.value.code == "provider_unreachable"
    assert "August 2025" in away.value.next_step


async def test_an_order_that_fails_may_have_met_the_retired_api(heygen: Emulator, tmp_path: Path) -> None:
    heygen.control.add_rules({"match": CREATE, "do": "status", "status": 502})
    provider = provided(heygen, tmp_path)
    async with provider.running():
        submission = await provider.prepare(SpeechWork("gen_one", "en-US-AriaNeural", {"text": "Hello."}))
        with pytest.raises(OutcomeUnknown) as lost:
            await submission.send()
    assert "August 2025" in lost.value.next_step


async def test_a_refused_token_names_its_setting(heygen: Emulator, tmp_path: Path) -> None:
    wrong = HeyGenProvider(Access(heygen.base_url, "wrong-token"), tmp_path)
    async with wrong.running():
        with pytest.raises(NotConfigured) as refused:
            await wrong.list_voices()
    assert "USEAPI_API_TOKEN" in refused.value.next_step
    assert "wrong-token" not in str(refused.value)


async def test_an_address_that_redirects_names_its_setting(heygen: Emulator, client: Client) -> None:
    heygen.control.add_rules({"match": "GET /tts/voices", "do": "redirect", "to": "https://example.com/"})
    said = await refusal(client, "synthesize_speech", text="Hello", voice_id=ARIA)
    assert "USEAPI_BASE_URL" in said


async def test_without_a_token_nothing_is_served(tmp_path: Path) -> None:
    provider = HeyGenProvider(Access("https://api.useapi.net/v1/heygen"), tmp_path)
    (missing,) = provider.profile.missing
    assert not provider.profile.configured
    assert "USEAPI_API_TOKEN" in missing
    assert "retired" in missing


TWO = ("a@example.invalid", "b@example.invalid")


async def test_with_several_accounts_one_has_to_be_chosen(
    heygen: Emulator, client: Client, settings: Settings, tmp_path: Path
) -> None:
    heygen.control.switch(accounts=TWO)
    said = await refusal(client, "synthesize_speech", text="Hello", voice_id=ARIA)
    assert "USEAPI_EMAIL" in said
    assert "`email` to synthesize_speech" in said
    assert TWO[1] in said
    [warning] = (await called(client, "list_voices"))["warnings"]
    assert "set USEAPI_EMAIL" in warning
    assert "`email` to synthesize_speech" in warning
    assert bodies(heygen) == []
    assert (await spoken(client, email=TWO[1]))["status"] == "succeeded"
    unknown = await refusal(client, "synthesize_speech", text="Hi", voice_id=ARIA, email="c@example.invalid")
    assert "account_missing" in unknown
    async with Client(create_server(settings, [provided(heygen, tmp_path / "other", TWO[0])])) as chosen:
        assert len((await called(chosen, "list_voices"))["voices"]) == 3
        await spoken(chosen, text="By the setting.")
        await spoken(chosen, text="By the call.", email=TWO[1])
    assert [body["email"] for body in bodies(heygen)] == [TWO[1], TWO[0], TWO[1]]
