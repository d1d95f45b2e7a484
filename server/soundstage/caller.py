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

from soundstage import signals
from soundstage.app import create_server, create_studio, providers
from soundstage.generations.view import OUT_OF_REACH
from soundstage.progress_bar import ProgressBar
from soundstage.provider_table import provider_tables
from soundstage.settings import Settings
from soundstage_tools.errors import StudioError

WAIT_SECONDS = 50
FOLLOW = "get_generation_status"
UNFINISHED = {"queued", "processing"}
TELL_OF_FILES = {"synthesize_speech", "create_avatar_video", FOLLOW}
"""The tools whose results may have a file."""

Structured = Mapping[str, Any]


def call(
    settings: Settings, tool: str, words: Sequence[str], *, as_json: bool = False, output: str | None = None
) -> int:
    """Call `tool` with `name=value` words, follow what it began to its end, and print what came of it."""
    if output and (Path(output).is_dir() or not Path(output).absolute().parent.is_dir()):
        return _complain(f"{output} cannot be written: name a file in a folder that exists.")
    return signals.run(lambda: _call(settings, tool, words, as_json=as_json, output=output))


def show_tools(settings: Settings, *, as_json: bool = False) -> int:
    """Print the tools and their arguments."""
    return signals.run(lambda: _show_tools(settings, as_json=as_json))


def show_provider_tables(settings: Settings) -> int:
    """Print what each provider takes, set up or not, in Markdown."""
    print(provider_tables([provider.profile for provider in providers(settings)]))
    return 0


def attach(settings: Settings, generation_id: str, job_id: str, *, as_json: bool = False) -> int:
    """Have a generation that needs attention go on from the job that the user found; follow it to its end."""
    return signals.run(lambda: _attach(settings, generation_id, job_id, as_json=as_json))


async def _attach(settings: Settings, generation_id: str, job_id: str, *, as_json: bool) -> int:
    studio = create_studio(settings, adopts=False)
    async with studio.running():
        try:
            await studio.attach(generation_id, job_id)
        except StudioError as refusal:
            return _complain(str(refusal))
    return await _call(settings, FOLLOW, [f"generation_id={generation_id}"], as_json=as_json, output=None)


async def _call(settings: Settings, tool: str, words: Sequence[str], *, as_json: bool, output: str | None) -> int:
    async with Client(create_server(settings, adopts=False)) as client:
        tools = {one.name: one for one in (await client.list_tools()).tools}
        if tool not in tools:
            return _complain(f"There is no tool {tool}. The tools are: {', '.join(tools)}.")
        if output and tool not in TELL_OF_FILES:
            return _complain(f"{tool} makes no file that could be copied to {output}. Call it without -o.")
        try:
            arguments = _arguments(tools[tool], words)
        except ValueError as error:
            return _complain(str(error))
        asked = arguments if tool == FOLLOW else {}
        with ProgressBar(sys.stderr) as bar:
            begun = await client.call_tool(tool, arguments)
            result = await _followed(client, begun, bar, asked, ours=tool != FOLLOW)
    if result.is_error:
        return _complain(_text(result))
    facts = _facts(result)
    told = _generations(facts)
    files = [file for one in told for file in _files(one)]
    if output and told and told[0]["status"] == "succeeded":
        if not (own := _files(told[0])):
            return _complain(f"There is no file to be copied to {output}.\n{_text(result)}")
        files = [_copied(own[-1], output)]
    if as_json:
        print(json.dumps(facts, indent=2, ensure_ascii=False))
    else:
        print(_text(result))
        for file in files:
            print(file)
    good = {"succeeded", *UNFINISHED, *(["canceled"] if tool == "cancel_generation" else [])}
    return 0 if all(one["status"] in good for one in told) else 1


async def _followed(
    client: Client, result: CallToolResult, bar: ProgressBar, asked: Mapping[str, object], *, ours: bool
) -> CallToolResult:
    """The last word on the generations of `result`; `asked` are the arguments with which they were asked after."""
    generation_id = _facts(result).get("generation_id")
    ours = ours and not _facts(result).get("joined")
    enough = any if asked.get("wait_for") == "any" else all
    following = {**asked, "generation_id": generation_id, "wait_seconds": WAIT_SECONDS}
    try:
        while not enough(_ended(one) for one in _generations(_facts(result))):
            result = await client.call_tool(FOLLOW, following, progress_callback=bar.show)
    except BaseException:
        # By a signal, or because nobody reads the progress any more.
        if ours:
            with anyio.CancelScope(shield=True):
                await client.call_tool("cancel_generation", {"generation_id": generation_id})
        raise
    return result


def _facts(result: CallToolResult) -> Structured:
    return cast("Structured", result.structured_content or {})


def _generations(facts: Structured) -> list[Structured]:
    """The generation that a call has told of, and those beside it; none where it has told of something else."""
    return [facts, *facts.get("others", [])] if "status" in facts else []


def _ended(generation: Structured) -> bool:
    """Whether there is no more to wait for here."""
    return generation["status"] not in UNFINISHED or generation.get("provider_status") == OUT_OF_REACH


def _arguments(tool: Tool, words: Sequence[str]) -> dict[str, object]:
    properties = cast("dict[str, dict[str, Any]]", tool.input_schema.get("properties", {}))
    arguments: dict[str, object] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            raise ValueError(f"{word!r} is not name=value. {tool.name} takes: {', '.join(properties)}.")
        arguments[name] = _typed(value, properties.get(name, {}))
    return arguments


def _typed(value: str, field: Structured) -> object:
    """What a word stands for: JSON where the field is no text, and a list may be told as its items and commas."""
    kind = field.get("type")
    if kind == "array" and not value.startswith("["):
        return [_typed(item.strip(), field["items"]) for item in value.split(",") if item.strip()]
    if kind in {"number", "integer", "boolean", "array"}:
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _copied(file: str, output: str) -> str:
    shutil.copyfile(file, output)
    return str(Path(output).absolute())


def _files(generation: Structured) -> list[str]:
    urls = [str(asset["url"]) for asset in generation["assets"] if asset["role"] != "timings" and "url" in asset]
    return [str(Path(url2pathname(urlsplit(url).path))) for url in urls]


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
