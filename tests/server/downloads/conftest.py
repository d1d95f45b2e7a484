"""An origin, a certificate that is trusted, and the network under watch."""

import asyncio
import datetime
import socket
import ssl
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

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
