"""Cold start: our server against a server of one tool on the same SDK, side by side in one run.

    python benchmarks/start.py [rounds]

Each round starts both, alternating, and asks for the tools over stdio. CPU seconds are user plus system of the
process until it has answered and ended; RSS is its peak. Figures are medians; the ratio is of the CPU seconds.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence

ROUNDS = 10

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


def started(command: Sequence[str], home: str) -> tuple[float, float]:
    """CPU seconds and peak RSS in MB of one start that answers `tools/list`."""
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "SOUNDSTAGE_HOME": home},
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
    commands = {
        "one tool": [sys.executable, "-c", ONE_TOOL],
        "soundstage": [sys.executable, "-m", "soundstage"],
    }
    seen: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    with tempfile.TemporaryDirectory() as home:
        for _ in range(rounds):
            for name, command in commands.items():
                seen[name].append(started(command, home))
    cpu = {name: statistics.median(one[0] for one in runs) for name, runs in seen.items()}
    rss = {name: statistics.median(one[1] for one in runs) for name, runs in seen.items()}
    print(f"{'server':12} {'CPU s':>8} {'RSS MB':>8}   ({rounds} rounds)")
    for name in commands:
        print(f"{name:12} {cpu[name]:8.3f} {rss[name]:8.1f}")
    print(f"{'ratio':12} {cpu['soundstage'] / cpu['one tool']:8.3f} {rss['soundstage'] / rss['one tool']:8.3f}")


if __name__ == "__main__":
    main()
