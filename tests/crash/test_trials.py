"""The gate of 120 trials: no generation lost and none paid twice, whenever the server dies."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from crash import suite
from crash.lane import Result, unexplained
from crash.naive import NAIVE
from crash.plan import CELLS, KILLS, Cell

TRIALS, SEED = 120, 7


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Result]:
    """All trials, several homes at a time: most of their time is spent waiting for leases and lists."""
    return suite.run(tmp_path_factory.mktemp("crash"), TRIALS, SEED)


def assert_none(results: Sequence[Result]) -> None:
    assert not results, "\n\n".join(f"{result.outcome}: {result.evidence}" for result in results)


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell.name.replace(" ", "-"))
def test_no_death_of_the_server_loses_a_generation_or_pays_it_twice(results: Sequence[Result], cell: Cell) -> None:
    mine = [result for result in results if result.trial.cell is cell]
    assert {result.trial.point for result in mine} == set(cell.points)
    assert_none(unexplained(mine))


def test_every_trial_was_made(results: Sequence[Result]) -> None:
    assert len(results) == TRIALS


def test_the_trials_find_what_a_naive_order_pays_twice(tmp_path: Path) -> None:
    naive = suite.run(tmp_path, TRIALS, SEED, command=NAIVE)
    doubles = [result for result in naive if result.outcome == "double"]
    assert {result.trial.cell.provider for result in doubles} >= {"hedra", "speechgen"}
    # Every order that was accepted and not answered, on providers that know no equal orders.
    unanswered = {"during", "after", "drop_after", "late_list"}
    struck = [r for r in naive if r.trial.point in unanswered and r.trial.cell.provider != "heygen"]
    assert_none([result for result in struck if result.outcome != "double"])
    assert KILLS & {result.trial.point for result in doubles}
    assert_none([result for result in naive if result.outcome in {"lost", "astray"}])
