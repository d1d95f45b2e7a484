"""A cloned voice from the call that asks for it to its end: it speaks, it is seen speaking, it is deleted."""

import json
import stat
from pathlib import Path
from shutil import copyfile
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

import numpy as np
import pytest
from numpy.typing import NDArray

from clones import Cloned, Home, clone
from facts import called, finished, refusal
from hearing import decode, semitones_between
from saying import Sayer, read_timings
from serving import serving
from watching import bilabials, fit, mouth_openings, openness

SENTENCE = "My father parked the car by the farm, and mama packed a bag of apples and maps."
NOTE = "adapted voice: resembles the speaker's sex, pitch and timbre, not an identity copy; speaks English"


def file_of(generation: dict[str, Any], role: str) -> Path:
    [asset] = [asset for asset in generation["assets"] if asset["role"] == role]
    return Path(url2pathname(str(urlsplit(str(asset["url"])).path)))


async def test_from_a_sample_to_a_face_that_speaks(cloned: Cloned) -> None:
    home = cloned.home
    async with home.served() as client:
        made = await clone(client, "sample.wav", keep_sample=True)
        handle = made["voice_id"]
        assert handle != cloned.handle
        assert handle.startswith("local:")
        speech = await called(client, "synthesize_speech", text=SENTENCE, voice_id=handle, format="wav")
        video = await called(client, "create_avatar_video", audio=speech["generation_id"])
        video, speech = await finished(client, video), await finished(client, speech)
        assert (speech["status"], video["status"]) == ("succeeded", "succeeded")
        listed = await called(client, "list_voices", provider="local", kind="cloned")
        assert {(one["voice_id"], one["name"]) for one in listed["voices"]} >= {
            (handle, "Mike"),
            (cloned.handle, "Mike"),
        }
        stem = handle.partition(":")[2]
        assert [name for name in home.names() if name.startswith(stem)] == [f"{stem}.json", f"{stem}.wav"]
        assert (home.voices / f"{stem}.wav").read_bytes() == (home.workspace / "sample.wav").read_bytes()

        deleted = await called(client, "delete_voice", voice_id=handle)
        assert deleted["voice_id"] == handle
        assert not [name for name in home.names() if name.startswith(stem)]
        assert handle in await refusal(client, "synthesize_speech", text="Hello.", voice_id=handle)
        assert "deleted" in await refusal(client, "create_avatar_video", text="Hello.", voice_id=handle)
        assert "deleted" in await refusal(client, "delete_voice", voice_id=handle)
    phonemes = read_timings(file_of(speech, "timings")).phonemes
    assert len(bilabials(phonemes)) >= 8
    followed = fit(mouth_openings(file_of(video, "video")), openness(phonemes))
    assert followed.r >= 0.85
    assert abs(followed.lag) <= 0.08


def test_what_was_reached_is_told(cloned: Cloned) -> None:
    likeness = cloned.facts["likeness"]
    assert likeness["note"] == NOTE
    assert likeness["similarity"] > max(0.8, likeness["default_similarity"] + 0.1)
    assert likeness["pitch_error_semitones"] <= 0.6
    assert 0 < likeness["spectrum_distance_db"] <= 2.2
    assert "warnings" not in cloned.facts or cloned.facts["warnings"] == []


async def test_it_is_there_after_a_restart_and_in_another_process(cloned: Cloned) -> None:
    async with cloned.home.served() as client:
        again = await called(client, "get_generation_status", generation_id=cloned.facts["generation_id"])
        assert (again["voice_id"], again["likeness"]) == (cloned.handle, cloned.facts["likeness"])
        async with serving(cloned.home.folder) as other:
            listed = await called(other, "list_voices", kind="cloned", search="Mike")
            [voice] = [one for one in listed["voices"] if one["voice_id"] == cloned.handle]
            assert (voice["gender"], voice["language"], voice["kind"]) == ("male", "en-US", "cloned")
            begun = await called(other, "synthesize_speech", text="Good evening.", voice_id=cloned.handle)
            assert (await finished(other, begun))["status"] == "succeeded"


