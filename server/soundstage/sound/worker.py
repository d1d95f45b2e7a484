"""The child process: one order as a JSON line on stdin, one reply as a JSON line on stdout.

It works only as long as its parent holds stdin open.
"""

import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

from soundstage.sound.decoding import Unreadable
from soundstage.sound.joining import join
from soundstage.sound.measuring import measure, measure_video


def main() -> None:
    """Do the one order."""
    line = sys.stdin.readline()
    if not line:
        return
    order: dict[str, Any] = json.loads(line)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        reply = _do(order)
    except Unreadable as unreadable:
        reply = {"unreadable": str(unreadable)}
    sys.stdout.write(json.dumps(reply) + "\n")
    sys.stdout.flush()
    # The daemon thread holds stdin: an orderly way out would wait for its lock.
    os._exit(0)


def _end_with_parent() -> None:
    sys.stdin.read()
    os._exit(1)


def _do(order: dict[str, Any]) -> dict[str, Any]:
    paths = [Path(path) for path in order["paths"]]
    match order["do"]:
        case "join":
            return {"lengths": join(paths, Path(order["target"]))}
        case "measure_video":
            seconds, container = measure_video(paths[0])
        case _:
            seconds, container = measure(paths[0], order["at_most_seconds"])
    return {"seconds": seconds, "container": container}


if __name__ == "__main__":
    main()
