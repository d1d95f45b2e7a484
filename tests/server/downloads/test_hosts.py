"""What a download may reach, by which names, and what it carries there."""

import socket
from collections.abc import Sequence
from pathlib import Path

import pytest

from downloading import FILE, Certificates, Network, Origin, Resolver, connected, failure, fetch, redirect, reply
from soundstage.http.downloads import resolve_host
from soundstage_tools.errors import BadRequest, Unavailable

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