async def test_a_voice_of_another_process_is_seen_at_once(cloned: Cloned) -> None:
    async with cloned.home.served() as client:
        before = await called(client, "list_voices", provider="local")
        copy = cloned.file.with_name("clone-00000000aa.json")
        copyfile(cloned.file, copy)
        after = await called(client, "list_voices", provider="local")
        assert after["total"] == before["total"] + 1
        copy.unlink()
        assert await called(client, "list_voices", provider="local") == before


def test_its_file_is_small_private_and_holds_no_sample(cloned: Cloned) -> None:
    assert stat.S_IMODE(cloned.file.stat().st_mode) == 0o600
    assert stat.S_IMODE(cloned.file.parent.stat().st_mode) == 0o700
    kept = json.loads(cloned.file.read_text(encoding="utf-8"))
    assert len(cloned.file.read_bytes()) < 2048
    assert abs(sum(kept["voicing"]["mix"].values()) - 1) < 0.01
    assert kept["consent"]["given"] == "argument"
    assert kept["consent"]["at"] <= kept["created_at"]
    assert [path for path in cloned.home.voices.glob(f"{cloned.file.stem}.*") if path != cloned.file] == []
    assert [path.name for path in cloned.home.inputs.glob("*.wav")] == []


async def test_a_voice_that_is_deleted_takes_its_unfinished_speech_with_it(cloned: Cloned) -> None:
    copyfile(cloned.file, cloned.file.with_name("clone-00000000bb.json"))
    handle = "local:clone-00000000bb"
    async with cloned.home.served() as client:
        begun = await called(client, "synthesize_speech", text=SENTENCE * 3, voice_id=handle)
        await called(client, "delete_voice", voice_id=handle)
        ended = await finished(client, begun)
    assert ended["status"] == "failed"
    assert ended["error"]["code"] == "voice_deleted"
    assert ended["assets"] == []


@pytest.mark.parametrize(
    ("voice", "words"),
    [
        ("local:hibari", "stock voice"),
        ("local:af_heart", "stock voice"),
        ("local:clone-0123456789", "no cloned voice"),
        ("local:../state", "no such voice"),
        ("local:clone-../../x", "no such voice"),
    ],
)
async def test_what_is_no_cloned_voice_is_not_deleted(cloned: Cloned, voice: str, words: str) -> None:
    before = cloned.home.names()
    async with cloned.home.served() as client:
        assert words in await refusal(client, "delete_voice", voice_id=voice)
    assert cloned.home.names() == before


@pytest.mark.parametrize("name", ["", "   ", "a\nb", "x" * 61, "bell\x07"])
async def test_a_name_is_printable(tmp_path: Path, sample: Path, name: str) -> None:
    home = Home(tmp_path)
    copyfile(sample, home.workspace / "sample.wav")
    async with home.served() as client:
        said = await refusal(client, "clone_voice", audio="sample.wav", provider="local", name=name, consent=True)
    assert "name" in said
    assert home.names() == []


async def test_a_clone_that_is_given_another_language_says_that_it_speaks_english(cloned: Cloned) -> None:
    async with cloned.home.served() as client:
        spanish, english = [
            await finished(
                client, await called(client, "synthesize_speech", text=text, voice_id=cloned.handle, format="wav")
            )
            for text in ("El puerto estaba tranquilo cuando caminamos junto al agua.", SENTENCE)
        ]
    [warning] = spanish["warnings"]
    assert " of 9 words are not in the dictionary of this voice, which speaks English: puerto, estaba," in warning
    assert english["warnings"] == []


def test_pitch_and_speed_work_on_top_of_a_clone(sayer: Sayer, cloned: Cloned) -> None:
    text = "We were away a year ago, all among the rolling hills."

    def say(**fields: float) -> tuple[NDArray[np.float32], float]:
        said = sayer.say(text, "clone", voice_path=cloned.file, **fields)
        return decode(said.audio), said.outcome.duration_seconds

    plain, seconds = say()
    high, _ = say(pitch=4.0)
    _, brief = say(speed=1.4)
    assert semitones_between(plain, high) == pytest.approx(4.0, abs=0.4)
    assert seconds / brief == pytest.approx(1.4, rel=0.1)
