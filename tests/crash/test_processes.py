"""Several servers on one home, servers that are told to end, disks that are full and clocks that are wrong."""

import json
import signal
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import psutil
import pytest

from crash.agent import PATIENCE_SECONDS, Agent, Gone, Refused, finished, structured, workplace
from crash.plan import SWIFT
from emulators.chaos import Rule
from emulators.ledger import Entry
from emulators.server import Emulator, emulating_apart
from soundstage.generations.scheduler import TICK_SECONDS
from soundstage.generations.store import LEASE_SECONDS

HEDRA_VOICE = "hedra:f412c62f-e94f-41c0-bfc6-97f63289941c"
HEYGEN_VOICE = "heygen:en-US-AriaNeural"
SPEECHGEN_VOICE = "speechgen:en-US-Neural2-A"
LONG_TEXT = "The quick brown fox jumps over the lazy dog, again and again. " * 80
HEDRA_ORDER = "POST /generations"
YEAR = 365 * 24 * 3600


@pytest.fixture
def hedra(tmp_path: Path) -> Generator[Emulator]:
    with emulating_apart("hedra", tmp_path / "hedra.jsonl", switches={"scripts": {"*": SWIFT}}) as emulator:
        yield emulator


@pytest.fixture
def heygen(tmp_path: Path) -> Generator[Emulator]:
    with emulating_apart("heygen", tmp_path / "heygen.jsonl") as emulator:
        yield emulator


@pytest.fixture
def speechgen(tmp_path: Path) -> Generator[Emulator]:
    with emulating_apart("speechgen", tmp_path / "speechgen.jsonl") as emulator:
        yield emulator


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return workplace(tmp_path / "place")


def agents(stack: ExitStack, count: int, place: Path, *emulators: Emulator) -> list[Agent]:
    with ThreadPoolExecutor(2) as pool:
        started = [pool.submit(Agent, place, *emulators) for _ in range(count)]
        return [stack.enter_context(one.result()) for one in started]


def made_for(words: str, entries: Sequence[Entry]) -> list[Entry]:
    return [one for one in entries if one.get("created") and words in json.dumps(one.get("json"))]


def speak(agent: Agent, words: str, voice: str = HEDRA_VOICE) -> dict[str, Any]:
    return agent.call("synthesize_speech", voice_id=voice, text=words, idempotency_key=f"{voice} {words}")


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


LONG_WORK = [{"at": 0, "status": "processing", "progress": 0.5}, {"at": 4, "status": "complete", "progress": 1}]


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
        begun = speak(one, "Orphaned.")
        hedra.control.wait_for("GET /generations/*/status")
        one.kill()
        with closing(sqlite3.connect(place / "home" / "state.db")) as store:
            [lease] = store.execute("SELECT lease_until FROM generations").fetchone()
        assert lease - time.time() <= LEASE_SECONDS
        # A lease that is over is taken up with the next look.
        assert LEASE_SECONDS + TICK_SECONDS <= 30
        # Nobody tells the other server of it before it is done.
        hedra.control.wait_for("GET /media/*", seconds=50)
        done = finished(two, begun)
    assert done["status"] == "succeeded"
    assert len(hedra.control.created("generation")) == 1
    [processes] = polls(file).values()
    assert list(dict.fromkeys(processes)) == [one.process.pid, two.process.pid]


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
    heygen.control.switch(processing=8.0)
    with Agent(place, heygen) as agent:
        begun = speak(agent, "In flight.", HEYGEN_VOICE)
        heygen.control.wait_for("POST /*")
        end(agent, "SIGTERM")
        agent.wait()
    with Agent(place, heygen) as again:
        done = finished(again, begun)
    assert done["status"] == "succeeded"
    assert len(made_for("In flight.", heygen.control.ledger())) == 1


def rows(home: Path) -> list[str]:
    """What the store holds after a crash, as text."""
    if not (home / "state.db").exists():
        return []
    with closing(sqlite3.connect(home / "state.db")) as store:
        assert store.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        if not store.execute("SELECT 1 FROM sqlite_master WHERE name = 'generations'").fetchall():
            return []
        return [row[0] for row in store.execute("SELECT request FROM generations")]


