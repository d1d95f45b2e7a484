"""The product's own server with the tools, resources and prompts that the conformance suite calls by name.

    cd tests && python -m conformance.fixture [--bare]

Serves streamable HTTP on a free port of 127.0.0.1 and prints the URL. `--bare` leaves the fixtures out.
"""

import base64
import json
import socket
import struct
import sys
import tempfile
import zlib
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import uvicorn
from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.prompts.base import UserMessage
from mcp.server.mcpserver.tools import Tool
from mcp.types import (
    AudioContent,
    CallToolResult,
    Completion,
    CompletionArgument,
    CompletionContext,
    EmbeddedResource,
    GetPromptResult,
    ImageContent,
    InputRequiredResult,
    Prompt,
    PromptReference,
    Resource,
    ResourceTemplateReference,
    TextContent,
    TextResourceContents,
)
from pydantic import Field
from typing_extensions import override

from conformance.asking import CALLED, Anything, add_input_required, add_questions
from soundstage import __version__
from soundstage.app import create_server, providers
from soundstage.generations.sqlite.store import SqliteStore
from soundstage.settings import Settings
from soundstage.studio import LiveStudio
from soundstage_tools.catalogue import tools
from soundstage_tools.resources import StudioServer


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


PIXEL = (
    b"\x89PNG\r\n\x1a\n"
    + _chunk(b"IHDR", struct.pack(">2I5B", 1, 1, 8, 2, 0, 0, 0))
    + _chunk(b"IDAT", zlib.compress(b"\0\xff\0\0"))
    + _chunk(b"IEND", b"")
)
SAMPLE = struct.pack(
    "<4sI4s4sIHHIIHH4sIh", b"RIFF", 38, b"WAVE", b"fmt ", 16, 1, 1, 8000, 16000, 2, 16, b"data", 2, 0
)


def _dialect() -> Tool:
    """A tool whose schema uses the words of JSON Schema that the product's own leave out."""

    def answer() -> str:
        return "ok"

    text = {"type": "string"}
    tool = Tool.from_function(answer, name="json_schema_2020_12_tool", description=CALLED)
    tool.parameters = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "$defs": {
            "address": {"$anchor": "addressDef", "type": "object", "properties": {"street": text, "city": text}}
        },
        "properties": {
            "name": text,
            "address": {"$ref": "#/$defs/address"},
            "contactMethod": {"type": "string", "enum": ["phone", "email"]},
            "phone": text,
            "email": text,
        },
        "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
        "if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
        "then": {"required": ["phone"]},
        "else": {"required": ["email"]},
        "additionalProperties": False,
    }
    return tool


DIALECT = _dialect()


def _image() -> ImageContent:
    return ImageContent(type="image", data=base64.b64encode(PIXEL).decode(), mime_type="image/png")


def _text(text: str) -> TextContent:
    return TextContent(type="text", text=text)


def _embedded(uri: str, text: str, mime_type: str = "text/plain") -> EmbeddedResource:
    return EmbeddedResource(
        type="resource", resource=TextResourceContents(uri=uri, mime_type=mime_type, text=text)
    )


def add_contents(server: MCPServer[Any]) -> None:
    """Tools that answer with each kind of content, with an error, and along the way."""
    tool = server.tool(description=CALLED, structured_output=False)

    @tool
    def test_simple_text() -> str:
        return "This is a simple text response for testing."

    @tool
    def test_image_content() -> CallToolResult:
        return CallToolResult(content=[_image()])

    @tool
    def test_audio_content() -> CallToolResult:
        sound = base64.b64encode(SAMPLE).decode()
        return CallToolResult(content=[AudioContent(type="audio", data=sound, mime_type="audio/wav")])

    @tool
    def test_embedded_resource() -> CallToolResult:
        text = "This is an embedded resource content."
        return CallToolResult(content=[_embedded("test://embedded-resource", text)])

    @tool
    def test_multiple_content_types() -> CallToolResult:
        data = json.dumps({"test": "data", "value": 123})
        mixed = _embedded("test://mixed-content-resource", data, "application/json")
        return CallToolResult(content=[_text("Multiple content types test:"), _image(), mixed])

    @tool
    def test_error_handling() -> str:
        raise ToolError("This tool intentionally returns an error for testing")

    @tool
    async def test_tool_with_progress(ctx: Anything) -> str:
        for done in (0, 50, 100):
            await ctx.report_progress(done, 100, f"{done} of 100")
        return "Done."

    @tool
    async def test_trigger_tool_change(ctx: Anything) -> str:
        await ctx.notify_tools_changed()
        return "Told."

    @tool
    async def test_trigger_prompt_change(ctx: Anything) -> str:
        await ctx.notify_prompts_changed()
        return "Told."

    @tool
    def test_x_mcp_header(
        region: Annotated[str, Field(json_schema_extra={"x-mcp-header": "Region"})] = "",
    ) -> str:
        return region


