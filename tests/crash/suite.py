"""All lanes of a run, several at a time, and the table of what came of them."""

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from crash import lane
from crash.agent import SERVER
from crash.lane import Outcome, Result
from crash.plan import CELLS, trials

LANE_TRIALS = 25
OUTCOMES: Sequence[Outcome] = ("ok", "double", "lost", "needs_attention", "astray")


def run(folder: Path, count: int, seed: int, lanes: int = 4, command: Sequence[str] = SERVER) -> list[Result]:
    """`count` trials, spread over all cells, in homes below `folder`; `lanes` of them at a time."""
    with ThreadPoolExecutor(lanes) as pool:
        running = [
            pool.submit(
                lane.run, folder / f"{cell.name}-{at}", cell, planned[at : at + LANE_TRIALS], seed, command
            )
            for number, cell in enumerate(CELLS)
            if (planned := trials(cell, (count + number) // len(CELLS), seed))
            for at in range(0, len(planned), LANE_TRIALS)
        ]
        return [result for one in running for result in one.result()]


def table(results: Sequence[Result]) -> str:
    """The outcomes by provider and point, and in all."""
    counts = Counter((one.trial.cell.provider, one.trial.point, one.outcome) for one in results)
    rows = list(dict.fromkeys((one.trial.cell.provider, one.trial.point) for one in results))
    order = [cell.provider for cell in CELLS]
    rows.sort(key=lambda row: order.index(row[0]))
    lines = [f"{'provider':<11}{'struck at':<13}" + "".join(f"{name:>17}" for name in OUTCOMES)]
    lines += [
        f"{provider:<11}{point:<13}" + "".join(f"{counts[provider, point, name]:>17}" for name in OUTCOMES)
        for provider, point in rows
    ]
    total = Counter(one.outcome for one in results)
    lines.append(f"{'all':<24}" + "".join(f"{total[name]:>17}" for name in OUTCOMES))
    return "\n".join(lines)
