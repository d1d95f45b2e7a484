"""How a download ends when the host is hostile, broken or slow."""

import asyncio
import gzip
import logging
import socket
import zlib
from collections.abc import Sequence
from contextlib import suppress

import anyio
import pytest

from downloading import FILE, Answer, Origin, failure, fetch, redirect, reply
from soundstage.http.downloads import Withheld, download
from soundstage_tools.errors import BadRequest, StudioError, Unavailable


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (204, Withheld, "url_refused"),
        (206, Withheld, "url_refused"),
        (302, Withheld, "url_refused"),
        (401, Withheld, "url_refused"),
        (403, Withheld, "url_refused"),
        (404, Withheld, "url_refused"),
        (410, Withheld, "url_refused"),
        (429, Unavailable, "url_host_failing"),
        (500, Unavailable, "url_host_failing"),
        (503, Unavailable, "url_host_failing"),
    ],
)
async def test_an_answer_without_the_file_is_told_by_its_status(
    status: int, kind: type[StudioError], code: str, origin: Origin
) -> None:
    origin.answers["/"] = reply(b"", status)
    failed = await failure(origin.url("/"), origin.host)
    assert type(failed) is kind
    assert failed.code == code
    assert str(status) in failed.message


async def test_a_compressed_body_is_given_as_it_was(origin: Origin) -> None:
    text = b"soundstage " * 200_000
    origin.answers["/gzip"] = reply(gzip.compress(text), 200, "Content-Encoding: gzip")
    origin.answers["/deflate"] = reply(zlib.compress(text), 200, "Content-Encoding: DEFLATE")
    origin.answers["/identity"] = reply(text, 200, "Content-Encoding: identity")
    for path in origin.answers:
        assert await fetch(origin.url(path), origin.host, max_bytes=len(text)) == text
        assert (await failure(origin.url(path), origin.host, max_bytes=len(text) - 1)).code == "download_too_large"


async def test_a_bomb_is_stopped_at_the_cap_and_never_unfolds_in_memory(origin: Origin) -> None:
    bomb = zlib.compressobj(9, wbits=31)
    packed = b"".join([bomb.compress(bytes(2**20)) for _ in range(256)]) + bomb.flush()
    origin.answers["/"] = reply(packed, 200, "Content-Encoding: gzip")
    pieces: list[int] = []
    with pytest.raises(BadRequest) as caught:
        await download(
            origin.url("/"),
            lambda piece: pieces.append(len(piece)),
            max_bytes=2**20,
            deadline_seconds=30,
            insecure_hosts=[origin.host],
        )
    assert caught.value.code == "download_too_large"
    assert sum(pieces) <= 2**20
    assert max(pieces) <= 2**18


async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    del reader
    writer.write(b"HTTP/1.1 200 X\r\n\r\n")
    while not writer.transport.is_closing():
        writer.write(FILE)
        await writer.drain()


async def endless_headers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    del reader
    writer.write(b"HTTP/1.1 200 X\r\n")
    while not writer.transport.is_closing():
        writer.write(b"X-More: " + b"a" * 1000 + b"\r\n")
        await writer.drain()


@pytest.mark.parametrize("length", [None, 2**20 + 1, 10 * 2**30])
async def test_a_body_over_the_cap_is_stopped(length: int | None, origin: Origin) -> None:
    origin.answers["/"] = endless if length is None else reply(bytes(2**20 + 1), length=length)
    assert (await failure(origin.url("/"), origin.host)).code == "download_too_large"


BROKEN = {
    "cut short": reply(length=len(FILE) + 1),
    "cut short in a chunk": b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nabc",
    "no last chunk": b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
    "cut short inside the compression": reply(gzip.compress(FILE)[:-9], 200, "Content-Encoding: gzip"),
    "not compressed at all": reply(FILE, 200, "Content-Encoding: gzip"),
    "two lengths": reply(FILE, 200, "Content-Length: 3"),
    "not HTTP": b"SSH-2.0-OpenSSH_9.6\r\n",
    "nothing": b"",
    "endless headers": endless_headers,
}


@pytest.mark.parametrize("case", BROKEN)
async def test_a_broken_answer_is_never_a_whole_file(case: str, origin: Origin) -> None:
    origin.answers["/"] = BROKEN[case]
    failed = await failure(origin.url("/"), origin.host)
    assert isinstance(failed, Unavailable)
    assert failed.code == "download_incomplete"


async def test_an_unknown_compression_is_refused(origin: Origin) -> None:
    origin.answers["/"] = reply(FILE, 200, "Content-Encoding: br")
    assert (await failure(origin.url("/"), origin.host)).code == "url_encoding_unknown"


async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send a byte ahead of every read timeout, until the client has gone."""
    writer.write(b"HTTP/1.1 200 X\r\nContent-Length: 1000000\r\n\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        with suppress(TimeoutError):
            async with asyncio.timeout(0.02):
                await reader.read()
                return


async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    del writer
    await reader.read()


@pytest.mark.parametrize("answer", [drip, silence])
async def test_the_deadline_is_for_the_whole_download(answer: Answer, origin: Origin) -> None:
    origin.answers["/"] = answer
    late = await failure(origin.url("/"), origin.host, deadline=0.3)
    assert isinstance(late, Unavailable)
    assert late.code == "download_timed_out"


async def test_a_handshake_that_never_ends_is_given_up_and_closed() -> None:
    closed = anyio.Event()

    async def wait_for_the_end(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        closed.set()

    async with await asyncio.start_server(wait_for_the_end, "127.0.0.1", 0) as server:
        host = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        assert (await failure(f"https://{host}/", host, deadline=0.2)).code == "download_timed_out"
        with anyio.fail_after(20):
            await closed.wait()


async def test_the_deadline_is_for_the_name_lookup_too() -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        del host, port
        await anyio.sleep_forever()
        return []

    late = await failure("https://media.example/", deadline=0.1, resolve=resolve)
    assert late.code == "download_timed_out"


async def test_a_host_that_does_not_answer_is_reported(canary: socket.socket) -> None:
    host = f"127.0.0.1:{canary.getsockname()[1]}"
    canary.close()
    assert (await failure(f"http://{host}/", host)).code == "url_unreachable"


async def test_what_the_writer_raises_comes_through(origin: Origin) -> None:
    def full(data: bytes) -> None:
        raise OSError(28, "No space left on device", len(data))

    origin.answers["/"] = reply()
    with pytest.raises(OSError, match="No space left"):
        await download(origin.url("/"), full, max_bytes=2**20, deadline_seconds=30, insecure_hosts=[origin.host])


async def test_signed_urls_stay_out_of_the_log_and_the_errors(
    origin: Origin, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    origin.answers["/a.png?X-Amz-Signature=CANARY"] = redirect("/b.png?X-Amz-Signature=CANARY")
    origin.answers["/b.png?X-Amz-Signature=CANARY"] = reply(b"CANARY", 403)
    failed = await failure(origin.url("/a.png?X-Amz-Signature=CANARY"), origin.host)
    assert "CANARY" not in str(failed)
    assert "CANARY" not in caplog.text
