"""HTTP, and the only room that speaks it: downloads from URLs of somebody else's choosing."""

import re
import ssl
import zlib
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from socket import SOCK_STREAM
from typing import Any

import anyio
import anyio.to_thread
import httpx2

from soundstage import __version__
from soundstage.addresses import is_public
from soundstage_tools.errors import BadRequest, StudioError, Unavailable

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Gives every address of a host name, for a port. Raises OSError where the name has none."""

_MAX_REDIRECTS = 3
_CONNECT_SECONDS = 10.0
_INFLATED_PIECE_BYTES = 256 * 1024
_HOST_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?")
_DIRECT_LINK = "Give an https link that leads straight to the file, or a local path."


async def resolve_host(host: str, port: int) -> list[str]:
    """Every address that the system's resolver knows for `host`, which may itself be an address."""
    found = await anyio.getaddrinfo(host, port, type=SOCK_STREAM)
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


async def download(
    url: str,
    write: Callable[[bytes], object],
    *,
    max_bytes: int,
    deadline_seconds: float,
    insecure_hosts: Collection[str] = (),
    resolve: Resolve = resolve_host,
) -> int:
    """Hand the body of `url` to `write`, piece by piece on a worker thread, and return its length in bytes.

    Only https to public addresses, on each of at most three redirects: every host is resolved once, and the
    connection goes to an address that was checked. No proxy, cookie or credential is ever used. `max_bytes`
    caps the body after decompression, `deadline_seconds` the time from the first name lookup to the last byte.
    A host in `insecure_hosts`, written `host:port`, may use plain http and have any address: for tests.

    Raises BadRequest for a URL that will not do, Unavailable for a host that does not deliver, and whatever
    `write` raises. After any of them, what was written is to be thrown away.
    """
    body = _Body(write, max_bytes)
    with anyio.move_on_after(deadline_seconds):
        target = url
        for _ in range(_MAX_REDIRECTS + 1):
            hop = _parse(target, insecure_hosts)
            location = await _fetch(hop, await _addresses(hop, resolve), body)
            if location is None:
                return body.length
            target = _join(hop.url, location)
        raise BadRequest(
            code="url_redirects_too_often",
            message=f"The URL redirects more than {_MAX_REDIRECTS} times.",
            next_step=_DIRECT_LINK,
        )
    raise Unavailable(
        code="download_timed_out",
        message=f"The download was not complete after {deadline_seconds:g} seconds.",
        next_step="Try again later, or give a smaller file, a faster host or a local path.",
    )


@dataclass(frozen=True, slots=True)
class _Hop:
    url: httpx2.URL
    host: str
    port: int
    trusted: bool


class _Body:
    """Decompresses, counts and passes on. `take` and `end` block: they run on a worker thread."""

    def __init__(self, write: Callable[[bytes], object], max_bytes: int) -> None:
        self.length = 0
        self._write = write
        self._max_bytes = max_bytes
        self._inflate = None

    def expect_compressed(self) -> None:
        self._inflate = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)

    def take(self, data: bytes) -> None:
        if self._inflate is None:
            self._pass_on(data)
            return
        while data:
            self._pass_on(self._inflate.decompress(data, _INFLATED_PIECE_BYTES))
            data = self._inflate.unconsumed_tail

    def end(self) -> None:
        if self._inflate is not None:
            self._pass_on(self._inflate.flush())
            if not self._inflate.eof:
                raise _incomplete()

    def _pass_on(self, data: bytes) -> None:
        self.length += len(data)
        if self.length > self._max_bytes:
            raise BadRequest(
                code="download_too_large",
                message=f"The file behind the URL is larger than {self._max_bytes / 2**20:g} MiB.",
                next_step="Give a smaller or more compressed file.",
            )
        self._write(data)


def _parse(text: str, insecure_hosts: Collection[str]) -> _Hop:
    try:
        url = httpx2.URL(text)
    except httpx2.InvalidURL:
        raise _invalid() from None
    host = url.raw_host.decode("ascii").rstrip(".")
    port = url.port or (80 if url.scheme == "http" else 443)
    trusted = f"{host}:{port}" in insecure_hosts
    if url.scheme != "https" and not (url.scheme == "http" and trusted):
        raise BadRequest(
            code="url_not_https",
            message="Only https URLs are fetched; this one is not, or leads to one that is not.",
            next_step="Give an https URL, or download the file and give its local path.",
        )
    if url.userinfo:
        raise BadRequest(
            code="url_has_credentials",
            message="URLs with a user name or password are not fetched.",
            next_step="Give a URL without the part before the @, such as a signed link.",
        )
    if not (":" in host or _HOST_NAME.fullmatch(host)) or not 0 < port < 65536:
        raise _invalid()
    return _Hop(url, host, port, trusted)


