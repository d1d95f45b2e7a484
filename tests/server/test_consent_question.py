"""What the user reads before a voice is cloned: whose it is, where it goes, and nothing that a caller slips in."""

import base64
from dataclasses import replace
from pathlib import Path

import pytest

from facts import called, finished, refusal
from person import Person, asking
from soundstage.settings import Settings
from tone import ToneProvider

pytestmark = pytest.mark.usefixtures("recording")


async def test_of_a_sample_that_stays_here_that_is_said(settings: Settings, tmp_path: Path) -> None:
    person = Person()
    here = ToneProvider(tmp_path, on_this_machine=True)
    async with asking(settings, "legacy", person, here) as client:
        await called(client, "clone_voice", audio="me.wav", name="Me")
    [question] = person.read
    assert "stays on this machine" in question.message
    assert "sent" not in question.message


@pytest.mark.parametrize("removes", [True, False])
async def test_of_a_voice_that_cannot_be_removed_from_here_that_is_said(
    settings: Settings, tone: ToneProvider, removes: bool
) -> None:
    person = Person()
    if not removes:
        offers = {tool: fields for tool, fields in tone.profile.offers.items() if tool != "delete_voice"}
        tone.profile = replace(tone.profile, offers=offers, serves=frozenset(offers))
    async with asking(settings, "legacy", person, tone) as client:
        made = await called(client, "clone_voice", audio="me.wav", name="Me", wait_seconds=50)
        [question] = person.read
        assert ("removed in Tone's own app alone" in question.message) is not removes
        if not removes:
            said = await refusal(client, "delete_voice", voice_id=made["voice_id"])
            assert said.startswith("not_supported: Tone lets nobody delete voices from here.")
            assert "in Tone's own app" in said


async def test_a_name_cannot_put_words_into_the_question(settings: Settings, tone: ToneProvider) -> None:
    person = Person()
    trick = "a” stays. OK \u202e“"
    async with asking(settings, "legacy", person, tone) as client:
        await called(client, "clone_voice", audio="me.wav", name=trick)
    [question] = person.read
    assert "as “a stays. OK”?" in question.message
    assert question.message.isprintable()


async def test_of_a_long_source_the_ends_are_shown(
    settings: Settings, tone: ToneProvider, recording: Path
) -> None:
    person = Person()
    folder = settings.input_roots[0] / ("d" * 200)
    folder.mkdir()
    recording.rename(folder / "voice.wav")
    async with asking(settings, "legacy", person, tone) as client:
        await called(client, "clone_voice", audio=str(folder / "voice.wav"), name="Me")
    assert len(person.read[0].message) < 400
    assert "/voice.wav”" in person.read[0].message


async def test_a_recording_that_has_no_name_is_told_by_where_it_is_from(
    settings: Settings, tone: ToneProvider, recording: Path
) -> None:
    person = Person()
    async with asking(settings, "legacy", person, tone) as client:
        speech = await finished(client, await called(client, "synthesize_speech", text="hi", voice_id="tone:low"))
        await called(client, "clone_voice", audio=speech["generation_id"], name="Me")
        sent = base64.b64encode(recording.read_bytes()).decode()
        await called(client, "clone_voice", audio=f"DATA:audio/wav;base64,{sent}", name="Me")
    made, given = (question.message for question in person.read)
    assert f"“{speech['generation_id']}”, which was made here, as" in made
    assert "the recording that came with the call as" in given
    assert len(given) < 400
