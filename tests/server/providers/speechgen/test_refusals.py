"""What SpeechGen would refuse is refused here, in words that help, before it is asked for anything."""

import io
from pathlib import Path
from typing import Any, cast

import av
import pytest
from mcp import Client

from emulators import media
from emulators.chaos import Rule
from emulators.server import Emulator
from facts import called, finished, refusal
from soundstage.providers.port import AvatarWork, CloneWork
from soundstage.providers.speechgen.provider import SpeechGenProvider
from soundstage.settings import Access, Settings
from soundstage_tools.errors import BadRequest

VOICE = "speechgen:en-US-Neural2-A"


def webm(seconds: float) -> bytes:
    """A tone in WebM, which SpeechGen does not take."""
    buffer, library = io.BytesIO(), cast("Any", av)
    with (
        library.open(io.BytesIO(media.wav(seconds))) as source,
        library.open(buffer, "w", format="webm") as target,
    ):
        stream = target.add_stream("libopus", rate=48_000)
        for frame in source.decode(audio=0):
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
    return buffer.getvalue()


def paid(speechgen: Emulator) -> int:
    return len(speechgen.control.ledger("POST *"))


async def cloned(client: Client, settings: Settings, name: str, content: bytes) -> str:
    """The words with which a sample is refused."""
    (settings.input_roots[0] / name).write_bytes(content)
    return await refusal(client, "clone_voice", consent=True, audio=name, name="Me")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("short.wav", media.wav(9.9), "9.9 s"),
        ("none.mp3", media.sound("mp3", 0.5), "10 seconds"),
        ("long.ogg", media.sound("ogg", 301.0), "more than 5 minutes"),
        ("large.wav", media.wav(10 * 2**20 / 32_000), "at most 10 MB"),
    ],
)
async def test_a_sample_beyond_the_limits_is_refused(
    client: Client, settings: Settings, speechgen: Emulator, name: str, content: bytes, words: str
) -> None:
    told = await cloned(client, settings, name, content)
    assert words in told
    assert "Nothing was charged" in told
    assert paid(speechgen) == 0


@pytest.mark.parametrize(
    ("suffix", "content"),
    [
        (".wav", media.wav(10.0)),
        (".wav", media.wav(300.0)),
        (".mp3", media.sound("mp3", 10.0)),
        (".mp3", media.sound("mp3", 300.0)),
        (".m4a", media.sound("m4a", 10.0)),
        (".flac", media.sound("flac", 10.0)),
        (".ogg", media.sound("ogg", 10.0)),
    ],
)
async def test_a_sample_within_the_limits_is_taken_by_both(
    provider: SpeechGenProvider, tmp_path: Path, suffix: str, content: bytes
) -> None:
    sample = tmp_path / f"sample{suffix}"
    sample.write_bytes(content)
    work = CloneWork("gen_1", sample, {"name": "Me"})
    async with provider.running():
        await provider.check(work)
        job_id = await (await provider.prepare(work)).send()
        assert (await provider.poll(job_id)).state == "done"


async def test_a_sample_in_another_format_is_refused(
    provider: SpeechGenProvider, tmp_path: Path, speechgen: Emulator
) -> None:
    sample = tmp_path / "sample.webm"
    sample.write_bytes(webm(12.0))
    async with provider.running():
        with pytest.raises(BadRequest) as caught:
            await provider.check(CloneWork("", sample, {"name": "Me"}))
    assert caught.value.code == "sample_format"
    assert "M4A" in caught.value.message
    assert paid(speechgen) == 0


async def test_a_file_that_is_no_sound_is_refused(client: Client, settings: Settings, speechgen: Emulator) -> None:
    assert "MP3" in await cloned(client, settings, "text.mp3", b"This is not audio at all. " * 2000)
    assert paid(speechgen) == 0


@pytest.mark.parametrize(
    ("voice", "words"),
    [
        ("en-US-Neural2-B", "Close: speechgen:en-US-Neural2-A"),
        ("custom-none", "list_voices"),
        ("vm_abc123xyz", "model"),
        ("../voices", "list_voices"),
        ("a b", "list_voices"),
    ],
)
async def test_a_voice_that_is_not_there_is_refused(
    client: Client, speechgen: Emulator, voice: str, words: str
) -> None:
    assert words in await refusal(client, "synthesize_speech", text="Hi.", voice_id=f"speechgen:{voice}")
    assert paid(speechgen) == 0


async def test_the_id_of_a_model_is_told_from_that_of_its_voice(
    client: Client, settings: Settings, speechgen: Emulator
) -> None:
    (settings.input_roots[0] / "sample.mp3").write_bytes(media.sound("mp3", 12.0))
    clone = await finished(
        client, await called(client, "clone_voice", consent=True, audio="sample.mp3", name="Me")
    )
    [model] = speechgen.control.inventory()["models"]
    told = await refusal(client, "synthesize_speech", text="Hi.", voice_id=f"speechgen:{model['model_id']}")
    assert clone["voice_id"] in told


