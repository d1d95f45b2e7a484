"""What the rooms of one emulator share: time, names, published media, jobs in flight."""

import hashlib
import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from emulators.clock import Clock
from emulators.message import Answer, said

EXPIRED = b"<?xml version='1.0'?><Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"


class Names:
    """Ids that look random and are the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._counts: Counter[str] = Counter()

    def uuid(self, kind: str) -> str:
        return str(uuid.UUID(bytes=self._next(kind)[:16], version=4))

    def token(self, kind: str, length: int = 9) -> str:
        return self._next(kind).hex()[:length]

    def _next(self, kind: str) -> bytes:
        self._counts[kind] += 1
        return hashlib.sha256(f"{self._seed}/{kind}/{self._counts[kind]}".encode()).digest()


@dataclass(frozen=True)
class Media:
    """A published file. The bytes are made when they are fetched."""

    name: str
    content_type: str
    make: Callable[[], bytes]


class Shelf:
    """Files under signed URLs that expire `lifetime` seconds of virtual time after they were handed out."""

    def __init__(self, clock: Clock, names: Names, origin: str) -> None:
        self.origin = origin
        self.lifetime = 48 * 3600.0
        self._clock = clock
        self._names = names
        self._media: dict[str, Media] = {}

    def put(self, media: Media) -> str:
        token = self._names.token("media", 16)
        self._media[token] = media
        return token

    def url(self, token: str) -> str:
        expires = f"{self._clock.now() + self.lifetime:.0f}"
        name = quote(self._media[token].name)
        return f"{self.origin}/media/{token}/{name}?expires={expires}&sig={_sign(token, expires)}"

    def find(self, path: str, query: Mapping[str, str]) -> Media | Answer:
        """The file behind a URL, or the refusal: 404 for no such file, 403 for a bad or expired signature."""
        media = self._media.get(path.removeprefix("/media/").partition("/")[0])
        if media is None:
            return said(404, {"error": "not found"})
        token = path.split("/")[2]
        expires = query.get("expires", "")
        if query.get("sig") != _sign(token, expires) or float(expires) <= self._clock.now():
            return Answer(403, EXPIRED, {"Content-Type": "application/xml"})
        return media


@dataclass(frozen=True)
class World:
    clock: Clock
    names: Names
    shelf: Shelf
    keys: tuple[str, ...]
    in_flight: Counter[str] = field(default_factory=Counter[str])


def _sign(token: str, expires: str) -> str:
    return hashlib.sha256(f"{token}/{expires}".encode()).hexdigest()[:16]
