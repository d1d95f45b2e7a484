"""Our tools and results in the hands of other people's clients: what they convert, they convert whole.

`pytest -v tests/contract/test_clients.py` prints the matrix: converter by tool, each over every combination of
configured providers. Others, which cannot be installed beside these, are held by `tests/clients_apart`.
"""

import copy
import importlib
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

import anyio
import pytest
from agents import Agent, FunctionTool, RunContextWrapper
from agents.mcp import MCPServerStdio, MCPUtil
from agents.strict_schema import ensure_strict_json_schema
from agents.tool_context import ToolContext
from anthropic import transform_schema
from anthropic.lib.tools import ToolError
from anthropic.lib.tools.mcp import async_mcp_tool
from fastmcp.client.transports import StdioTransport
from google.genai import types as gemini
from mcp import Client, StdioServerParameters
from mcp.types import Tool
from pydantic_ai.exceptions import ModelRetry
from pydantic_ai.mcp import MCPToolset
from pydantic_ai.profiles.google import GoogleJsonSchemaTransformer
from pydantic_ai.profiles.openai import OpenAIJsonSchemaTransformer
from pydantic_ai.providers.anthropic import AnthropicJsonSchemaTransformer

from configured import ALL, COMBINATIONS, listed
from emulators import media
from wholeness import Schema, assert_whole

TOOLS = (
    "list_voices",
    "synthesize_speech",
    "clone_voice",
    "create_avatar_video",
    "get_generation_status",
    "list_generations",
    "cancel_generation",
    "delete_voice",
    "list_providers",
)


def google_genai(tool: Tool) -> Schema:
    convert = cast("Any", importlib.import_module("google.genai._mcp_utils")).mcp_to_gemini_tool
    [declaration] = convert(tool).function_declarations
    assert declaration.name == tool.name
    assert declaration.description == tool.description
    return declaration.parameters.model_dump(mode="json", exclude_none=True)


def google_genai_schema(tool: Tool) -> Schema:
    schema = gemini.Schema.from_json_schema(
        json_schema=gemini.JSONSchema(**tool.input_schema), raise_error_on_unsupported_field=True
    )
    return schema.model_dump(mode="json", exclude_none=True)


def openai_strict(tool: Tool) -> Schema:
    strict = cast("Any", importlib.import_module("openai.lib._pydantic"))._ensure_strict_json_schema
    schema = copy.deepcopy(tool.input_schema)
    return strict(schema, path=(), root=schema)


def openai_agents(tool: Tool) -> Schema:
    return ensure_strict_json_schema(copy.deepcopy(tool.input_schema))


def anthropic_transform(tool: Tool) -> Schema:
    return transform_schema(tool.input_schema)


def anthropic_tool(tool: Tool) -> Schema:
    return cast("Schema", async_mcp_tool(tool, cast("Any", None)).to_dict()["input_schema"])


def pydantic_ai_google(tool: Tool) -> Schema:
    return GoogleJsonSchemaTransformer(copy.deepcopy(tool.input_schema)).walk()


def pydantic_ai_openai(tool: Tool) -> Schema:
    return OpenAIJsonSchemaTransformer(copy.deepcopy(tool.input_schema), strict=True).walk()


def pydantic_ai_anthropic(tool: Tool) -> Schema:
    return AnthropicJsonSchemaTransformer(copy.deepcopy(tool.input_schema), strict=True).walk()


CONVERTERS: dict[str, Callable[[Tool], Schema]] = {
    "google-genai": google_genai,
    "google-genai-schema": google_genai_schema,
    "openai-strict": openai_strict,
    "openai-agents": openai_agents,
    "anthropic": anthropic_tool,
    "anthropic-transform": anthropic_transform,
    "pydantic-ai-google": pydantic_ai_google,
    "pydantic-ai-openai": pydantic_ai_openai,
    "pydantic-ai-anthropic": pydantic_ai_anthropic,
}


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, dict[str, Tool]]:
    """By what is configured, the tools by their names."""
    home = tmp_path_factory.mktemp("home")

    async def all_listed() -> dict[str, dict[str, Tool]]:
        setups = [*((names, True) for names in COMBINATIONS), ((), False), (ALL, False)]
        return {
            f"{names} local={local}": {tool.name: tool for tool in await listed(home, names, local=local)}
            for names, local in setups
        }

    return anyio.run(all_listed)


