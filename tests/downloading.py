"""An origin to download from, and what the tests of downloads watch: the network, names, and each way to fail."""

import asyncio
import random
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import anyio
import pytest

from soundstage.http.downloads import download
from soundstage_tools.errors import StudioError

FILE = random.Random(1).randbytes(300_000)
Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Origin:
    """A real HTTP server on loopback that answers each path as it is told, and notes what it was asked."""

    port: int = 0
    answers: dict[str, bytes | Answer] = field(default_factory=dict[str, bytes | Answer])
    asked: list[str] = field(default_factory=list[str])

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def url(self, path: str) -> str:
        return f"http://{self.host}{path}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            self.asked.append(head)
            answer = self.answers[head.split()[1]]
            if isinstance(answer, bytes):
                writer.write(answer)
            else:
                await answer(reader, writer)
            await writer.drain()
        writer.close()
        with suppress(ConnectionError, ssl.SSLError):
            await writer.wait_closed()


def reply(body: bytes = FILE, status: int = 200, *headers: str, length: int | None = None) -> bytes:
    lines = [
        f"HTTP/1.1 {status} X",
        f"Content-Length: {len(body) if length is None else length}",
        *headers,
        "",
        "",
    ]
    return "\r\n".join(lines).encode() + body


def redirect(location: str) -> bytes:
    return reply(b"", 302, f"Location: {location}")


@dataclass(frozen=True)
class Certificates:
    server: ssl.SSLContext
    names: list[str | None]


def connected(canary: socket.socket) -> bool:
    try:
        connection, _ = canary.accept()
    except BlockingIOError:
        return False
    connection.close()
    return True


@dataclass
class Network:
    """Every connection and name lookup of this process that a test asks to be told of."""

    events: list[tuple[str, Any]] = field(default_factory=list[tuple[str, Any]])
    watching: bool = False

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.watching and event in {"socket.connect", "socket.getaddrinfo"}:
            self.events.append((event, arguments[1] if event == "socket.connect" else arguments[0]))

    def connections(self) -> list[Any]:
        return [subject for event, subject in self.events if event == "socket.connect"]

    def lookups(self) -> list[Any]:
        return [subject for event, subject in self.events if event == "socket.getaddrinfo"]


class Resolver:
    """Answers each lookup with the next of its answers, and then with the last."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = answers
        self.asked: list[tuple[str, int]] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append((host, port))
        return self.answers[min(len(self.asked), len(self.answers)) - 1]


async def fetch(
    url: str, *insecure_hosts: str, max_bytes: int = 2**20, deadline: float = 30, **options: Any
) -> bytes:
    pieces: list[bytes] = []
    length = await download(
        url,
        pieces.append,
        max_bytes=max_bytes,
        deadline_seconds=deadline,
        insecure_hosts=insecure_hosts,
        **options,
    )
    assert length == sum(map(len, pieces))
    return b"".join(pieces)


async def failure(url: str, *insecure_hosts: str, **options: Any) -> StudioError:
    with anyio.fail_after(30), pytest.raises(StudioError) as caught:
        await fetch(url, *insecure_hosts, **options)
    return caught.value
