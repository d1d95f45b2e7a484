"""Disks that are full, homes that cannot be written, and clocks that are wrong."""

import sqlite3
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from crash.agent import Agent, Gone, Refused, finished, workplace
from crash.hurried import HURRIED
from crash.speaking import HEDRA_ORDER, made_for, speak
from emulators.chaos import Rule
from emulators.server import Emulator

YEAR = 365 * 24 * 3600


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
runpy.run_path({server!r}, run_name="__main__")
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
    command = (sys.executable, "-c", SHIFTED.format(seconds=shift, server=str(HURRIED)))
    with Agent(place, hedra, command=command) as later:
        done = speak(later, "Long ago.")
        for _ in range(3):
            done = later.call("get_generation_status", generation_id=done["generation_id"], wait_seconds=20)
    assert done["generation_id"] == begun["generation_id"]
    assert len(made_for("Long ago.", hedra.control.ledger())) == 1
    assert done["status"] == "succeeded"
