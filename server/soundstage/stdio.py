"""Serving over stdio, with one orderly end: the client closes the pipe, or a signal asks for the same."""

import os
import signal
import sys
import threading
from io import TextIOWrapper

from mcp.server import MCPServer

_BLOCK = 1 << 16


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
        try:
            while block := os.read(source, _BLOCK):
                view = memoryview(block)
                while view:
                    view = view[os.write(write_end, view) :]
        finally:
            end_of_input()

    threading.Thread(target=relay, args=(sys.stdin.fileno(),), daemon=True).start()
    sys.stdin = TextIOWrapper(os.fdopen(read_end, "rb"), encoding="utf-8")
    signal.signal(signal.SIGINT, end_of_input)
    signal.signal(signal.SIGTERM, end_of_input)
    server.run("stdio")