# FastMCP, which pydantic-ai brings, warns of what google-genai looks for first.
@pytest.mark.filterwarnings("ignore:Accessing `Tool.inputSchema`")
@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("converter", CONVERTERS)
def test_names_types_choices_required_and_descriptions_survive(
    servers: Mapping[str, dict[str, Tool]], converter: str, tool: str
) -> None:
    for setup, tools in servers.items():
        assert set(tools) == set(TOOLS)
        assert_whole(tools[tool].input_schema, CONVERTERS[converter](tools[tool]), setup)


# What three clients make of a call that succeeds, of one whose generation failed, and of one that is refused.

COMMAND, ARGUMENTS = sys.executable, ["-m", "soundstage"]
FACELESS: dict[str, object] = {"image": "grey.png", "text": "Hello.", "wait_seconds": 50}
REFUSED: dict[str, object] = {"colour": "red"}


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "grey.png").write_bytes(media.png(300, 300))
    return {"SOUNDSTAGE_HOME": str(tmp_path / "home"), "SOUNDSTAGE_INPUT_ROOTS": str(tmp_path)}


async def test_anthropic_reads_the_results(environment: dict[str, str]) -> None:
    parameters = StdioServerParameters(command=COMMAND, args=ARGUMENTS, env=environment)
    async with Client(parameters) as client:
        tools = {
            tool.name: async_mcp_tool(tool, cast("Any", client)) for tool in (await client.list_tools()).tools
        }
        [served] = cast("Any", await tools["list_providers"].call({}))
        [failed] = cast("Any", await tools["create_avatar_video"].call(FACELESS))
        with pytest.raises(ToolError) as refused:
            await tools["list_voices"].call(REFUSED)
    assert served["type"] == "text"
    assert "local: ready" in served["text"]
    assert "failed" in failed["text"]
    assert "no_face_found" in failed["text"]
    [block] = cast("Any", refused.value.content)
    assert "`colour` is not an argument of list_voices" in block["text"]


async def test_pydantic_ai_reads_the_results(environment: dict[str, str]) -> None:
    transport = StdioTransport(COMMAND, ARGUMENTS, env=environment, keep_alive=False)
    async with MCPToolset[None](cast("Any", transport)) as toolset:
        served = await toolset.direct_call_tool("list_providers", {})
        failed = await toolset.direct_call_tool("create_avatar_video", FACELESS)
        with pytest.raises(ModelRetry) as refused:
            await toolset.direct_call_tool("list_voices", REFUSED)
    assert served["providers"][0]["provider"] == "local"
    assert failed["status"] == "failed"
    assert failed["error"]["code"] == "no_face_found"
    assert "`colour` is not an argument of list_voices" in str(refused.value)


async def test_openai_agents_reads_the_tools_and_results(environment: dict[str, str]) -> None:
    agent = Agent[None](name="tester")
    async with MCPServerStdio(
        {"command": COMMAND, "args": ARGUMENTS, "env": environment}, client_session_timeout_seconds=60
    ) as server:
        found = await MCPUtil.get_function_tools(server, True, RunContextWrapper(None), agent)
        tools = {tool.name: tool for tool in found if isinstance(tool, FunctionTool)}

        async def call(name: str, arguments: str) -> Any:
            context = ToolContext(None, tool_name=name, tool_call_id="1", tool_arguments=arguments)
            return await tools[name].on_invoke_tool(context, arguments)

        served = await call("list_providers", "{}")
        failed = await call("create_avatar_video", '{"image": "grey.png", "text": "Hello.", "wait_seconds": 50}')
        refused = await call("list_voices", '{"colour": "red"}')
    assert set(tools) == set(TOOLS)
    # Strict is what has arguments to be strict about.
    assert {name for name, tool in tools.items() if not tool.strict_json_schema} == {"list_providers"}
    assert "local: ready" in served["text"]
    assert "no_face_found" in failed["text"]
    assert "`colour` is not an argument of list_voices" in refused["text"]
