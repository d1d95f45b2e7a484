"""Many generations in flight in one server process: what they cost its event loop, and how fast it ends.

    python benchmarks/in_flight.py [--generations 200] [--seconds 60]

A process serves with an agent's client beside it; Hedra is an emulator in a process of its own, whose generations
never end. The lag is by how much a sleep of 5 ms oversleeps on the server's own event loop: first with nothing in
flight, then while all are ordered, then while all are polled. A poll is due after the profile's `poll_seconds` and
a quarter of the generation's age, `slowest_poll_seconds` at most; "latest" is the time between two polls of one
generation as a share of that. RSS is the process's at the end, client included. Last, `python -m soundstage` with
generations in flight and a busy local engine is told to end: seconds until it and its children are gone. Each
figure has a bound, and one that is past it makes the exit status 1.
"""

import argparse
import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil
from mcp import Client

from soundstage.app import create_server
from soundstage.providers.hedra.provider import HedraProvider
from soundstage.settings import HEDRA, Settings

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

LAG_MILLISECONDS, RSS_MEGABYTES, LATENESS, ENDING_SECONDS = 50, 120, 2, 3
past_bounds: list[str] = []

PROBE_SECONDS = 0.005
IDLE_SECONDS = 10.0
ENDING_GENERATIONS = 20
VOICE = "hedra:f412c62f-e94f-41c0-bfc6-97f63289941c"
LONG_TEXT = "The quick brown fox jumps over the lazy dog, again and again. " * 80
ENDLESS = [{"at": 0, "status": "processing", "progress": 0.5}]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--generations", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60.0, help="for which all are polled")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        asyncio.run(serve(given.generations, given.seconds))
        return
    # The serving process is not to carry the emulators' media: they are imported here alone.
    emulating_apart: Any = import_module("emulators.server").emulating_apart
    with TemporaryDirectory() as folder:
        ledger = Path(folder) / "ledger.jsonl"
        with emulating_apart("hedra", ledger, switches={"scripts": {"*": ENDLESS}}) as hedra:
            told = served(given.generations, given.seconds, {"SOUNDSTAGE_HOME": folder, **hedra.environment})
            for name, lags in told["lags"].items():
                print(f"loop lag p50 / worst, {name}: {quantile(lags, 0.5):.2f} / {max(lags) * 1000:.1f} ms")
                bounded(f"loop lag p99, {name}", quantile(lags, 0.99), LAG_MILLISECONDS, "ms")
            bounded(f"RSS with {given.generations} in flight", told["rss"] / 2**20, RSS_MEGABYTES, "MB")
            polls = len(hedra.control.ledger("GET /generations/*/status"))
            bounded(f"latest of {polls} polls", latest(hedra.control.ledger()), LATENESS, "of its due time")
        for ending in ("SIGTERM", "SIGINT", "EOF"):
            with emulating_apart("hedra", ledger, switches={"scripts": {"*": ENDLESS}}) as hedra:
                seconds = seconds_to_end(Path(folder) / ending, hedra, ending)
                bounded(f"gone after {ending}", seconds, ENDING_SECONDS, "s")
    sys.exit(1 if past_bounds else 0)


def bounded(what: str, figure: float, bound: float, unit: str) -> None:
    """Print a figure beside its bound, and note where it is past that."""
    print(f"{what}: {figure:.2f} {unit} (bound {bound:g})")
    if figure > bound:
        past_bounds.append(what)


def served(generations: int, seconds: float, settings: Mapping[str, str]) -> dict[str, Any]:
    """What the serving process measured of itself."""
    command = [sys.executable, __file__, "--serve", "--generations", str(generations), "--seconds", str(seconds)]
    done = subprocess.run(
        command, env={"PATH": os.environ["PATH"], **settings}, check=True, stdout=subprocess.PIPE
    )
    return json.loads(done.stdout)


async def serve(generations: int, seconds: float) -> None:
    """Serve, order through a client of one's own, and print the measured as JSON."""
    async with Client(create_server(Settings.from_environment())) as client:
        await called(client, "list_voices", provider="hedra")
        lags: dict[str, list[float]] = {"idle": await measured(IDLE_SECONDS)}
        ordering = asyncio.create_task(measured(None))
        begun = [
            await called(client, "synthesize_speech", voice_id=VOICE, text=f"Number {number}.")
            for number in range(generations)
        ]
        for one in begun:
            generation_id, polled = one["generation_id"], False
            while not polled:
                found = await called(client, "get_generation_status", generation_id=generation_id)
                polled = found["progress"] > 0
                await asyncio.sleep(0 if polled else 0.2)
        ordering.cancel()
        lags["ordering"] = await ordering
        lags["polling"] = await measured(seconds)
        rss = psutil.Process().memory_info().rss
    print(json.dumps({"lags": lags, "rss": rss}))


async def called(client: Client, tool: str, **arguments: object) -> dict[str, Any]:
    result = await client.call_tool(tool, arguments)
    assert result.structured_content is not None, result
    return result.structured_content


async def measured(seconds: float | None) -> list[float]:
    """The lags of the running loop over so many seconds, or until cancelled."""
    lags: list[float] = []
    until = time.perf_counter() + (seconds or float("inf"))
    try:
        while (asleep := time.perf_counter()) < until:
            await asyncio.sleep(PROBE_SECONDS)
            lags.append(time.perf_counter() - asleep - PROBE_SECONDS)
    except asyncio.CancelledError:
        pass
    return lags


def quantile(lags: Sequence[float], share: float) -> float:
    """In milliseconds."""
    return sorted(lags)[int((len(lags) - 1) * share)] * 1000


def latest(entries: Sequence[Mapping[str, Any]]) -> float:
    """The longest time between two polls of a generation, as a share of the time in which it was due."""
    profile = HedraProvider(HEDRA, Path()).profile
    created = [entry for entry in entries if entry.get("created") and entry["created"]["kind"] == "generation"]
    looks = {entry["created"]["id"]: [entry["at"]] for entry in created}
    for entry in entries:
        if entry["path"].endswith("/status"):
            looks[entry["path"].split("/")[2]].append(entry["at"])
    worst = 0.0
    for ordered, *polls in looks.values():
        for before, after in pairwise((ordered, *polls)):
            due = min(profile.slowest_poll_seconds, profile.poll_seconds + (before - ordered) / 4)
            worst = max(worst, (after - before) / due)
    return worst


def seconds_to_end(folder: Path, hedra: Any, ending: str) -> float:
    """How long a server takes that is told to end with work in flight, its children included."""
    crash: Any = import_module("crash.agent")
    with crash.Agent(crash.workplace(folder), hedra) as agent:
        for number in range(ENDING_GENERATIONS):
            agent.call("synthesize_speech", voice_id=VOICE, text=f"Number {number}.")
        begun = agent.call("synthesize_speech", text=LONG_TEXT, voice_id="local:af_heart")
        while begun["progress"] == 0:
            asked = {"generation_id": begun["generation_id"], "wait_seconds": 1}
            begun = agent.call("get_generation_status", **asked)
        server = psutil.Process(agent.process.pid)
        family = server.children(recursive=True)
        assert family
        told = time.perf_counter()
        if ending == "EOF":
            agent.close_input()
        else:
            server.send_signal(getattr(signal, ending))
        agent.process.wait()
        _, alive = psutil.wait_procs(family, timeout=60)
        assert not alive
        return time.perf_counter() - told


if __name__ == "__main__":
    main()
