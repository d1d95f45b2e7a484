"""What a client sends in place of an answer to the question for consent: nothing is cloned, and that in words."""

from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any

import pytest
from mcp.types import INVALID_PARAMS

from connecting import ERAS
from emulators.server import Emulator, emulating
from facts import called
from serving import serving
from wire import Wire

CLONE: Mapping[str, Any] = {"audio": "voice-sample.mp3", "name": "Me", "provider": "hedra"}

NOT_AN_ANSWER: Mapping[str, Mapping[str, Any]] = {
    "nothing": {},
    "unknown action": {"action": "maybe"},
    "no action": {"content": {"yes": True}},
    "an object ticked": {"action": "accept", "content": {"yes": {"really": True}}},
    "no form": {"action": "accept", "content": True},
}
ANSWERS_ANOTHER: Mapping[str, Any] = {"roots": []}


@pytest.fixture
def hedra() -> Generator[Emulator]:
    with emulating("hedra") as emulator:
        yield emulator


async def said_to(folder: Path, hedra: Emulator, mode: str, answer: Mapping[str, Any]) -> dict[str, Any]:
    """What the server says to this answer, having cloned nothing and told no traceback."""
    with Wire(folder, hedra, mode, {"form": {}}) as wire:
        wire.call("clone_voice", {**CLONE, "consent": True})
        wire.question()
        said = wire.answer(answer)
    assert "Traceback" not in wire.stderr.read_text()
    async with serving(folder, hedra, mode=mode) as client:
        assert (await called(client, "list_generations"))["generations"] == []
    assert hedra.control.ledger("POST /generations") == []
    return said


def is_refused_in_words(said: Mapping[str, Any]) -> bool:
    [content] = said["result"]["content"]
    told = content["text"]
    return said["result"]["isError"] is True and told.startswith("user_not_asked: ") and "cannot be read" in told


@pytest.mark.parametrize("answer", NOT_AN_ANSWER.values(), ids=NOT_AN_ANSWER)
async def test_a_garbled_answer_in_the_middle_of_a_call_clones_nothing(
    tmp_path: Path, hedra: Emulator, answer: Mapping[str, Any]
) -> None:
    assert is_refused_in_words(await said_to(tmp_path, hedra, "legacy", answer))


async def test_a_garbled_answer_with_a_call_is_no_call(tmp_path: Path, hedra: Emulator) -> None:
    said = await said_to(tmp_path, hedra, "2026-07-28", NOT_AN_ANSWER["unknown action"])
    assert said["error"]["code"] == INVALID_PARAMS


@pytest.mark.parametrize("mode", ERAS)
async def test_an_answer_to_another_question_clones_nothing(tmp_path: Path, hedra: Emulator, mode: str) -> None:
    assert is_refused_in_words(await said_to(tmp_path, hedra, mode, ANSWERS_ANOTHER))
