"""Servers that are told to end in the middle of their work."""

import signal
from pathlib import Path

import psutil
import pytest

from crash.agent import PATIENCE_SECONDS, Agent, finished
from crash.hurried import ANSWER_SECONDS
from crash.speaking import HEDRA_VOICE, HEYGEN_VOICE, LONG_WORK, SPEECHGEN_VOICE, made_for, speak
from emulators.server import Emulator

LONG_TEXT = "The quick brown fox jumps over the lazy dog, again and again. " * 80


def at_work(agent: Agent) -> tuple[str, list[psutil.Process]]:
    """Begin a long speech of the local engine's; its id and the engine's processes once it makes progress."""
    begun = agent.call("synthesize_speech", text=LONG_TEXT, voice_id="local:af_heart")
    while begun["progress"] == 0:
        begun = agent.call("get_generation_status", generation_id=begun["generation_id"], wait_seconds=0.5)
    children = psutil.Process(agent.process.pid).children(recursive=True)
    assert children
    return begun["generation_id"], children


def end(agent: Agent, ending: str) -> None:
    if ending == "EOF":
        agent.close_input()
    else:
        agent.process.send_signal(getattr(signal, ending))


@pytest.mark.parametrize("ending", ["SIGTERM", "SIGINT", "EOF"])
def test_a_server_that_is_told_to_end_loses_nothing_and_leaves_no_process(
    place: Path, hedra: Emulator, speechgen: Emulator, ending: str
) -> None:
    hedra.control.switch(scripts={"*": LONG_WORK}, pace="seconds")
    speechgen.control.switch(processing=8.0)
    with Agent(place, hedra, speechgen) as agent:
        local, children = at_work(agent)
        told = {
            emulator.provider: speak(agent, "In flight.", voice)
            for emulator, voice in ((hedra, HEDRA_VOICE), (speechgen, SPEECHGEN_VOICE))
        }
        for emulator in (hedra, speechgen):
            emulator.control.wait_for("POST /*")
        end(agent, ending)
        code = agent.wait()
    _, alive = psutil.wait_procs(children, timeout=PATIENCE_SECONDS)
    assert (code, alive) == (0, [])
    with Agent(place, hedra, speechgen) as again:
        goes_on = again.call("get_generation_status", generation_id=local)
        again.call("cancel_generation", generation_id=local)
        done = {name: finished(again, one) for name, one in told.items()}
    assert goes_on["status"] in {"queued", "processing"}
    assert done["hedra"]["status"] == "succeeded"
    # The connection of its order was cut, and SpeechGen tells of no order.
    assert (done["speechgen"]["status"], done["speechgen"]["charged"]) == ("needs_attention", "unknown")
    assert [len(made_for("In flight.", one.control.ledger())) for one in (hedra, speechgen)] == [1, 1]


def test_heygen_is_not_asked_again_while_it_still_speaks(place: Path, heygen: Emulator) -> None:
    heygen.control.switch(processing=ANSWER_SECONDS - 1.0)
    with Agent(place, heygen) as agent:
        begun = speak(agent, "In flight.", HEYGEN_VOICE)
        heygen.control.wait_for("POST /*")
        end(agent, "SIGTERM")
        agent.wait()
    with Agent(place, heygen) as again:
        done = finished(again, begun)
    assert done["status"] == "succeeded"
    assert len(made_for("In flight.", heygen.control.ledger())) == 1
