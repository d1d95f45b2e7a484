"""A plain client for tests of the emulators: one connection a request, nothing retried or followed."""

import json
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from emulators.server import Emulator

BOUNDARY = "emulators-boundary"
File = tuple[str, str, bytes]
"""A file of a multipart body: its name, its content type, its bytes."""


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def fetch(url: str, headers: Mapping[str, str] | None = None) -> Reply:
    """GET an address, as it stands."""
    return _exchange("GET", url, None, headers or {})


class Client:
    """Speaks to an emulator with its key in the provider's header, or with another key, or with none."""

    def __init__(self, emulator: Emulator, key: str | None = "") -> None:
        self._base_url = emulator.base_url
        key = emulator.key if key == "" else key
        by_provider = (
            {"X-API-Key": key or ""} if emulator.provider == "hedra" else {"Authorization": f"Bearer {key}"}
        )
        self._headers = by_provider if key is not None else {}

    def get(self, path: str) -> Reply:
        return self.send("GET", path)

    def post(self, path: str, body: object) -> Reply:
        return self.send("POST", path, json.dumps(body).encode(), "application/json")

    def form(self, path: str, parts: Sequence[tuple[str, str | File]]) -> Reply:
        return self.send("POST", path, multipart(parts), f"multipart/form-data; boundary={BOUNDARY}")

    def send(self, method: str, path: str, body: bytes | None = None, content_type: str = "") -> Reply:
        headers = {**self._headers, **({"Content-Type": content_type} if content_type else {})}
        return _exchange(method, self._base_url + path, body, headers)

    def begin(self, method: str, path: str, body: bytes, announced: int, content_type: str) -> socket.socket:
        """Send a request of which `body` is only the beginning; the caller closes the socket."""
        address = urlsplit(self._base_url + path)
        headers = {
            **self._headers,
            "Host": address.netloc,
            "Content-Type": content_type,
            "Content-Length": str(announced),
        }
        lines = [
            f"{method} {address.path} HTTP/1.1",
            *(f"{name}: {value}" for name, value in headers.items()),
            "",
            "",
        ]
        opened = socket.create_connection((address.hostname or "", address.port or 80), timeout=10)
        opened.sendall("\r\n".join(lines).encode() + body)
        return opened


def multipart(parts: Sequence[tuple[str, str | File]]) -> bytes:
    body = b""
    for name, value in parts:
        disposition = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"'
        if isinstance(value, str):
            body += f"{disposition}\r\n\r\n{value}\r\n".encode()
        else:
            filename, content_type, content = value
            body += f'{disposition}; filename="{filename}"\r\nContent-Type: {content_type}\r\n\r\n'.encode()
            body += content + b"\r\n"
    return body + f"--{BOUNDARY}--\r\n".encode()


def _exchange(method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> Reply:
    address = urlsplit(url)
    connection = HTTPConnection(address.netloc, timeout=20)
    try:
        target = address.path + (f"?{address.query}" if address.query else "")
        connection.request(method, target, body, dict(headers))
        answer = connection.getresponse()
        return Reply(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
    finally:
        connection.close()
