"""Calls a tool as an agent would: through a real MCP client, with the server in this very process."""

import json
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit
from urllib.request import url2pathname

import anyio
from mcp import Client
from mcp.types import CallToolResult, TextContent, Tool

from soundstage.app import create_server, providers
from soundstage.progress_bar import ProgressBar
from soundstage.provider_table import provider_tables
from soundstage.settings import Settings

WAIT_SECONDS = 50

Structured = Mapping[str, Any]


def call(
    settings: Settings, tool: str, words: Sequence[str], *, as_json: bool = False, output: str | None = None
) -> int:
    """Call `tool` with `name=value` words, follow what it began to its end, and print what came of it."""
    if output and (Path(output).is_dir() or not Path(output).absolute().parent.is_dir()):
        return _complain(f"{output} cannot be written: name a file in a folder that exists.")
    return anyio.run(lambda: _call(settings, tool, words, as_json=as_json, output=output))


def show_tools(settings: Settings, *, as_json: bool = False) -> int:
    """Print the tools and their arguments."""
    return anyio.run(lambda: _show_tools(settings, as_json=as_json))


def show_provider_tables(settings: Settings) -> int:
    """Print what each provider takes, set up or not, in Markdown."""
    print(provider_tables([provider.profile for provider in providers(settings)]))
    return 0


async def _call(settings: Settings, tool: str, words: Sequence[str], *, as_json: bool, output: str | None) -> int:
    async with Client(create_server(settings, adopts=False)) as client:
        tools = {one.name: one for one in (await client.list_tools()).tools}
        if tool not in tools:
            return _complain(f"There is no tool {tool}. The tools are: {', '.join(tools)}.")
        try:
            arguments = _arguments(tools[tool], words)
        except ValueError as error:
            return _complain(str(error))
        with ProgressBar(sys.stderr) as bar:
            begun = await client.call_tool(tool, arguments)
            result = await _followed(client, begun, bar, ours=tool != "get_generation_status")
    if result.is_error:
        return _complain(_text(result))
    facts = _facts(result)
    files = [] if facts.get("status") != "succeeded" else _saved(facts, output)
    if as_json:
        print(json.dumps(facts, indent=2, ensure_ascii=False))
    else:
        print(_text(result))
        for file in files:
            print(file)
    went_well = facts.get("status") in {None, "succeeded", "queued", "processing"}
    stopped = tool == "cancel_generation" and facts.get("status") == "canceled"
    return 0 if went_well or stopped else 1


async def _followed(client: Client, result: CallToolResult, bar: ProgressBar, *, ours: bool) -> CallToolResult:
    generation_id = _facts(result).get("generation_id")
    ours = ours and not _facts(result).get("joined")
    try:
        while _facts(result).get("status") in {"queued", "processing"}:
            result = await client.call_tool(
                "get_generation_status",
                {"generation_id": generation_id, "wait_seconds": WAIT_SECONDS},
                progress_callback=bar.show,
            )
    except anyio.get_cancelled_exc_class():
        if ours:
            with anyio.CancelScope(shield=True):
                await client.call_tool("cancel_generation", {"generation_id": generation_id})
        raise
    return result


def _facts(result: CallToolResult) -> Structured:
    return cast("Structured", result.structured_content or {})


def _arguments(tool: Tool, words: Sequence[str]) -> dict[str, object]:
    properties = cast("dict[str, dict[str, Any]]", tool.input_schema.get("properties", {}))
    arguments: dict[str, object] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            raise ValueError(f"{word!r} is not name=value. {tool.name} takes: {', '.join(properties)}.")
        arguments[name] = _typed(value, str(properties.get(name, {}).get("type")))
    return arguments


def _typed(value: str, kind: str) -> object:
    if kind in {"number", "integer", "boolean"}:
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _saved(facts: Structured, output: str | None) -> list[str]:
    urls = [str(asset["url"]) for asset in facts["assets"] if asset["role"] in {"audio", "video"}]
    paths = [Path(url2pathname(urlsplit(url).path)) for url in urls]
    if output is None:
        return [str(path) for path in paths]
    shutil.copyfile(paths[-1], output)
    return [str(Path(output).absolute())]


def _text(result: CallToolResult) -> str:
    return "\n".join(block.text for block in result.content if isinstance(block, TextContent))


def _complain(text: str) -> int:
    print(text, file=sys.stderr)
    return 1


async def _show_tools(settings: Settings, *, as_json: bool) -> int:
    async with Client(create_server(settings, adopts=False)) as client:
        tools = (await client.list_tools()).tools
    if as_json:
        print(
            json.dumps(
                [tool.model_dump(mode="json", by_alias=True, exclude_none=True) for tool in tools], indent=2
            )
        )
        return 0
    for tool in tools:
        print(f"{tool.name}: {(tool.description or '').splitlines()[0]}")
        for name, field in cast("dict[str, dict[str, Any]]", tool.input_schema["properties"]).items():
            choices = f" [{', '.join(filter(None, field['enum']))}]" if "enum" in field else ""
            needed = " (required)" if name in tool.input_schema.get("required", []) else ""
            print(f"    {name}{needed}  {field.get('description', '')}{choices}")
    return 0
