"""The server as a client starts it: a process on two pipes, that may lose its client at any moment."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self, cast

import psutil
import pytest
from mcp import Client, StdioServerParameters

from connecting import ERAS
from facts import called, finished

LONG_TEXT = "The quick brown fox jumps over the lazy dog, again and again. " * 80
EXIT_SECONDS = 20


@asynccontextmanager
async def served(home: Path, mode: str) -> AsyncGenerator[Client]:
    parameters = StdioServerParameters(
        command=sys.executable, args=["-m", "soundstage"], env={"SOUNDSTAGE_HOME": str(home)}
    )
    async with Client(parameters, mode=cast("Any", mode)) as client:
        yield client


@pytest.mark.parametrize("mode", ERAS)
async def test_every_tool_works_over_stdio(tmp_path: Path, mode: str) -> None:
    async with served(tmp_path, mode) as client:
        tools = {tool.name for tool in (await client.list_tools()).tools}
        page = await called(client, "list_voices", limit=1)
        voice_id = page["voices"][0]["voice_id"]
        speech = await called(client, "synthesize_speech", text="Hello there.", voice_id=voice_id)
        done = await finished(client, speech)
        video = await called(client, "create_avatar_video", audio=done["generation_id"])
        stopped = await called(client, "cancel_generation", generation_id=video["generation_id"])
        report = await called(client, "list_providers")
    assert tools == {
        "list_voices",
        "synthesize_speech",
        "clone_voice",
        "create_avatar_video",
        "delete_voice",
        "get_generation_status",
        "list_generations",
        "cancel_generation",
        "list_providers",
    }
    assert done["status"] == "succeeded"
    assert stopped["status"] == "canceled"
    assert report["providers"][0]["configured"] is True
    assert left_in(tmp_path) == []


def left_in(home: Path) -> list[Path]:
    """Folders of jobs, and files that are not whole."""
    return [*(home / "work").glob("*"), *home.rglob(".incoming-*")]


class RawClient:
    """A client of the 2025-11-25 era that a test can stop in any way."""

    def __init__(self, home: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "soundstage"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "SOUNDSTAGE_HOME": str(home)},
            text=True,
        )
        self._next_id = 0
        self.request(
            "initialize",
            protocolVersion="2025-11-25",
            capabilities={},
            clientInfo={"name": "raw", "version": "1"},
        )
        self.write({"jsonrpc": "2.0", "method": "notifications/initialized"})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        with self.process:
            pass

    def write(self, message: dict[str, object]) -> None:
        assert self.process.stdin
        self.process.stdin.write(json.dumps(message) + "\n")
        self.process.stdin.flush()

    def request(self, method: str, **params: object) -> dict[str, Any]:
        assert self.process.stdout
        self._next_id += 1
        self.write({"jsonrpc": "2.0", "id": self._next_id, "method": method, "params": params})
        for line in self.process.stdout:
            message: dict[str, Any] = json.loads(line)
            if message.get("id") == self._next_id:
                return message["result"]
        raise AssertionError("the server closed its output")

    def call(self, tool: str, **arguments: object) -> dict[str, Any]:
        return self.request("tools/call", name=tool, arguments=arguments)["structuredContent"]

    def at_work(self) -> tuple[str, list[psutil.Process]]:
        """Begin a long speech, and return its id and the engine's processes once it makes progress."""
        begun = self.call("synthesize_speech", text=LONG_TEXT, voice_id="local:af_heart")
        while begun["progress"] == 0:
            begun = self.call("get_generation_status", generation_id=begun["generation_id"], wait_seconds=0.5)
            assert begun["status"] in {"queued", "processing"}, begun
        children = psutil.Process(self.process.pid).children(recursive=True)
        assert children
        return begun["generation_id"], children


def assert_all_gone(processes: list[psutil.Process]) -> None:
    _, alive = psutil.wait_procs(processes, timeout=EXIT_SECONDS)
    assert alive == []


