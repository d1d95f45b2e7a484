"""Our tools through langchain-google-genai, and our results through langchain-mcp-adapters."""

import asyncio
import importlib
import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from wholeness import assert_whole

adapters: Any = importlib.import_module("langchain_mcp_adapters.client")
core: Any = importlib.import_module("langchain_core.tools")
google: Any = importlib.import_module("langchain_google_genai._function_utils")


def check_tools(place: Path) -> None:
    setups = json.loads((place / "tools.json").read_text(encoding="utf-8"))
    for setup, tools in setups.items():
        made = [
            core.StructuredTool(
                name=one["name"], description=one["description"], args_schema=one["inputSchema"], func=print
            )
            for one in tools
        ]
        converted = {
            declaration.name: declaration
            for tool in google.convert_to_genai_function_declarations(made)
            for declaration in tool.function_declarations
        }
        for one in tools:
            # A tool without arguments is declared without parameters.
            if one["inputSchema"]["properties"]:
                theirs = converted[one["name"]].parameters.model_dump(mode="json", exclude_none=True)
                assert_whole(one["inputSchema"], theirs, setup)
            assert converted[one["name"]].description == one["description"]
    sys.stdout.write(f"langchain-google-genai: {len(setups)} setups, every tool whole\n")


async def check_results(place: Path, python: str) -> None:
    environment = {"SOUNDSTAGE_HOME": str(place / "results"), "SOUNDSTAGE_INPUT_ROOTS": str(place)}
    command = {"transport": "stdio", "command": python, "args": ["-m", "soundstage"], "env": environment}
    tools = {tool.name: tool for tool in await adapters.MultiServerMCPClient({"soundstage": command}).get_tools()}
    calls: list[tuple[str, dict[str, object], str]] = [
        ("list_providers", {}, "local: ready"),
        ("create_avatar_video", {"image": "grey.png", "text": "Hello.", "wait_seconds": 50}, "no_face_found"),
        ("list_voices", {"colour": "red"}, "`colour` is not an argument of list_voices"),
    ]
    for name, arguments, words in calls:
        [block] = await tools[name].ainvoke(arguments)
        assert block["type"] == "text"
        assert words in block["text"], block
    sys.stdout.write(f"langchain-mcp-adapters: {len(calls)} results: one text block each\n")


if __name__ == "__main__":
    folder, server_python = Path(sys.argv[1]), sys.argv[2]
    check_tools(folder)
    asyncio.run(check_results(folder, server_python))
