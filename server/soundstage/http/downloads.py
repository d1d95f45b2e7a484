"""Downloads from URLs of somebody else's choosing."""

import ssl
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from socket import SOCK_STREAM

import anyio
import anyio.to_thread
import httpx2

from soundstage import __version__
from soundstage.addresses import is_public
from soundstage.http.body import Body, Incomplete, TooLarge, UnknownEncoding
from soundstage.http.exchange import exchange
from soundstage.http.origin import HOST_NAME
from soundstage_tools.errors import BadRequest, StudioError, Unavailable

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Gives every address of a host name, for a port. Raises OSError where the name has none."""

_MAX_REDIRECTS = 3
_DIRECT_LINK = "Give an https link that leads straight to the file, or a local path."


class Withheld(BadRequest):
    """The host of a URL answers, and gives no file. `status` is that of its answer."""

    def __init__(self, status: int) -> None:
        super().__init__(
            code="url_refused",
            message=f"The host of the URL answered with status {status} instead of the file.",
            next_step="Check that the link has not expired and needs no sign-in, or give a local path.",
        )
        self.status = status


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
    A host in `insecure_hosts`, written `host:port` or, for any of its ports, `host`, may use plain http and have
    any address.

    Raises BadRequest for a URL that will not do, Unavailable for a host that does not deliver, and whatever
    `write` raises. After any of them, what was written is to be thrown away.
    """
    body = Body(write, max_bytes)
    with anyio.move_on_after(deadline_seconds):
        target = url
        for _ in range(_MAX_REDIRECTS + 1):
            hop = _parse(target, insecure_hosts)
            try:
                location = await _fetch(hop, await _addresses(hop, resolve), body)
            except TooLarge:
                raise _too_large(max_bytes) from None
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


def _parse(text: str, insecure_hosts: Collection[str]) -> _Hop:
    try:
        url = httpx2.URL(text)
    except httpx2.InvalidURL:
        raise _invalid() from None
    host = url.raw_host.decode("ascii").rstrip(".")
    port = url.port or (80 if url.scheme == "http" else 443)
    trusted = host in insecure_hosts or f"{host}:{port}" in insecure_hosts
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
    if not (":" in host or HOST_NAME.fullmatch(host)) or not 0 < port < 65536:
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


async def _fetch(hop: _Hop, addresses: Sequence[str], body: Body) -> str | None:
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
    except (httpx2.TransportError, ssl.SSLError, Incomplete):
        raise _incomplete() from None


async def _fetch_from(hop: _Hop, address: str, body: Body, context: ssl.SSLContext) -> str | None:
    request = httpx2.Request(
        "GET",
        hop.url.copy_with(host=address, fragment=None),
        headers={
            "Host": hop.url.netloc.decode("ascii"),
            "User-Agent": f"soundstage/{__version__}",
            "Accept": "*/*",
            "Accept-Encoding": "identity",
        },
        extensions={"sni_hostname": hop.host},
    )
    # A transport for every request: a shared pool would know a connection by its address alone, and offer one
    # whose certificate was checked for another host.
    async with (
        httpx2.AsyncHTTPTransport(verify=context) as transport,
        exchange(transport, request) as response,
    ):
        if response.has_redirect_location:
            return response.headers["Location"]
        _prepare(response, body)
        async for data in response.aiter_raw():
            await anyio.to_thread.run_sync(body.take, data)
        await anyio.to_thread.run_sync(body.end)
    return None


def _prepare(response: httpx2.Response, body: Body) -> None:
    """Set `body` up for what the headers announce, or refuse it."""
    status = response.status_code
    if status in {408, 425, 429} or status >= 500:
        raise Unavailable(
            code="url_host_failing",
            message=f"The host of the URL answered with status {status}.",
            next_step="Try again later, or give a local path.",
        )
    if status != 200:
        raise Withheld(status)
    try:
        body.expect(response.headers.get("Content-Encoding", ""))
    except UnknownEncoding:
        raise BadRequest(
            code="url_encoding_unknown",
            message="The host sends the file in a compression that was not asked for.",
            next_step="Give a link to the file as it is, or a local path.",
        ) from None


def _too_large(max_bytes: int) -> StudioError:
    return BadRequest(
        code="download_too_large",
        message=f"The file behind the URL is larger than {max_bytes / 2**20:g} MiB.",
        next_step="Give a smaller or more compressed file.",
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
