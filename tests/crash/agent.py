"""An agent's client on a server over stdio, in the protocol of 2025-11-25, that outlives the server."""

import itertools
import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from crash.hurried import HURRIED
from emulators.server import Emulator
from serving import furnished

PATIENCE_SECONDS = 180.0
SERVER = (sys.executable, str(HURRIED))


class Gone(Exception):
    """The server ended before it answered."""


class Refused(AssertionError):
    """The server answered that it does not serve the call."""


class Agent:
    """One server and the calls to it, which any thread may make. Leaving it kills what still runs."""

    def __init__(self, folder: Path, *emulators: Emulator, command: Sequence[str] = SERVER) -> None:
        told: Mapping[str, str] = {name: value for one in emulators for name, value in one.environment.items()}
        with (folder / "stderr.log").open("ab") as log:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env={
                    "PATH": os.environ["PATH"],
                    "SOUNDSTAGE_HOME": str(folder / "home"),
                    "SOUNDSTAGE_INPUT_ROOTS": str(folder / "workspace"),
                    **told,
                },
            )
        self._numbers = itertools.count(1)
        self._writing = threading.Lock()
        self._waiting: dict[int, Future[dict[str, Any]]] = {}
        self._gone = False
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        about = {"name": "crash", "version": "1"}
        begun = self._send("initialize", protocolVersion="2025-11-25", capabilities={}, clientInfo=about)
        begun.result(PATIENCE_SECONDS)
        self._write({"method": "notifications/initialized"})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def begin(self, tool: str, **arguments: object) -> "Future[dict[str, Any]]":
        """Send a call, and do not wait for what comes of it: a JSON-RPC result."""
        return self._send("tools/call", name=tool, arguments=arguments)

    def call(self, tool: str, **arguments: object) -> dict[str, Any]:
        """The structured result of a call.

        Raises:
            Gone: the server ended.
            Refused: it does not serve the call.
        """
        return structured(self.begin(tool, **arguments).result(PATIENCE_SECONDS))

    def kill(self) -> None:
        """End the server without a word of warning, if it has not ended."""
        self.process.kill()
        self.wait()

    def close_input(self) -> None:
        """End of input, as a client says goodbye."""
        assert self.process.stdin
        with self._writing:
            self.process.stdin.close()

    def wait(self) -> int:
        """The exit code, once the server has ended and all that it said was read."""
        code = self.process.wait(PATIENCE_SECONDS)
        self._reader.join(PATIENCE_SECONDS)
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdout.close()
        with suppress(BrokenPipeError):
            self.process.stdin.close()
        return code

    def _send(self, method: str, **params: object) -> "Future[dict[str, Any]]":
        number = next(self._numbers)
        answer: Future[dict[str, Any]] = Future()
        self._waiting[number] = answer
        try:
            if self._gone:
                raise BrokenPipeError
            self._write({"id": number, "method": method, "params": params})
        except (BrokenPipeError, ValueError):
            self._end(number)
        return answer

    def _write(self, message: Mapping[str, object]) -> None:
        assert self.process.stdin
        with self._writing:
            self.process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")
            self.process.stdin.flush()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            if not line.endswith(b"\n"):
                break
            message: dict[str, Any] = json.loads(line)
            answer = self._waiting.pop(message["id"], None) if "id" in message else None
            if answer is not None:
                answer.set_result(message.get("result") or {"error": message.get("error")})
        self._gone = True
        for number in list(self._waiting):
            self._end(number)

    def _end(self, number: int) -> None:
        answer = self._waiting.pop(number, None)
        if answer is not None:
            answer.set_exception(Gone())


def structured(result: Mapping[str, Any]) -> dict[str, Any]:
    """The structured part of a tool's result."""
    if result.get("isError") or "structuredContent" not in result:
        raise Refused(json.dumps(result))
    return result["structuredContent"]


def finished(agent: Agent, generation: Mapping[str, Any]) -> dict[str, Any]:
    """The generation once it has come to its end."""
    found = dict(generation)
    while found["status"] in {"queued", "processing"}:
        found = agent.call("get_generation_status", generation_id=found["generation_id"], wait_seconds=50)
    return found


def workplace(folder: Path) -> Path:
    """A new folder for a home and its workspace."""
    folder.mkdir(parents=True, exist_ok=True)
    furnished(folder)
    return folder