async def test_where_models_are_not_listed_a_cloned_voice_speaks_all_the_same(
    client: Client, settings: Settings, speechgen: Emulator
) -> None:
    speechgen.control.add_rules(Rule(match="GET /models", do="status", status=404))
    (settings.input_roots[0] / "sample.mp3").write_bytes(media.sound("mp3", 12.0))
    clone = await finished(
        client, await called(client, "clone_voice", consent=True, audio="sample.mp3", name="Me")
    )
    speech = await called(client, "synthesize_speech", text="Hi.", voice_id=clone["voice_id"])
    assert (await finished(client, speech))["status"] == "succeeded"
    assert (await called(client, "list_voices"))["total"] == 3
    assert "list_voices" in await refusal(client, "synthesize_speech", text="Hi.", voice_id="en-AU-Neural2-Z")
    await called(client, "delete_voice", voice_id=clone["voice_id"])
    assert speechgen.control.inventory()["models"] == []


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"text": "x" * 20_001}, "20,000"),
        ({"text": " \n"}, "text"),
        ({"speed": "fast"}, "speed"),
        ({"speed": -1e300}, "0.1 to 10"),
        ({"speed": 0.09}, "0.1 to 10"),
        ({"speed": 10.1}, "0.1 to 10"),
        ({"pitch": -100.1}, "-100 to 100"),
        ({"pitch": 100.1}, "-100 to 100"),
        ({"format": "flac"}, "ogg"),
        ({"volume": 1.0}, "volume"),
    ],
)
async def test_fields_that_it_does_not_take_are_refused(
    client: Client, speechgen: Emulator, fields: dict[str, object], words: str
) -> None:
    assert words in await refusal(client, "synthesize_speech", **{"text": "Hi.", "voice_id": VOICE, **fields})
    assert paid(speechgen) == 0


@pytest.mark.parametrize(
    "fields",
    [
        {"name": ""},
        {"name": "x" * 101},
        {"description": "x" * 501},
        {"enhance_quality": "true"},
        {"enhance_quality": None},
    ],
)
async def test_a_clone_is_not_called_just_anything(
    client: Client, settings: Settings, speechgen: Emulator, fields: dict[str, object]
) -> None:
    (settings.input_roots[0] / "sample.mp3").write_bytes(media.sound("mp3", 12.0))
    [at_fault] = fields
    told = await refusal(client, "clone_voice", **{"audio": "sample.mp3", "name": "Me", "consent": True, **fields})
    assert at_fault in told
    assert paid(speechgen) == 0


async def test_no_default_is_told_where_none_is_published(client: Client, settings: Settings) -> None:
    [schema] = [one.input_schema for one in (await client.list_tools()).tools if one.name == "clone_voice"]
    enhance = schema["properties"]["enhance_quality"]
    assert set(enhance) == {"type", "description"}
    assert enhance["type"] == "boolean"
    assert "enhance_quality" not in schema["required"]
    (settings.input_roots[0] / "sample.mp3").write_bytes(media.sound("mp3", 12.0))
    untold, told = [
        await called(client, "clone_voice", consent=True, audio="sample.mp3", name="Me", **fields)
        for fields in ({}, {"enhance_quality": True})
    ]
    assert untold["generation_id"] != told["generation_id"]


async def test_videos_are_refused_in_the_word_of_every_provider(provider: SpeechGenProvider) -> None:
    work = AvatarWork("gen_1", "none", None, {})
    for refused in (provider.check, provider.prepare):
        with pytest.raises(BadRequest) as caught:
            await refused(work)
        assert caught.value.code == "not_supported"


async def test_stock_voices_are_not_deleted(client: Client, speechgen: Emulator) -> None:
    assert "stock" in await refusal(client, "delete_voice", voice_id=VOICE)
    assert "list_voices" in await refusal(client, "delete_voice", voice_id="speechgen:custom-none")
    assert speechgen.control.ledger("DELETE *") == []


async def test_without_a_key_it_is_known_but_not_served(tmp_path: Path) -> None:
    profile = SpeechGenProvider(Access("https://api.speechgen.com/v1"), tmp_path).profile
    assert not profile.configured
    assert set(profile.offers) == {"synthesize_speech", "clone_voice", "delete_voice"}
    assert "SPEECHGEN_API_KEY" in profile.missing[0]
    insecure = SpeechGenProvider(Access("http://api.speechgen.com/v1", "key"), tmp_path).profile
    assert "SPEECHGEN_BASE_URL" in insecure.missing[0]
