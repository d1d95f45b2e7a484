"""The official conformance suite over both revisions: the product as it is, and with what the suite calls."""

import json
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from conformance.node import HERE, needs_node, node

REVISIONS = ("2025-11-25", "2026-07-28")
PRODUCT = {
    "2025-11-25": {
        "server-initialize",
        "server-session-lifecycle",
        "ping",
        "tools-list",
        "resources-list",
        "prompts-list",
        "server-sse-multiple-streams",
        "dns-rebinding-protection",
    },
    "2026-07-28": {
        "server-stateless",
        "tools-list",
        "resources-list",
        "prompts-list",
        "server-sse-multiple-streams",
        "sep-2164-resource-not-found",
        "dns-rebinding-protection",
        "caching",
        "http-header-validation",
    },
}
"""The scenarios that call no tool, prompt or resource of the suite's own."""
OF_FIXTURES = {
    "sep-2575-server-rejects-undeclared-capability",
    "sep-2575-missing-capability-http-400",
    "sep-2575-server-sends-prompts-list-changed-on-subscription",
    "sep-2575-server-sends-tools-list-changed-on-subscription",
}
"""Their checks that do, all of `server-stateless`."""

pytestmark = needs_node


@contextmanager
def served(*options: str) -> Generator[str]:
    """The URL of a server in a process of its own."""
    with subprocess.Popen(
        [sys.executable, "-m", "conformance.fixture", *options],
        cwd=HERE.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


@pytest.mark.parametrize("revision", REVISIONS)
def test_every_scenario_passes_but_the_few_that_are_listed(tmp_path: Path, revision: str) -> None:
    with served() as url:
        words = ["--suite", "all", "--spec-version", revision]
        baseline = ["--expected-failures", str(HERE / "expected_failures.yml")]
        done = node("conformance", "server", "--url", url, *words, *baseline, home=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("revision", REVISIONS)
def test_the_product_itself_passes_all_that_needs_no_fixture(tmp_path: Path, revision: str) -> None:
    with served("--bare") as url:
        words = ["--suite", "all", "--spec-version", revision, "-o", str(tmp_path / "results")]
        node("conformance", "server", "--url", url, *words, home=tmp_path)
    checks = {scenario: results(tmp_path / "results", scenario) for scenario in PRODUCT[revision]}
    failed = {
        f"{scenario}: {check['id']} {check.get('errorMessage')}"
        for scenario, made in checks.items()
        for check in made
        if check["status"] in {"FAILURE", "WARNING"} and check["id"] not in OF_FIXTURES
    }
    assert failed == set()
    assert all(any(check["status"] == "SUCCESS" for check in made) for made in checks.values())


def results(folder: Path, scenario: str) -> list[dict[str, Any]]:
    [found] = folder.glob(f"server-{scenario}-20*/checks.json")
    return json.loads(found.read_text(encoding="utf-8"))