def _join(url: httpx2.URL, location: str) -> str:
    try:
        return str(url.join(location))
    except httpx2.InvalidURL:
        raise _invalid() from None


async def _addresses(hop: _Hop, resolve: Resolve) -> Sequence[str]:
    try:
        addresses = await resolve(hop.host, hop.port)
    except (OSError, UnicodeError):
        addresses = ()
    if not addresses:
        raise Unavailable(
            code="url_host_unknown",
            message="The host of the URL has no address.",
            next_step="Check how the host is spelled; if it is right, try again later.",
        )
    if not hop.trusted and not all(is_public(address) for address in addresses):
        raise BadRequest(
            code="url_not_public",
            message="The URL leads to a private, local or reserved address, and those are not fetched.",
            next_step="Give a URL on a public host, or the local path of the file.",
        )
    return addresses


async def _fetch(hop: _Hop, addresses: Sequence[str], body: _Body) -> str | None:
    """Read the answer of `hop` into `body`, or return where it redirects to."""
    context = await anyio.to_thread.run_sync(httpx2.create_ssl_context)
    try:
        for address in addresses[:-1]:
            try:
                return await _fetch_from(hop, address, body, context)
            except (httpx2.ConnectError, httpx2.ConnectTimeout):
                continue
        return await _fetch_from(hop, addresses[-1], body, context)
    except (httpx2.ConnectError, httpx2.ConnectTimeout):
        raise Unavailable(
            code="url_unreachable",
            message="The host of the URL does not answer, or its certificate is not valid.",
            next_step="Check the URL, try again later, or give a local path.",
        ) from None
    except (httpx2.TransportError, zlib.error):
        raise _incomplete() from None


async def _fetch_from(hop: _Hop, address: str, body: _Body, context: ssl.SSLContext) -> str | None:
    opened: list[Any] = []

    async def note_connection(event: str, info: dict[str, Any]) -> None:
        if event == "connection.connect_tcp.complete":
            opened.append(info["return_value"])

    request = httpx2.Request(
        "GET",
        hop.url.copy_with(host=address, fragment=None),
        headers={
            "Host": hop.url.netloc.decode("ascii"),
            "User-Agent": f"soundstage/{__version__}",
            "Accept": "*/*",
            "Accept-Encoding": "identity",
        },
        extensions={
            "sni_hostname": hop.host,
            "timeout": {"connect": _CONNECT_SECONDS},
            "trace": note_connection,
        },
    )
    # A transport for every request: a shared pool would know a connection by its address alone, and offer one
    # whose certificate was checked for another host. And no client, for that one logs whole URLs.
    try:
        async with httpx2.AsyncHTTPTransport(verify=context) as transport:
            response = await transport.handle_async_request(request)
            async with aclosing(response):
                if response.has_redirect_location:
                    return response.headers["Location"]
                _prepare(response, body)
                async for data in response.aiter_raw():
                    await anyio.to_thread.run_sync(body.take, data)
                await anyio.to_thread.run_sync(body.end)
        return None
    finally:
        # The transport does not know of a connection that was given up during its TLS handshake.
        with anyio.CancelScope(shield=True):
            for connection in opened:
                await connection.aclose()


def _prepare(response: httpx2.Response, body: _Body) -> None:
    """Set `body` up for what the headers announce, or refuse it."""
    status = response.status_code
    if status in {408, 425, 429} or status >= 500:
        raise Unavailable(
            code="url_host_failing",
            message=f"The host of the URL answered with status {status}.",
            next_step="Try again later, or give a local path.",
        )
    if status != 200:
        raise BadRequest(
            code="url_refused",
            message=f"The host of the URL answered with status {status} instead of the file.",
            next_step="Check that the link has not expired and needs no sign-in, or give a local path.",
        )
    match response.headers.get("Content-Encoding", "identity").strip().lower():
        case "identity" | "":
            pass
        case "gzip" | "x-gzip" | "deflate":
            body.expect_compressed()
        case _:
            raise BadRequest(
                code="url_encoding_unknown",
                message="The host sends the file in a compression that was not asked for.",
                next_step="Give a link to the file as it is, or a local path.",
            )


def _invalid() -> StudioError:
    return BadRequest(
        code="url_invalid",
        message="The URL is not well formed, or leads to one that is not.",
        next_step="Give a whole URL such as https://example.com/file.png.",
    )


def _incomplete() -> StudioError:
    return Unavailable(
        code="download_incomplete",
        message="The host broke off, or sent a damaged answer, before the whole file had arrived.",
        next_step="Try again, or give a local path.",
    )
