"""Serving over stdio, with one orderly end: the client closes the pipe, or a signal asks for the same."""

import os
import re
import signal
import sys
import threading
from io import TextIOWrapper

from mcp.server import MCPServer

_BLOCK = 1 << 16
_SLICE = 1 << 16
_WELL_FORMED = re.compile(
    rb"(?:[^\\]++|\\u[dD][89abAB]..\\u[dD][c-fC-F]..|\\u(?![dD][89a-fA-F])....|\\[^u])*+", re.DOTALL
)
_HALF = re.compile(rb"\\u[dD][89a-fA-F]..", re.DOTALL)


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
            write(_whole(b"".join(line)))
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

    The SDK cannot read such a message, and would leave the client without an answer. It is looked through by
    slices: a search keeps all other threads waiting.
    """
    if b"\\ud" not in message and b"\\uD" not in message:
        return message
    parts: list[bytes] = []
    kept = at = 0
    while at < len(message):
        # A slice that ends within an escape is well formed up to that, and the next one begins with it.
        found = _WELL_FORMED.match(message, at, at + _SLICE)
        if found and found.end() > at:
            at = found.end()
        elif half := _HALF.match(message, at):
            parts += [message[kept:at], rb"\ufffd"]
            kept = at = half.end()
        else:
            at += 1
    return b"".join([*parts, message[kept:]]) if parts else message
