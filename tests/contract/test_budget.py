"""What the tools cost a model that reads them, before it has called any."""

import json
from pathlib import Path

import pytest

from configured import ALL, COMBINATIONS, definition, listed

TOKENS_OF_A_TOOL = 450
TOKENS_OF_ALL = 2500

BYTES_OF_A_TOKEN_OF_ONE = 3.8
"""The fewest that a token of o200k takes in any of our definitions: enums and ranges are dense."""
BYTES_OF_A_TOKEN_OF_ALL = 4.0
"""In all definitions together it takes 4.16 and more."""


@pytest.mark.parametrize(
    ("configured", "local"), [*((names, True) for names in COMBINATIONS), ((), False), (ALL, False)]
)
async def test_the_whole_definitions_stay_within_their_budget(
    tmp_path: Path, configured: tuple[str, ...], local: bool
) -> None:
    sizes = {
        tool.name: len(json.dumps(definition(tool), separators=(",", ":"), ensure_ascii=False).encode())
        for tool in await listed(tmp_path, configured, local=local)
    }
    assert max(sizes.values()) / BYTES_OF_A_TOKEN_OF_ONE <= TOKENS_OF_A_TOOL, sizes
    assert sum(sizes.values()) / BYTES_OF_A_TOKEN_OF_ALL <= TOKENS_OF_ALL, sizes
