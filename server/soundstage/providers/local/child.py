"""One child process of the engine, and the talk with it over its pipes."""

import json
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import anyio
from anyio.abc import Process
from anyio.streams.buffered import BufferedByteReceiveStream

STALL_SECONDS = 120.0
_LONGEST_LINE = 1 << 20
_SEEN_BY_CHILD = {
    *("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TEMP", "TMP", "TZ"),
    *("PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT", "WINDIR"),
}


class ChildDied(Exception):
    """The process ended, or fell silent, in the middle of a job."""


class Child:
    """A running engine process. Its environment holds no key."""

    def __init__(self, process: Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._process = process
        self._orders = process.stdin
        self._replies = BufferedByteReceiveStream(process.stdout)

    @classmethod
    async def start(cls) -> "Child":
        """Start the process. It takes a job at once; it loads an engine with the first."""
        # -P: a file of the working directory must not stand in for a module of ours.
        command = [sys.executable, "-P", "-m", "soundstage.providers.local.worker"]
        environment = {name: value for name, value in os.environ.items() if name.upper() in _SEEN_BY_CHILD}
        # The matrices are small: threads of the linear algebra would only wait for each other.
        environment["OPENBLAS_NUM_THREADS"] = "1"
        return cls(await anyio.open_process(command, stderr=None, env=environment))

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.returncode is None

    async def replies(self, order: dict[str, object]) -> AsyncGenerator[dict[str, Any]]:
        """Give one job and yield each reply to it; the last holds `outcome` or `error`.

        Raises:
            ChildDied: no reply came for `STALL_SECONDS`, or the process is gone.
        """
        try:
            await self._orders.send(json.dumps(order).encode() + b"\n")
            while True:
                with anyio.fail_after(STALL_SECONDS):
                    line = await self._replies.receive_until(b"\n", _LONGEST_LINE)
                reply: dict[str, Any] = json.loads(line)
                yield reply
                if "progress" not in reply:
                    return
        except (anyio.BrokenResourceError, anyio.IncompleteRead, anyio.EndOfStream, TimeoutError) as gone:
            raise ChildDied from gone

    async def kill(self) -> None:
        """End the process now and wait until it is gone."""
        with anyio.CancelScope(shield=True):
            if self.alive:
                self._process.kill()
            await self._process.aclose()


@asynccontextmanager
async def child_for_one_job() -> AsyncGenerator[Child]:
    """A process that is gone when the job is, however it ends."""
    child = await Child.start()
    try:
        yield child
    finally:
        await child.kill()
