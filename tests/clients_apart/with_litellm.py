"""Our tools through litellm, as it sends them to Vertex."""

import importlib
import json
import os
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from wholeness import assert_whole

# Else it asks the network for prices first.
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
gemini: Any = importlib.import_module("litellm.llms.vertex_ai.gemini.vertex_and_google_ai_studio_gemini")


def check_tools(place: Path) -> None:
    setups = json.loads((place / "tools.json").read_text(encoding="utf-8"))
    for setup, tools in setups.items():
        functions = [
            {
                "type": "function",
                "function": {
                    "name": one["name"],
                    "description": one["description"],
                    "parameters": json.loads(json.dumps(one["inputSchema"])),
                },
            }
            for one in tools
        ]
        [made] = gemini.VertexGeminiConfig()._map_function(value=functions, optional_params={})
        converted = {declaration["name"]: declaration for declaration in made["function_declarations"]}
        for one in tools:
            if one["inputSchema"]["properties"]:
                assert_whole(one["inputSchema"], converted[one["name"]]["parameters"], setup)
            assert converted[one["name"]]["description"] == one["description"]
    sys.stdout.write(f"litellm: {len(setups)} setups, every tool whole\n")


if __name__ == "__main__":
    check_tools(Path(sys.argv[1]))
