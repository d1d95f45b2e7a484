"""A client of a server over stdio that reads and writes the messages themselves, in either era of the protocol."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from emulators.server import Emulator
from serving import furnished


class Wire:
    """A client that a test can kill, and that says what it is told to. `elicitation` is what it declares of that.

    What the server tells on stderr is in the file `stderr`.
    """

    def __init__(self, folder: Path, hedra: Emulator, mode: str, elicitation: Mapping[str, Any]) -> None:
        self._modern = mode != "legacy"
        self._capabilities = {"elicitation": elicitation}
        self.stderr = folder / "stderr.txt"
        with self.stderr.open("wb") as told:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "soundstage"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=told,
                env={
                    **os.environ,
                    **hedra.environment,
                    "SOUNDSTAGE_HOME": str(folder / "home"),
                    "SOUNDSTAGE_INPUT_ROOTS": str(furnished(folder)),
                },
                text=True,
            )
        self._said = 0
        self._asked: dict[str, Any] = {}
        self._call: dict[str, Any] = {}
        if not self._modern:
            client = {"name": "raw", "version": "1"}
            capabilities = self._capabilities
            self._ask("initialize", protocolVersion="2025-11-25", capabilities=capabilities, clientInfo=client)
            self.read()
            self._write({"method": "notifications/initialized"})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        with self.process:
            pass

    def call(self, tool: str, arguments: Mapping[str, Any]) -> None:
        prefix = "io.modelcontextprotocol/"
        meta: Mapping[str, object] = {
            f"{prefix}protocolVersion": "2026-07-28",
            f"{prefix}clientInfo": {"name": "raw", "version": "1"},
            f"{prefix}clientCapabilities": self._capabilities,
        }
        self._call = {"name": tool, "arguments": arguments, "_meta": meta if self._modern else {}}
        self._ask("tools/call", **self._call)

    def read(self) -> dict[str, Any]:
        assert self.process.stdout
        return json.loads(self.process.stdout.readline())

    def question(self) -> dict[str, Any]:
        """The form that the server has the client show."""
        message = self._asked = self.read()
        if self._modern:
            assert message["result"]["resultType"] == "input_required"
            [message] = message["result"]["inputRequests"].values()
        assert message["method"] == "elicitation/create"
        return message["params"]

    def answer(self, result: Mapping[str, Any]) -> dict[str, Any]:
        """What the server says to this answer to its question."""
        if self._modern:
            asked = self._asked["result"]
            answers = dict.fromkeys(asked["inputRequests"], result)
            self._ask("tools/call", **self._call, inputResponses=answers, requestState=asked["requestState"])
        else:
            self._write({"id": self._asked["id"], "result": result})
        return self.read()

    def _ask(self, method: str, **params: object) -> None:
        self._said += 1
        self._write({"id": self._said, "method": method, "params": params})

    def _write(self, message: Mapping[str, object]) -> None:
        assert self.process.stdin
        self.process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
        self.process.stdin.flush()
