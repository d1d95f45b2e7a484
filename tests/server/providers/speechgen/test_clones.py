"""A clone that is looked at: what SpeechGen says of it is never more than its word, and ends nothing by chance."""

from pathlib import Path

import pytest
from mcp import Client

from emulators import media
from emulators.chaos import Rule
from emulators.server import Emulator
from facts import called, finished
from soundstage.providers.port import CloneWork, Standing
from soundstage.providers.speechgen.provider import SpeechGenProvider
from soundstage.settings import Access, Settings
from soundstage_tools.errors import NotConfigured, OutcomeUnknown, StudioError, Unavailable

CLONE, MODEL = "POST /voice-clone", "GET /models/*"


@pytest.fixture
def sample(tmp_path: Path) -> CloneWork:
    file = tmp_path / "sample.mp3"
    file.write_bytes(media.sound("mp3", 12.0))
    return CloneWork("gen_1", file, {"name": "Me"})


async def looks(provider: SpeechGenProvider, work: CloneWork, times: int) -> list[Standing]:
    job_id = await (await provider.prepare(work)).send()
    return [await provider.poll(job_id) for _ in range(times)]


@pytest.mark.parametrize("rule", [Rule(do="edit", remove=("model_id",)), Rule(do="edit", replace=["vm_1"])])
@pytest.mark.parametrize("model_id", [None, 7, "", "../voices", "a/b", "..", "x" * 201])
async def test_a_clone_without_a_usable_id_may_have_been_made(
    provider: SpeechGenProvider, speechgen: Emulator, sample: CloneWork, rule: Rule, model_id: object
) -> None:
    edit = rule if model_id is None else Rule(do="edit", set_to={"model_id": model_id})
    speechgen.control.add_rules(edit.model_copy(update={"match": CLONE}))
    async with provider.running():
        with pytest.raises(OutcomeUnknown):
            await (await provider.prepare(sample)).send()
    assert len(speechgen.control.ledger(CLONE)) == 1


@pytest.mark.parametrize("reason", ["", 'Two \u202espeakers "x"'])
async def test_a_clone_that_failed_says_why_where_it_is_told(
    client: Client, settings: Settings, speechgen: Emulator, reason: str
) -> None:
    speechgen.control.switch(clone_outcome="failed", failure_reason=reason)
    (settings.input_roots[0] / "sample.mp3").write_bytes(media.sound("mp3", 12.0))
    clone = await finished(
        client, await called(client, "clone_voice", consent=True, audio="sample.mp3", name="Me")
    )
    assert (clone["status"], clone["error"]["code"]) == ("failed", "clone_failed")
    told = """ SpeechGen wrote: "Two speakers 'x'\""""
    assert clone["error"]["message"] == f"SpeechGen could not clone the voice.{told if reason else ''}"
    assert clone["error"]["next_step"]


async def test_of_a_clone_whose_answer_was_lost_no_copy_of_the_sample_stays(
    client: Client, settings: Settings, speechgen: Emulator
) -> None:
    speechgen.control.add_rules(Rule(match=CLONE, do="drop", when="after"))
    (settings.input_roots[0] / "sample.mp3").write_bytes(media.sound("mp3", 12.0))
    sample = {"consent": True, "audio": "sample.mp3", "name": "Me"}
    clone = await finished(client, await called(client, "clone_voice", **sample))
    assert (clone["status"], clone["charged"]) == ("needs_attention", "unknown")
    assert (await called(client, "clone_voice", **sample))["joined"] is True
    assert list((settings.home / "inputs").iterdir()) == []
    assert len(speechgen.control.ledger(CLONE)) == 1


async def test_a_model_that_is_not_to_be_seen_at_once_is_waited_for(
    client: Client, settings: Settings, speechgen: Emulator
) -> None:
    speechgen.control.add_rules(Rule(match=MODEL, nth=(1, 2), do="vanish"))
    (settings.input_roots[0] / "sample.mp3").write_bytes(media.sound("mp3", 12.0))
    clone = await finished(
        client, await called(client, "clone_voice", consent=True, audio="sample.mp3", name="Me")
    )
    assert (clone["status"], clone["voice_id"][:17]) == ("succeeded", "speechgen:custom-")
    assert len(speechgen.control.ledger(CLONE)) == 1