@pytest.mark.parametrize("ending", ["eof", "sigterm", "sigint", "sigkill"])
def test_a_server_that_ends_in_the_middle_of_the_work_leaves_nothing(tmp_path: Path, ending: str) -> None:
    with RawClient(tmp_path) as client:
        generation_id, children = client.at_work()
        if ending == "eof":
            assert client.process.stdin
            client.process.stdin.close()
        else:
            client.process.send_signal(getattr(signal, ending.upper()))
        client.process.wait(EXIT_SECONDS)
    assert_all_gone(children)
    assert left_in(tmp_path) == []
    with RawClient(tmp_path) as again:
        found = again.call("get_generation_status", generation_id=generation_id)
        assert found["status"] in {"queued", "processing"}
        again.call("cancel_generation", generation_id=generation_id)


CLIENT = """
import sys
sys.path[:0] = {path!r}
from test_stdio import RawClient
from pathlib import Path
client = RawClient(Path({home!r}))
_, children = client.at_work()
print(client.process.pid, *[child.pid for child in children], flush=True)
sys.stdin.read()
"""


def test_a_client_that_is_killed_takes_server_and_engine_with_it(tmp_path: Path) -> None:
    here = Path(__file__).parent
    script = CLIENT.format(path=[str(here), str(here.parent)], home=str(tmp_path))
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as client:
        assert client.stdout
        family = [psutil.Process(int(pid)) for pid in client.stdout.readline().split()]
        assert len(family) >= 2
        client.kill()
    assert_all_gone(family)
    assert left_in(tmp_path) == []


def test_nothing_but_the_protocol_reaches_stdout(tmp_path: Path) -> None:
    with RawClient(tmp_path) as client:
        begun = client.call("synthesize_speech", text="Hello.", wait_seconds=50)
        assert begun["status"] == "succeeded"
        assert client.process.stdin
        assert client.process.stdout
        client.process.stdin.close()
        for line in client.process.stdout:
            assert json.loads(line)["jsonrpc"] == "2.0"
        assert client.process.wait(EXIT_SECONDS) == 0


BEGIN: dict[str, Any] = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "raw", "version": "1"}},
}


def answers_to(home: Path, lines: bytes, count: int) -> dict[object, dict[str, Any]]:
    """The first so many answers of a server, by the ids of the requests. What is no whole line ends its input."""
    with subprocess.Popen(
        [sys.executable, "-m", "soundstage"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "SOUNDSTAGE_HOME": str(home)},
    ) as server:
        assert server.stdin
        assert server.stdout
        server.stdin.write(lines)
        server.stdin.flush()
        if not lines.endswith(b"\n"):
            server.stdin.close()
        said = [json.loads(line) for _, line in zip(range(count), server.stdout, strict=False)]
        server.stdin.close()
    return {one.get("id"): one for one in said}


@pytest.mark.parametrize("end", ["\n", ""], ids=["a whole line", "the last line"])
def test_half_a_character_leaves_no_request_without_an_answer(tmp_path: Path, end: str) -> None:
    begin = json.dumps({**BEGIN, "params": {**BEGIN["params"], "more": "An emoji that was cut: \ud83d"}})
    assert "\\ud83d" in begin
    assert answers_to(tmp_path, (begin + end).encode(), 1)[1]["result"]["serverInfo"]["name"] == "soundstage"


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("\\ud83d\\ude42", "\U0001f642"),
        ("\\uD83D", "\ufffd"),
        ("\\ude42\\ud83d", "\ufffd\ufffd"),
        ("\\\\ud83d", "\\ud83d"),
        ("\\\\\\ud83d", "\\\ufffd"),
        ("\\ud83d\\u0041\\n", "\ufffdA\n"),
    ],
)
def test_only_halves_of_characters_are_replaced_wherever_a_slice_ends(
    tmp_path: Path, sent: str, read: str
) -> None:
    """The id of an answer is that of its request. It is put before, across and behind the end of 64 KiB."""
    begin = json.dumps(BEGIN) + "\n"
    pings: dict[str, str] = {}
    for short in range(1, 20):
        head = '{"jsonrpc": "2.0", "method": "ping", "more": "", "id": "'
        padding = "x" * (2**16 - len(head) - short)
        pings[f"{short} {read}"] = head.replace('"more": "', f'"more": "{padding}') + f'{short} {sent}"}}\n'
    answered = answers_to(tmp_path, (begin + "".join(pings.values())).encode(), 1 + len(pings))
    assert set(pings) <= set(answered)