def add_resources_and_prompts(server: MCPServer[Any]) -> None:
    """The resources and prompts of both revisions."""
    prompt = server.prompt(description=CALLED)

    @server.completion()
    async def complete(
        reference: PromptReference | ResourceTemplateReference,
        argument: CompletionArgument,
        context: CompletionContext | None,
    ) -> Completion:
        return Completion(values=[f"{argument.value}is"], total=1, has_more=False)

    @server.resource("test://static-text", mime_type="text/plain")
    def static_text() -> str:
        return "This is the content of the static text resource."

    @server.resource("test://static-binary", mime_type="image/png")
    def static_binary() -> bytes:
        return PIXEL

    @server.resource("test://template/{id}/data", mime_type="application/json")
    def template(id: str) -> str:
        return json.dumps({"id": id, "templateTest": True, "data": f"Data for ID: {id}"})

    @prompt
    def test_simple_prompt() -> list[UserMessage]:
        return [UserMessage("This is a simple prompt for testing.")]

    @prompt
    def test_prompt_with_arguments(arg1: str, arg2: str) -> list[UserMessage]:
        return [UserMessage(f"Prompt with arguments: arg1='{arg1}', arg2='{arg2}'")]

    @prompt
    def test_prompt_with_embedded_resource(resourceUri: str) -> list[UserMessage]:
        embedded = _embedded(resourceUri, "Embedded resource content for testing.")
        return [UserMessage(embedded), UserMessage("Please process the embedded resource above.")]

    @prompt
    def test_prompt_with_image() -> list[UserMessage]:
        return [UserMessage(_image()), UserMessage("Please analyze the image above.")]


class FixtureServer(StudioServer):
    """The product's server class with all that the product serves, and what the suite calls beside it."""

    def __init__(self, settings: Settings) -> None:
        studio = LiveStudio(settings, providers(settings), partial(SqliteStore, settings.home / "state.db"))

        @asynccontextmanager
        async def lifespan(_: MCPServer[Any]) -> AsyncGenerator[None]:
            async with studio.running():
                yield

        super().__init__(
            studio,
            "soundstage-fixture",
            version=__version__,
            tools=[*tools(studio), DIALECT],
            lifespan=lifespan,
            log_level="ERROR",
        )
        add_contents(self)
        add_questions(self)
        add_input_required(self)
        add_resources_and_prompts(self)

    @override
    async def list_resources(self) -> list[Resource]:
        return [*await super().list_resources(), *await MCPServer.list_resources(self)]

    @override
    async def list_prompts(self) -> list[Prompt]:
        return [*await super().list_prompts(), *await MCPServer.list_prompts(self)]

    @override
    async def get_prompt(
        self, name: str, arguments: Mapping[str, Any] | None = None, context: Anything | None = None
    ) -> GetPromptResult | InputRequiredResult:
        if name.startswith("test_"):
            return await MCPServer.get_prompt(self, name, dict(arguments or {}), context)
        return await super().get_prompt(name, arguments, context)


def main() -> None:
    """Serve until the process is ended."""
    with tempfile.TemporaryDirectory() as home, socket.create_server(("127.0.0.1", 0)) as listening:
        settings = Settings(home=Path(home), input_roots=())
        server = create_server(settings) if "--bare" in sys.argv else FixtureServer(settings)
        app = server.streamable_http_app()
        print(f"http://127.0.0.1:{listening.getsockname()[1]}/mcp", flush=True)
        uvicorn.Server(uvicorn.Config(app, log_level="warning")).run([listening])


if __name__ == "__main__":
    main()