async def test_a_model_that_vanished_is_lost(
    provider: SpeechGenProvider, speechgen: Emulator, sample: CloneWork
) -> None:
    speechgen.control.add_rules(Rule(match=MODEL, do="vanish"))
    async with provider.running():
        assert [standing.state for standing in await looks(provider, sample, 2)] == ["lost", "lost"]


@pytest.mark.parametrize(
    ("rule", "word"),
    [
        (Rule(do="unknown_status"), "transmogrifying"),
        (Rule(do="backwards"), "queued"),
        (Rule(do="never_ends"), "processing"),
        (Rule(do="edit", remove=("voice_id",)), "ready"),
        (Rule(do="edit", set_to={"voice_id": "../x"}), "ready"),
        (Rule(do="edit", set_to={"voice_id": {"id": "x"}}), "ready"),
        (Rule(do="edit", remove=("status",)), ""),
        (Rule(do="edit", set_to={"status": None}), ""),
        (Rule(do="edit", set_to={"status": "\x1b[31mhot\u202e" + "x" * 99}), "hot" + "x" * 36 + "…"),
        (Rule(do="edit", replace=[]), ""),
        (Rule(do="progress_nan"), "ready"),
    ],
    ids=lambda value: str(value.set_to or value.do)[:30] if isinstance(value, Rule) else None,
)
async def test_an_answer_of_no_sense_is_waited_out(
    provider: SpeechGenProvider, speechgen: Emulator, sample: CloneWork, rule: Rule, word: str
) -> None:
    speechgen.control.add_rules(rule.model_copy(update={"match": MODEL, "nth": (1,)}))
    async with provider.running():
        odd, ready = await looks(provider, sample, 2)
    assert (odd.state, odd.provider_status) == ("done" if rule.do == "progress_nan" else "running", word)
    assert 0 <= odd.progress <= 1
    assert (ready.state, ready.provider_status) == ("done", "ready")


@pytest.mark.parametrize(
    ("rule", "kind"),
    [
        (Rule(do="status", status=503), Unavailable),
        (Rule(do="status", status=429), Unavailable),
        (Rule(do="drop"), Unavailable),
        (Rule(do="html", status=200), Unavailable),
        (Rule(do="malformed"), Unavailable),
        (Rule(do="gzip_bomb", size=1 << 27), Unavailable),
        (Rule(do="status", status=401), NotConfigured),
    ],
    ids=lambda value: f"{value.do}-{value.status}" if isinstance(value, Rule) else None,
)
async def test_a_look_that_fails_is_one_request_and_ends_nothing(
    provider: SpeechGenProvider, speechgen: Emulator, sample: CloneWork, rule: Rule, kind: type[StudioError]
) -> None:
    speechgen.control.add_rules(rule.model_copy(update={"match": MODEL, "nth": (1,)}))
    async with provider.running():
        job_id = await (await provider.prepare(sample)).send()
        with pytest.raises(kind):
            await provider.poll(job_id)
        assert len(speechgen.control.ledger(MODEL)) == 1
        assert (await provider.poll(job_id)).state == "done"
        assert (await provider.fetch(job_id)).voice.startswith("custom-")


async def test_a_clone_is_followed_by_a_process_that_knows_only_its_id(
    provider: SpeechGenProvider, speechgen: Emulator, sample: CloneWork, tmp_path: Path
) -> None:
    speechgen.control.switch(processing_polls=1)
    async with provider.running():
        job_id = await (await provider.prepare(sample)).send()
        assert (await provider.poll(job_id)).progress > 0
    other = SpeechGenProvider(Access(speechgen.base_url, speechgen.key), tmp_path / "jobs")
    async with other.running():
        assert (await other.poll(job_id)).state == "done"
        assert (await other.poll("speech/gen_none")).state == "lost"
        await other.release("")
        await other.release("speech/gen_none")
