"""An origin, a certificate that is trusted, and the network under watch."""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from cryptography import x509

from certificates import certified
from downloading import Certificates, Network, Origin


@pytest.fixture
async def origin() -> AsyncIterator[Origin]:
    origin = Origin()
    async with await asyncio.start_server(origin.serve, "127.0.0.1", 0) as server:
        origin.port = server.sockets[0].getsockname()[1]
        yield origin


@pytest.fixture
def certificates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Certificates:
    """A certificate for media.example, trusted in this test; `names` are the names that clients ask for."""
    context = certified(tmp_path, x509.DNSName("media.example"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
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
