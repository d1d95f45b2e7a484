"""`python -m emulators hedra --port 0 --ledger FILE`: one emulator, until end of input or a signal.

It prints one line of JSON: base_url, asset_url, key, control_url, token. Run it from the folder of the tests.
"""

import argparse
import json
import os
import signal
import sys
import threading
from pathlib import Path

from emulators.server import PROVIDERS, emulating


def main() -> None:
    parser = argparse.ArgumentParser(prog="emulators", description=__doc__)
    parser.add_argument("provider", choices=sorted(PROVIDERS))
    parser.add_argument("--port", type=int, default=0, help="of the base URL; 0 takes a free one")
    parser.add_argument("--ledger", type=Path, required=True, help="file that is appended to")
    parser.add_argument(
        "--options", type=json.loads, default={}, help="JSON: seed, pace, start, keys, switches, rules"
    )
    given = parser.parse_args()
    ended = threading.Event()

    def end(*_: object) -> None:
        ended.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    threading.Thread(target=_end_with_input, args=(ended,), daemon=True).start()
    with emulating(given.provider, ledger=given.ledger, port=given.port, **given.options) as emulator:
        told = {
            "base_url": emulator.base_url,
            "asset_url": emulator.asset_url,
            "key": emulator.key,
            "control_url": emulator.control.url,
            "token": emulator.control.token,
        }
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()
        ended.wait()


def _end_with_input(ended: threading.Event) -> None:
    while os.read(0, 4096):
        pass
    ended.set()


main()
