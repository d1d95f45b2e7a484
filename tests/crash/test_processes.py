"""Several servers on one home: one generation for equal calls, and one server that follows each."""

import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from crash.agent import PATIENCE_SECONDS, Agent, finished, structured
from crash.speaking import HEDRA_VOICE, HEYGEN_VOICE, LONG_WORK, speak
from emulators.chaos import Rule
from emulators.server import Emulator

LOOK = "GET /generations/*/status"
TAKEN_OVER_SECONDS = 30.0


def agents(stack: ExitStack, count: int, place: Path, *emulators: Emulator) -> list[Agent]:
    with ThreadPoolExecutor(2) as pool:
        started = [pool.submit(Agent, place, *emulators) for _ in range(count)]
        return [stack.enter_context(one.result()) for one in started]


def test_a_hundred_equal_calls_at_eight_servers_are_one_generation(place: Path, hedra: Emulator) -> None:
    asked: dict[str, object] = {"voice_id": HEDRA_VOICE, "text": "Once.", "idempotency_key": "once"}
    with ExitStack() as stack:
        servers = agents(stack, 8, place, hedra)
        begun = [servers[n % 8].begin("synthesize_speech", **asked) for n in range(50)]
        told = [structured(one.result(PATIENCE_SECONDS)) for one in begun]
        told += [servers[n % 8].call("synthesize_speech", **asked) for n in range(50)]
        done = finished(servers[0], told[0])
    assert len(told) == 100
    assert {one["generation_id"] for one in told} == {done["generation_id"]}
    assert [one["joined"] for one in told].count(False) == 1
    assert done["status"] == "succeeded"
    assert len(hedra.control.created("generation")) == 1


def test_a_hundred_requests_at_once_from_four_servers_keep_to_what_heygen_takes(
    place: Path, heygen: Emulator
) -> None:
    heygen.control.switch(processing=0.2)
    with ExitStack() as stack:
        servers = agents(stack, 4, place, heygen)
        begun = [
            servers[n % 4].begin("synthesize_speech", voice_id=HEYGEN_VOICE, text=f"Number {n}.")
            for n in range(100)
        ]
        told = [structured(one.result(PATIENCE_SECONDS)) for one in begun]
        done = [finished(servers[n % 4], one) for n, one in enumerate(told)]
    assert {one["status"] for one in done} == {"succeeded"}
    assert len(heygen.control.created("speech")) == 100
    [lane] = {entry["lane"] for entry in heygen.control.ledger("POST /tts/create")}
    assert 1 < heygen.control.peak_in_flight(lane) <= 9


def test_eight_servers_with_ten_generations_each_never_tell_of_a_busy_store(place: Path, hedra: Emulator) -> None:
    with ExitStack() as stack:
        servers = agents(stack, 8, place, hedra)
        begun = [
            (server, server.begin("synthesize_speech", voice_id=HEDRA_VOICE, text=f"Word {at} of {number}."))
            for at in range(10)
            for number, server in enumerate(servers)
        ]
        told = [(server, structured(one.result(PATIENCE_SECONDS))) for server, one in begun]
        done = [finished(server, one) for server, one in told]
    assert {one["status"] for one in done} == {"succeeded"}
    assert len({one["generation_id"] for one in done}) == 80
    assert len(hedra.control.created("generation")) == 80
    assert "busy" not in (place / "stderr.log").read_text()


NOTING = """
import os, runpy, sys
from soundstage.providers.hedra.provider import HedraProvider
poll = HedraProvider.poll
async def noted(provider, job_id):
    with open({file!r}, "a") as file:
        file.write(f"{{os.getpid()}} {{job_id}}\\n")
    return await poll(provider, job_id)
HedraProvider.poll = noted
sys.argv = ["soundstage"]
runpy.run_module("soundstage", run_name="__main__")
"""


def polls(file: Path) -> Mapping[str, Sequence[int]]:
    """By job, the processes that asked after it, poll by poll."""
    found: dict[str, list[int]] = {}
    for line in file.read_text(encoding="utf-8").splitlines() if file.exists() else ():
        process, job_id = line.split()
        found.setdefault(job_id, []).append(int(process))
    return found


@pytest.fixture
def noted(place: Path) -> tuple[Path, Sequence[str]]:
    """A file that holds who polled what, and the command of a server that notes it there."""
    file = place / "polls.txt"
    return file, (sys.executable, "-c", NOTING.format(file=str(file)))


def test_of_two_servers_one_asks_after_a_generation(
    place: Path, hedra: Emulator, noted: tuple[Path, Sequence[str]]
) -> None:
    hedra.control.switch(scripts={"*": LONG_WORK}, pace="seconds")
    file, command = noted
    with Agent(place, hedra, command=command) as one, Agent(place, hedra, command=command) as two:
        told = [(server, speak(server, f"{name}.")) for name in "abcd" for server in (one, two)]
        told += [(two, speak(one, "Told to both."))]
        # Whoever is asked follows it; only one of them asks Hedra.
        done = [finished(server, generation) for server, generation in told]
    assert {generation["status"] for generation in done} == {"succeeded"}
    by_job = polls(file)
    assert len(by_job) == len({generation["generation_id"] for _, generation in told}) == 5
    assert [len(set(processes)) for processes in by_job.values()] == [1] * 5
    assert min(len(processes) for processes in by_job.values()) > 1


def test_what_a_killed_server_held_goes_on_in_another_once_its_lease_is_over(
    place: Path, hedra: Emulator, noted: tuple[Path, Sequence[str]]
) -> None:
    hedra.control.switch(scripts={"*": LONG_WORK}, pace="seconds")
    file, command = noted
    with Agent(place, hedra, command=command) as one, Agent(place, hedra, command=command) as two:
        looks = Rule(match=LOOK, nth=(2,), do="kill", when="before", pid=one.process.pid)
        hedra.control.add_rules(looks)
        begun = speak(one, "Orphaned.")
        one.wait()
        # Nobody tells the other server of it before it is done.
        hedra.control.wait_for("GET /media/*", seconds=50)
        done = finished(two, begun)
    assert done["status"] == "succeeded"
    # The one is killed with its second look; whoever looks after that is the other.
    at = [entry["at"] for entry in hedra.control.ledger(LOOK)]
    assert 0 < at[2] - at[1] <= TAKEN_OVER_SECONDS
    assert len(hedra.control.created("generation")) == 1
    [processes] = polls(file).values()
    assert list(dict.fromkeys(processes)) == [one.process.pid, two.process.pid]
