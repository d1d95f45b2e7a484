"""Servers as they are set up: every combination of configured providers, and what their clients list."""

from itertools import combinations
from pathlib import Path
from typing import Any, cast

from mcp import Client
from mcp.types import Tool

from soundstage.app import create_server, providers
from soundstage.settings import Settings

KEYS = {"hedra": "HEDRA_API_KEY", "heygen": "USEAPI_API_TOKEN", "speechgen": "SPEECHGEN_API_KEY"}
COMBINATIONS = tuple(names for size in range(len(KEYS) + 1) for names in combinations(KEYS, size))
ALL = tuple(KEYS)


async def listed(
    home: Path, configured: tuple[str, ...] = (), *, local: bool = True, mode: str = "2026-07-28"
) -> list[Tool]:
    """The tools that a client lists where the keys of these providers are set, with our engine or without."""
    keys = {KEYS[name]: "a-key" for name in configured}
    settings = Settings.from_environment({"SOUNDSTAGE_HOME": str(home), **keys})
    served = [one for one in providers(settings) if local or one.profile.name != "local"]
    async with Client(create_server(settings, served), mode=cast("Any", mode)) as client:
        return (await client.list_tools()).tools


def definition(tool: Tool) -> dict[str, Any]:
    """A tool as it goes over the wire."""
    return tool.model_dump(mode="json", by_alias=True, exclude_none=True)
