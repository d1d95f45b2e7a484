"""Taking in an answer, with a cap on what its body inflates to."""

import ssl
from collections.abc import Callable
from contextlib import suppress

import anyio
import anyio.to_thread
import httpx2

from soundstage.http.body import Body, Incomplete, TooLarge, UnknownEncoding
from soundstage.http.patience import asked_seconds

MAX_JSON_BYTES = 16 * 2**20
MAX_FILE_BYTES = 200 * 2**20
BROKEN_OFF = (httpx2.TransportError, ssl.SSLError, Incomplete)
"""What is raised where the other side breaks off."""

_MAX_WORDS_BYTES = 64 * 2**10
_WORDS_SECONDS = 5.0


def asked_of(response: httpx2.Response) -> float | None:
    """For how many seconds the answer asks that no other request be made; None where it does not."""
    return asked_seconds(response.headers.get("Retry-After"), response.headers.get("Date"))


def headers_of(response: httpx2.Response) -> dict[str, str]:
    """The headers, their names in lower case."""
    return {name.lower(): value for name, value in response.headers.items()}


async def json_body(response: httpx2.Response) -> bytes:
    """The body of an answer that succeeded.

    Raises:
        TooLarge, UnknownEncoding: it will not do, now or later.
        one of BROKEN_OFF: it did not arrive whole.
    """
    taken = bytearray()
    await _take(response, Body(taken.extend, MAX_JSON_BYTES))
    return bytes(taken)


async def file_body(response: httpx2.Response, write: Callable[[bytes], object]) -> None:
    """Hand the body, which is a file, to `write` on a worker thread. As `json_body`."""
    await _take(response, Body(write, MAX_FILE_BYTES), blocks=True)


async def words_body(response: httpx2.Response) -> bytes:
    """As much of the body of a refusal as comes soon: it is only there to be quoted."""
    taken = bytearray()
    with anyio.move_on_after(_WORDS_SECONDS), suppress(*BROKEN_OFF, TooLarge, UnknownEncoding):
        await _take(response, Body(taken.extend, _MAX_WORDS_BYTES))
    return bytes(taken)


async def _take(response: httpx2.Response, body: Body, *, blocks: bool = False) -> None:
    body.expect(response.headers.get("Content-Encoding", ""))
    async for data in response.aiter_raw():
        if blocks or body.inflates:
            await anyio.to_thread.run_sync(body.take, data)
        else:
            body.take(data)
    await anyio.to_thread.run_sync(body.end) if blocks else body.end()
