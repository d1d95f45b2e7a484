"""The body of an answer, inflated piece by piece and never beyond a cap."""

import zlib
from collections.abc import Callable

_INFLATED_PIECE_BYTES = 256 * 1024


class TooLarge(Exception):
    """The body is longer than its cap, once inflated."""


class Incomplete(Exception):
    """The body ends inside its compression, or is not compressed as announced."""


class UnknownEncoding(Exception):
    """The body is compressed in a way that was not asked for."""


class Body:
    """Inflates, counts and passes on to `write`, at most `max_bytes` in all.

    `take` and `end` do as much work as the body makes them do, and whatever `write` does.
    """

    def __init__(self, write: Callable[[bytes], object], max_bytes: int) -> None:
        self.length = 0
        self.inflates = False
        self._write = write
        self._max_bytes = max_bytes
        self._inflate = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)

    def expect(self, content_encoding: str) -> None:
        """Prepare for what the header says; empty where there is none."""
        match content_encoding.strip().lower():
            case "identity" | "":
                pass
            case "gzip" | "x-gzip" | "deflate":
                self.inflates = True
            case _:
                raise UnknownEncoding

    def take(self, data: bytes) -> None:
        """The next piece as it came over the wire."""
        if not self.inflates:
            self._pass_on(data)
            return
        try:
            while data:
                self._pass_on(self._inflate.decompress(data, _INFLATED_PIECE_BYTES))
                data = self._inflate.unconsumed_tail
        except zlib.error:
            raise Incomplete from None

    def end(self) -> None:
        """Nothing more comes."""
        if self.inflates:
            try:
                self._pass_on(self._inflate.flush())
            except zlib.error:
                raise Incomplete from None
            if not self._inflate.eof:
                raise Incomplete

    def _pass_on(self, data: bytes) -> None:
        self.length += len(data)
        if self.length > self._max_bytes:
            raise TooLarge
        self._write(data)
