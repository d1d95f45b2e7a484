"""Downloads: what they reach, what they carry, and how they end when the host is hostile."""

import asyncio
import datetime
import gzip
import logging
import random
import socket
import ssl
import sys
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from soundstage.http.downloads import download, resolve_host
from soundstage_tools.errors import BadRequest, StudioError, Unavailable

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


@pytest.fixture
async def origin() -> AsyncIterator[Origin]:
    origin = Origin()
    async with await asyncio.start_server(origin.serve, "127.0.0.1", 0) as server:
        origin.port = server.sockets[0].getsockname()[1]
        yield origin


@dataclass(frozen=True)
class Certificates:
    server: ssl.SSLContext
    names: list[str | None]


@pytest.fixture
def certificates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Certificates:
    """A certificate for media.example, trusted in this test; `names` are the names that clients ask for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "media.example")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("media.example")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    (tmp_path / "authority.pem").write_bytes(pem)
    (tmp_path / "server.pem").write_bytes(
        pem
        + key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "server.pem")
    names: list[str | None] = []
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    return Certificates(context, names)


@pytest.fixture
async def secure_origin(certificates: Certificates) -> AsyncIterator[Origin]:
    origin = Origin()
    async with await asyncio.start_server(origin.serve, "127.0.0.1", 0, ssl=certificates.server) as server:
        origin.port = server.sockets[0].getsockname()[1]
        yield origin


@pytest.fixture
def canary() -> Iterator[socket.socket]:
    """A listener on every address of this machine. What connects waits in its queue."""
    with socket.create_server(("", 0), family=socket.AF_INET6, dualstack_ipv6=True) as listener:
        listener.setblocking(False)
        yield listener


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


@pytest.fixture(scope="session")
def audited_network() -> Network:
    # An audit hook stays for the life of the process, so there is one.
    network = Network()
    sys.addaudithook(network)
    return network


@pytest.fixture
def network(audited_network: Network) -> Iterator[Network]:
    audited_network.events.clear()
    audited_network.watching = True
    yield audited_network
    audited_network.watching = False


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


FORBIDDEN_HOSTS = [
    "127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0x7f.1", "0177.0.0.1", "0177.1",
    "017700000001", "127.255.255.254", "0", "0.0.0.0", "localhost", "LOCALHOST", "localhost.", "127.0.0.1.",
    "[::1]", "[0:0:0:0:0:0:0:1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]",
    "[64:ff9b::7f00:1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[2001:0:7f00:1::]", "[fd00:ec2::254]",
    "[fc00::1]", "[fe80::1]", "[fe80::1%25lo]", "[fec0::1]", "[ff02::1]",
    "１２７.０.０.１", "①②⑦.⓪.⓪.①", "127。0。0。1", "ⓛocalhost", "localhost。",
    "127.0.0.1%00.example.com", "127.0.0.1%2eexample.com", "%31%32%37.0.0.1", "127.0.0.1#.example.com",
    "127.0.0.1\\.example.com", "[127.0.0.1]", "a" * 64 + ".example",
    "169.254.169.254", "0xa9fea9fe", "2852039166", "100.100.100.200", "192.0.0.192", "168.63.129.16",
    "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "198.18.0.1", "224.0.0.1", "240.0.0.1",
    "255.255.255.255", "192.88.99.1",
]  # fmt: skip


@pytest.mark.parametrize("place", ["input", "redirect"])
@pytest.mark.parametrize("host", FORBIDDEN_HOSTS)
async def test_no_spelling_of_a_local_address_is_connected_to(
    host: str, place: str, origin: Origin, canary: socket.socket, network: Network
) -> None:
    url = f"https://{host}:{canary.getsockname()[1]}/face.png"
    if place == "redirect":
        origin.answers["/"] = redirect(url)
        url = origin.url("/")
    refused = await failure(url, origin.host)
    assert refused.code in {"url_not_public", "url_invalid", "url_host_unknown", "url_has_credentials"}
    assert network.connections() == ([("127.0.0.1", origin.port)] if place == "redirect" else [])
    assert not connected(canary)


FORBIDDEN_URLS = {
    "plain http": ("http://example.com/a.png", "url_not_https"),
    "plain http, local": ("http://127.0.0.1:{port}/a.png", "url_not_https"),
    "capital scheme": ("HTTP://127.0.0.1:{port}/", "url_not_https"),
    "file": ("file:///etc/passwd", "url_not_https"),
    "ftp": ("ftp://127.0.0.1:{port}/", "url_not_https"),
    "gopher": ("gopher://127.0.0.1:{port}/_GET", "url_not_https"),
    "javascript": ("javascript:alert(1)", "url_not_https"),
    "user": ("https://user@127.0.0.1:{port}/", "url_has_credentials"),
    "user and password": ("https://user:password@example.com/", "url_has_credentials"),
    "host that looks like a user": ("https://example.com\\@127.0.0.1:{port}/", "url_has_credentials"),
    "user that looks like a host": ("https://example.com:443@127.0.0.1:{port}/", "url_has_credentials"),
    "no host": ("https:///a.png", "url_invalid"),
    "nothing": ("https://", "url_invalid"),
    "port too high": ("https://example.com:65537/", "url_invalid"),
    "port in words": ("https://example.com:https/", "url_invalid"),
    "space in the host": ("https://exa mple.com/", "url_invalid"),
    "empty label": ("https://example..com/", "url_invalid"),
    "no slashes": ("https:example.com", "url_invalid"),
    "newline": ("https://example.com/\r\nHost: localhost", "url_invalid"),
    "too long": ("https://example.com/" + "a" * 70_000, "url_invalid"),
}


# A header cannot say the last three, or means a path by it.
@pytest.mark.parametrize(
    ("case", "place"),
    [(case, "input") for case in FORBIDDEN_URLS] + [(case, "redirect") for case in list(FORBIDDEN_URLS)[:-3]],
)
async def test_a_url_that_is_not_plainly_https_is_refused(
    case: str, place: str, origin: Origin, canary: socket.socket, network: Network
) -> None:
    url, code = FORBIDDEN_URLS[case]
    url = url.format(port=canary.getsockname()[1])
    if place == "redirect":
        origin.answers["/"] = redirect(url)
        url = origin.url("/")
    refused = await failure(url, origin.host)
    assert isinstance(refused, BadRequest)
    assert refused.code == code
    assert network.connections() == ([("127.0.0.1", origin.port)] if place == "redirect" else [])
    assert not connected(canary)


async def test_the_canary_notices_a_connection(canary: socket.socket, network: Network) -> None:
    port = canary.getsockname()[1]
    assert (
        await failure(f"https://127.0.0.1:{port}/", f"127.0.0.1:{port}", deadline=0.2)
    ).code == "download_timed_out"
    assert connected(canary)
    assert network.connections() == [("127.0.0.1", port)]


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["93.184.216.34", "10.0.0.1"],
        ["2606:2800:220:1:248:1893:25c8:1946", "::1"],
        ["fe80::1%eth0"],
        ["not an address"],
    ],
)
async def test_a_name_with_any_address_that_is_not_public_is_refused(
    addresses: list[str], network: Network
) -> None:
    resolver = Resolver(addresses)
    assert (await failure("https://media.example/a.png", resolve=resolver)).code == "url_not_public"
    assert resolver.asked == [("media.example", 443)]
    assert network.events == []


@pytest.mark.parametrize("answer", [[], OSError("no such name"), UnicodeError("label too long")])
async def test_a_name_without_address_is_reported(answer: list[str] | Exception) -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        del host, port
        if isinstance(answer, Exception):
            raise answer
        return answer

    unknown = await failure("https://media.example/a.png", resolve=resolve)
    assert isinstance(unknown, Unavailable)
    assert unknown.code == "url_host_unknown"


async def test_the_system_resolver_gives_every_address_once() -> None:
    assert await resolve_host("127.0.0.1", 443) == ["127.0.0.1"]


async def test_the_connection_goes_to_the_address_that_was_checked(
    secure_origin: Origin, certificates: Certificates, network: Network
) -> None:
    secure_origin.answers["/a.png?signature=x%2Fy"] = reply()
    authority = f"media.example:{secure_origin.port}"
    resolver = Resolver(["127.0.0.1"], ["10.255.255.1"])
    body = await fetch(f"https://{authority}/a.png?signature=x%2Fy#fragment", authority, resolve=resolver)
    assert body == FILE
    assert resolver.asked == [("media.example", secure_origin.port)]
    assert network.connections() == [("127.0.0.1", secure_origin.port)]
    assert network.lookups() == []
    assert certificates.names == ["media.example"]
    assert f"\r\nhost: {authority}\r\n" in secure_origin.asked[0].lower()


async def test_a_name_that_turns_private_is_caught_at_the_next_hop(
    secure_origin: Origin, canary: socket.socket, network: Network
) -> None:
    authority = f"media.example:{secure_origin.port}"
    secure_origin.answers["/"] = redirect(f"https://media.example:{canary.getsockname()[1]}/")
    resolver = Resolver(["127.0.0.1"], ["169.254.169.254"])
    assert (await failure(f"https://{authority}/", authority, resolve=resolver)).code == "url_not_public"
    assert resolver.asked == [("media.example", port) for port in (secure_origin.port, canary.getsockname()[1])]
    assert network.connections() == [("127.0.0.1", secure_origin.port)]
    assert not connected(canary)


async def test_the_next_address_is_tried_where_one_does_not_answer(origin: Origin) -> None:
    origin.answers["/"] = reply()
    authority = f"media.example:{origin.port}"
    assert await fetch(f"http://{authority}/", authority, resolve=Resolver(["127.0.0.2", "127.0.0.1"])) == FILE


async def test_a_certificate_counts_for_its_own_host_alone(secure_origin: Origin) -> None:
    other, own = f"other.example:{secure_origin.port}", f"media.example:{secure_origin.port}"
    secure_origin.answers["/"] = redirect(f"https://{other}/a.png")
    for url in (f"https://{other}/a.png", f"https://{own}/"):
        refused = await failure(url, other, own, resolve=Resolver(["127.0.0.1"]))
        assert isinstance(refused, Unavailable)
        assert refused.code == "url_unreachable"
    assert [head.split()[1] for head in secure_origin.asked] == ["/"]


async def test_an_untrusted_certificate_is_refused(secure_origin: Origin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    authority = f"media.example:{secure_origin.port}"
    refused = await failure(f"https://{authority}/", authority, resolve=Resolver(["127.0.0.1"]))
    assert refused.code == "url_unreachable"
    assert secure_origin.asked == []


async def test_neither_proxies_nor_credentials_nor_cookies_are_used(
    origin: Origin, canary: socket.socket, network: Network, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    proxy = f"http://127.0.0.1:{canary.getsockname()[1]}"
    for name in ("http_proxy", "https_proxy", "all_proxy", "ws_proxy"):
        monkeypatch.setenv(name, proxy)
        monkeypatch.setenv(name.upper(), proxy)
    monkeypatch.delenv("REQUEST_METHOD", raising=False)
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password secret")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    origin.answers["/"] = reply(b"", 302, "Location: /again", "Set-Cookie: id=1; Path=/")
    origin.answers["/again"] = reply()
    assert await fetch(origin.url("/"), origin.host) == FILE
    assert network.connections() == [("127.0.0.1", origin.port)] * 2
    assert not connected(canary)
    sent = {line.partition(":")[0].lower() for head in origin.asked for line in head.strip().split("\r\n")[1:]}
    assert sent == {"host", "user-agent", "accept", "accept-encoding"}


async def test_three_redirects_are_followed_and_no_more(origin: Origin) -> None:
    for step in range(4):
        origin.answers[f"/{step}"] = redirect(f"/{step + 1}" if step % 2 else origin.url(f"/{step + 1}"))
    origin.answers["/4"] = reply()
    assert await fetch(origin.url("/1"), origin.host) == FILE
    assert (await failure(origin.url("/0"), origin.host)).code == "url_redirects_too_often"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_every_redirect_is_checked(status: int, origin: Origin, canary: socket.socket) -> None:
    origin.answers["/"] = reply(b"", status, f"Location: https://127.0.0.1:{canary.getsockname()[1]}/")
    assert (await failure(origin.url("/"), origin.host)).code == "url_not_public"
    assert not connected(canary)


async def test_a_host_is_insecure_by_its_name_and_port_or_by_its_name_alone(
    origin: Origin, network: Network
) -> None:
    origin.answers["/"] = reply()
    for insecure in (f"127.0.0.1:{origin.port + 1}", "127.0.0.1:80", "127.0.0.2", "localhost", ""):
        assert (await failure(origin.url("/"), insecure)).code == "url_not_https"
    assert network.connections() == []
    assert await fetch(origin.url("/"), "127.0.0.1") == FILE
    assert (await failure(f"http://localhost:{origin.port}/", "127.0.0.1")).code == "url_not_https"


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (204, BadRequest, "url_refused"),
        (206, BadRequest, "url_refused"),
        (302, BadRequest, "url_refused"),
        (401, BadRequest, "url_refused"),
        (403, BadRequest, "url_refused"),
        (404, BadRequest, "url_refused"),
        (410, BadRequest, "url_refused"),
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
