"""Schemathesis finds no answer of the emulated Hedra that its OpenAPI document does not foresee."""

import json
from collections.abc import Generator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import emulators
from emulators.server import Emulator, emulating

hypothesis: Any = import_module("hypothesis")
schemathesis: Any = import_module("schemathesis")
DOCUMENT: dict[str, Any] = json.loads((Path(emulators.__path__[0]) / "hedra_openapi.json").read_text("utf-8"))
ASKS_MORE_THAN_A_SCHEMA = {("POST", "/generations"), ("POST", "/assets/{id}/upload")}
"""Assets that were uploaded before, and files of the right kind."""

SCHEMA: Any = schemathesis.openapi.from_dict(DOCUMENT)


@pytest.fixture(scope="module")
def hedra() -> Generator[Emulator]:
    with emulating("hedra", pace=0, switches={"credits": 1_000_000}) as emulator:
        yield emulator


@SCHEMA.parametrize()
@hypothesis.settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[
        hypothesis.HealthCheck.function_scoped_fixture,
        hypothesis.HealthCheck.too_slow,
        hypothesis.HealthCheck.filter_too_much,
    ],
)
def test_every_answer_is_foreseen(hedra: Emulator, case: Any) -> None:
    stateful = (case.method.upper(), case.path) in ASKS_MORE_THAN_A_SCHEMA
    excluded = [schemathesis.checks.positive_data_acceptance] if stateful else []
    case.call_and_validate(base_url=hedra.base_url, headers={"X-API-Key": hedra.key}, excluded_checks=excluded)
