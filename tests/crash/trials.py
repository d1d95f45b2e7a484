"""The crash trials by one command, from anywhere:

    python tests/crash/trials.py --trials 1000 --seed 7 [--lanes 4] [--naive]

Real servers over stdio, less patient than in earnest (`crash.hurried`), are killed at the points of `crash.plan`
while they order from real emulators, and every
call is made again at a fresh server. The table counts, per provider and point: ok, double (created twice), lost,
needs_attention. A naive server (POST, then record) goes through the first trials of the same plan, so that both
figures stand side by side; `--naive 0` leaves it out. The exit code is 1 where a promise was broken, and what is
needed to understand it is printed.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path


def main() -> int:
    sys.path[0] = str(Path(__file__).parent.parent)
    from crash import suite
    from crash.agent import SERVER
    from crash.lane import unexplained
    from crash.naive import NAIVE

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=120)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--lanes", type=int, default=4, help="homes at a time")
    parser.add_argument("--naive", type=int, default=120, help="trials of the naive order")
    given = parser.parse_args()

    def tried(title: str, count: int, command: Sequence[str]) -> int:
        began = time.monotonic()
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            results = suite.run(Path(folder), count, given.seed, given.lanes, command)
        took = time.monotonic() - began
        sys.stdout.write(f"{title}, {count} trials, seed {given.seed}, {took:.0f} s\n{suite.table(results)}\n\n")
        sys.stdout.flush()
        broken = unexplained(results)
        if command is SERVER:
            sys.stdout.write("".join(f"{result.outcome}: {result.evidence}\n\n" for result in broken))
        return len(broken)

    broken = tried("Soundstage", given.trials, SERVER)
    if given.naive:
        tried("POST, then record", given.naive, NAIVE)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
