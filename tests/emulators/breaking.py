"""An answer on its way out: whole, cut, slow or swollen; and what strikes the connection or its other end."""

import asyncio
import os
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any, cast

import psutil
from starlette.types import Send

from emulators.chaos import Rule, When
from emulators.clock import Clock
from emulators.message import Answer

MIB = 1 << 20


@dataclass(frozen=True)
class Plan:
    """How an answer leaves: `length` is the Content-Length that it claims, None for none."""

    pieces: Iterable[bytes]
    length: int | None
    encoding: str = ""
    pause: float = 0.0
    cut: bool = False


async def give(answer: Answer, struck: list[Rule], send: Send, transport: asyncio.Transport, clock: Clock) -> None:
    """Send the answer as the rules want it. Its date, and a pause, are of the virtual clock."""
    plan = _plan(answer.body, struck)
    headers = {"Date": formatdate(clock.now(), usegmt=True), **answer.headers}
    if plan.encoding:
        headers["Content-Encoding"] = plan.encoding
    if plan.length is not None and answer.status not in {204, 304}:
        headers["Content-Length"] = str(plan.length)
    raw = [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": raw})
    for number, piece in enumerate(plan.pieces):
        if number:
            await clock.sleep(plan.pause)
        if transport.is_closing():
            return
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    if plan.cut:
        await strike(struck, "during", transport)
        transport.close()
    else:
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def strike(struck: list[Rule], when: When, transport: asyncio.Transport) -> None:
    """Kill what is to be killed at this point."""
    for rule in struck:
        if rule.do == "kill" and rule.when == when:
            pid = rule.pid or await asyncio.to_thread(_sender, transport, rule.pids)
            if pid > 1 and psutil.pid_exists(pid):
                os.kill(pid, rule.signal)


def drops(struck: list[Rule], when: When) -> bool:
    return any(rule.do in {"drop", "kill"} and rule.when == when for rule in struck)


async def abort(transport: asyncio.Transport) -> None:
    """Reset the connection, and let the server notice before it would answer for us."""
    transport.abort()
    await asyncio.sleep(0)


def _plan(body: bytes, struck: list[Rule]) -> Plan:
    plan = Plan((body,), len(body))
    for rule in struck:
        match rule.do:
            case "oversize":
                plan = Plan(_padded(body, rule.size), None)
            case "gzip_bomb":
                plan = Plan(_bomb(body, rule.size), None, encoding="gzip")
            case "drip":
                size = max(1, rule.size)
                plan = Plan(
                    [body[at : at + size] for at in range(0, len(body), size)], len(body), pause=rule.seconds
                )
            case "cut_answer":
                plan = Plan((body[: rule.size],), len(body), cut=True)
            case "drop" | "kill" if rule.when == "during":
                plan = Plan((body[: len(body) // 2],), len(body), cut=True)
            case _:
                pass
    return plan


def _padded(body: bytes, size: int) -> Iterator[bytes]:
    """JSON of at least `size` bytes that still means the same."""
    for start in range(0, size, MIB):
        yield b" " * min(MIB, size - start)
    yield body


def _bomb(body: bytes, size: int) -> Iterator[bytes]:
    """One gzip stream that unpacks to `size` blanks, to the next MiB, and the body."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    for _ in range(0, size, MIB):
        yield packer.compress(b" " * MIB) + packer.flush(zlib.Z_SYNC_FLUSH)
    yield packer.compress(body) + packer.flush()


def _sender(transport: asyncio.Transport, pids: tuple[int, ...]) -> int:
    """The one of these processes that holds the other end of the connection; 0 where none does."""
    port = cast("tuple[Any, ...]", transport.get_extra_info("peername"))[1]
    for pid in pids:
        with suppress(psutil.Error):
            held = psutil.Process(pid).net_connections(kind="tcp")
            if any(connection.laddr and connection.laddr.port == port for connection in held):
                return pid
    return 0