def fill(folder: Path, room: int, hedra: Emulator) -> list[str]:
    """Order at a server that may write no file beyond `room` bytes, kill it, and return what was asked for."""
    words = [f"Into {room} bytes, {number}." for number in range(4)]
    with Agent(folder, hedra) as agent:
        psutil.Process(agent.process.pid).rlimit(psutil.RLIMIT_FSIZE, (room, psutil.RLIM_INFINITY))
        for one in words:
            try:
                begun = speak(agent, one)
                agent.call("get_generation_status", generation_id=begun["generation_id"], wait_seconds=0.5)
            except Refused as refusal:
                assert "home_unwritable" in str(refusal)
    ordered = {str(entry["json"]["text"]) for entry in hedra.control.ledger(HEDRA_ORDER)}
    remembered = " ".join(rows(folder / "home"))
    assert [one for one in words if one in ordered and one not in remembered] == []
    with Agent(folder, hedra) as again:
        begun_again = [speak(again, one) for one in words]
        assert {finished(again, one)["status"] for one in begun_again} == {"succeeded"}
    return words


def test_nothing_is_ordered_that_a_full_disk_does_not_remember(tmp_path: Path, hedra: Emulator) -> None:
    rooms = (0, 32_768, 65_536, 100_000, 110_000, 120_000, 140_000, 200_000)
    with ThreadPoolExecutor(len(rooms)) as pool:
        asked = [pool.submit(fill, workplace(tmp_path / f"{room}"), room, hedra) for room in rooms]
        words = [words for one in asked for words in one.result()]
    made = Counter(str(entry["json"]["text"]) for entry in hedra.control.created("generation"))
    assert made == Counter(words)


def test_a_server_whose_disk_has_room_again_goes_on(place: Path, hedra: Emulator) -> None:
    with Agent(place, hedra) as agent:
        process = psutil.Process(agent.process.pid)
        assert finished(agent, speak(agent, "Before."))["status"] == "succeeded"
        process.rlimit(psutil.RLIMIT_FSIZE, (0, psutil.RLIM_INFINITY))
        with pytest.raises(Refused, match="home_unwritable"):
            speak(agent, "Meanwhile.")
        assert made_for("Meanwhile.", hedra.control.ledger()) == []
        process.rlimit(psutil.RLIMIT_FSIZE, (psutil.RLIM_INFINITY, psutil.RLIM_INFINITY))
        assert finished(agent, speak(agent, "Meanwhile."))["status"] == "succeeded"
    assert len(hedra.control.created("generation")) == 2


def test_nothing_is_ordered_from_a_home_that_cannot_be_written(place: Path, hedra: Emulator) -> None:
    (place / "home").write_text("A file stands where the home would be.")
    with Agent(place, hedra) as agent, pytest.raises(Refused, match="home_unwritable"):
        speak(agent, "Never.")
    assert hedra.control.ledger(HEDRA_ORDER) == []


SHIFTED = """
import runpy, sys, time
true_time = time.time
time.time = lambda: true_time() + {seconds}
sys.argv = ["soundstage"]
runpy.run_module("soundstage", run_name="__main__")
"""


@pytest.mark.parametrize("shift", [YEAR, -YEAR], ids=["a-year-on", "a-year-back"])
def test_a_clock_that_jumps_by_a_year_while_the_server_is_dead_repeats_and_ends_nothing(
    place: Path, hedra: Emulator, shift: int
) -> None:
    """The clock is that of the Python process: what SQLite and the emulator go by stays right."""
    with Agent(place, hedra) as agent:
        hedra.control.add_rules(Rule(match=HEDRA_ORDER, nth=(1,), do="kill", when="after", pid=agent.process.pid))
        begun = speak(agent, "Long ago.")
        with pytest.raises(Gone):
            finished(agent, begun)
    command = (sys.executable, "-c", SHIFTED.format(seconds=shift))
    with Agent(place, hedra, command=command) as later:
        done = speak(later, "Long ago.")
        for _ in range(3):
            done = later.call("get_generation_status", generation_id=done["generation_id"], wait_seconds=20)
    assert done["generation_id"] == begun["generation_id"]
    assert len(made_for("Long ago.", hedra.control.ledger())) == 1
    assert done["status"] == "succeeded"
