"""Serving over stdio, with one orderly end: the client closes the pipe, or a signal asks for the same."""

import os
import re
import signal
import sys
import threading
from io import TextIOWrapper

from mcp.server import MCPServer

_BLOCK = 1 << 16
_ESCAPED = re.compile(rb"\\u[dD][89abAB]..\\u[dD][c-fC-F]..|\\u[dD][89a-fA-F]..|\\.")
_HALF = len(rb"\ud83d")


def serve(server: MCPServer) -> None:
    """Serve until end of input, SIGINT or SIGTERM; then work stops, leases are given back and this returns.

    The SDK reads stdin in a thread that no signal can interrupt. So it is handed a pipe instead, which a daemon
    thread feeds from stdin and which a signal can end.
    """
    read_end, write_end = os.pipe()

    def end_of_input(*_: object) -> None:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        # Over, not close: the relay may be writing to this descriptor, and its number must stay ours.
        os.dup2(nowhere, write_end)
        os.close(nowhere)

    def relay(source: int) -> None:
        line: list[bytes] = []
        try:
            while block := os.read(source, _BLOCK):
                *ended, rest = block.split(b"\n")
                for end in ended:
                    write(_whole(b"".join([*line, end, b"\n"])))
                    line = []
                line.append(rest)
            write(b"".join(line))
        finally:
            end_of_input()

    def write(message: bytes) -> None:
        view = memoryview(message)
        while view:
            view = view[os.write(write_end, view) :]

    threading.Thread(target=relay, args=(sys.stdin.fileno(),), daemon=True).start()
    sys.stdin = TextIOWrapper(os.fdopen(read_end, "rb"), encoding="utf-8")
    signal.signal(signal.SIGINT, end_of_input)
    signal.signal(signal.SIGTERM, end_of_input)
    server.run("stdio")


def _whole(message: bytes) -> bytes:
    """The message with U+FFFD for each half of a character, such as a text that was cut within an emoji ends with.

    The SDK cannot read such a message, and would leave the client without an answer.
    """
    if b"\\ud" not in message and b"\\uD" not in message:
        return message
    return _ESCAPED.sub(lambda found: rb"\ufffd" if _is_half(found[0]) else found[0], message)


def _is_half(escaped: bytes) -> bool:
    return len(escaped) == _HALF
