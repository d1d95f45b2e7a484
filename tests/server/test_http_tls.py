"""Providers behind TLS that fails: the key reaches nobody but the provider, and what was sent is known."""

import asyncio
import ipaddress
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import anyio
import pytest
from cryptography import x509

from certificates import certified
from soundstage.http.api import Api
from soundstage.settings import Access
from soundstage_tools.errors import OutcomeUnknown, StudioError, Unavailable

KEY = "CANARY-hedra-5b7d90c2"
HERE = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
ELSEWHERE = x509.DNSName("api.example")


@asynccontextmanager
async def answering(context: ssl.SSLContext | None, answer: bytes) -> AsyncGenerator[tuple[str, bytearray]]:
    """Something that reads one request, sends so many bytes and is gone: its URL, and what reached it."""
    heard = bytearray()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(2**16):
                heard.extend(data)
                if context is None or heard.endswith((b"\r\n\r\n", b"}")):
                    writer.write(answer)
                    await writer.drain()
                    break
        writer.transport.abort()

    async with await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context) as server:
        yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}", heard


@asynccontextmanager
async def running(base_url: str) -> AsyncGenerator[Api]:
    api = Api(
        "Hedra",
        Access(base_url, KEY),
        header="X-API-Key",
        key_setting="HEDRA_API_KEY",
        url_setting="HEDRA_BASE_URL",
        base_seconds=0.001,
    )
    with anyio.fail_after(60):
        async with api.running():
            yield api


async def of_a_read(api: Api) -> StudioError:
    with pytest.raises(StudioError) as caught:
        await api.read("/voices")
    return caught.value


async def of_an_order(api: Api) -> StudioError:
    with pytest.raises(StudioError) as caught:
        await api.order("/generations", json={"type": "video"}, deadline_seconds=30)
    return caught.value


@pytest.mark.parametrize("flaw", ["nobody vouches for it", "another name", "expired", "no TLS at all"])
async def test_a_host_that_cannot_show_who_it_is_learns_nothing(
    flaw: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = ELSEWHERE if flaw == "another name" else HERE
    context = certified(tmp_path, name, days=-1 if flaw == "expired" else 1)
    if flaw != "nobody vouches for it":
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    async with (
        answering(None if flaw == "no TLS at all" else context, b"HTTP/1.1 400 Bad Request\r\n\r\n") as (
            url,
            heard,
        ),
        running(url) as api,
    ):
        for failed in (await of_a_read(api), await of_an_order(api)):
            assert isinstance(failed, Unavailable)
            assert failed.code == "provider_unreachable"
            assert "certificate" in failed.message
            assert "nothing was sent" in failed.message
            assert "HEDRA_BASE_URL" in failed.next_step
    assert KEY.encode() not in heard
    assert b"/generations" not in heard


@pytest.mark.parametrize(
    "answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 40\r\n\r\n{"]
)
async def test_a_connection_that_breaks_after_the_order_leaves_it_open(
    answer: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = certified(tmp_path, HERE)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    async with answering(context, answer) as (url, heard), running(url) as api:
        failed = await of_an_order(api)
        assert isinstance(failed, OutcomeUnknown)
        assert heard.count(b"POST /generations") == 1
        assert (await of_a_read(api)).code == "provider_failing"
