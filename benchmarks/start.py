"""Cold start: our server against a server of one tool on the same SDK, side by side in one run.

    python benchmarks/start.py [rounds]

Each round starts them in turn, ours without a key and with all of them, and asks for the tools over stdio. CPU
seconds are user plus system of the process until it has answered and ended; RSS is its peak. Figures are medians,
the ratio is of the CPU seconds; the exit code is 1 when one is above 1.15.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence

ROUNDS = 10
MOST = 1.15
SECRETS = {"HEDRA_API_KEY": "hk", "USEAPI_API_TOKEN": "ut", "SPEECHGEN_API_KEY": "sg"}

ONE_TOOL = """
from mcp.server import MCPServer
server = MCPServer("one", log_level="WARNING")
@server.tool()
def hello(name: str) -> str:
    "Say hello."
    return f"Hello {name}"
server.run("stdio")
"""

MESSAGES: tuple[dict[str, object], ...] = (
    {
        "id": 1,
        "method": "initialize",
        "params": {
            "protocolVersion": "2025-11-25",
            "capabilities": {},
            "clientInfo": {"name": "benchmark", "version": "1"},
        },
    },
    {"method": "notifications/initialized"},
    {"id": 2, "method": "tools/list", "params": {}},
)
TALK = "".join(json.dumps({"jsonrpc": "2.0", **message}) + "\n" for message in MESSAGES)


def started(command: Sequence[str], environment: Mapping[str, str]) -> tuple[float, float]:
    """CPU seconds and peak RSS in MB of one start that answers `tools/list`."""
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **environment},
    )
    assert process.stdin
    assert process.stdout
    process.stdin.write(TALK.encode())
    process.stdin.flush()
    answers = [json.loads(process.stdout.readline()) for _ in range(2)]
    assert answers[1]["result"]["tools"]
    process.stdin.close()
    process.stdout.close()
    _, status, usage = os.wait4(process.pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    process.returncode = 0
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main() -> None:
    """Print the table."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    ours = [sys.executable, "-m", "soundstage"]
    with tempfile.TemporaryDirectory() as home:
        here = {"SOUNDSTAGE_HOME": home}
        starts = {
            "one tool": ([sys.executable, "-c", ONE_TOOL], here),
            "no key": (ours, {**here, **dict.fromkeys(SECRETS, "")}),
            "all keys": (ours, {**here, **SECRETS}),
        }
        seen: dict[str, list[tuple[float, float]]] = {name: [] for name in starts}
        for _ in range(rounds):
            for name, (command, environment) in starts.items():
                seen[name].append(started(command, environment))
    cpu = {name: statistics.median(one[0] for one in runs) for name, runs in seen.items()}
    rss = {name: statistics.median(one[1] for one in runs) for name, runs in seen.items()}
    ratios = {name: seconds / cpu["one tool"] for name, seconds in cpu.items()}
    print(f"{'server':10} {'CPU s':>7} {'ratio':>7} {'RSS MB':>7}   ({rounds} rounds)")
    for name, ratio in ratios.items():
        print(f"{name:10} {cpu[name]:7.3f} {ratio:7.3f} {rss[name]:7.1f}")
    sys.exit(max(ratios.values()) > MOST)


if __name__ == "__main__":
    main()
