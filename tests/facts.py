"""Reading what a tool call returned."""

from typing import Any, cast

from mcp import Client
from mcp.types import CallToolResult, TextContent


def text_of(result: CallToolResult) -> str:
    """The text that the model reads."""
    return "\n".join(block.text for block in result.content if isinstance(block, TextContent))


def facts_of(result: CallToolResult) -> dict[str, Any]:
    """The structured result of a call that was served."""
    assert not result.is_error, text_of(result)
    return cast("dict[str, Any]", result.structured_content)


async def called(client: Client, tool: str, **arguments: object) -> dict[str, Any]:
    """Call a tool that serves, and return its structured result."""
    return facts_of(await client.call_tool(tool, arguments))


async def refusal(client: Client, tool: str, **arguments: object) -> str:
    """Call a tool that refuses, and return the words."""
    result = await client.call_tool(tool, arguments)
    assert result.is_error, result.structured_content
    assert result.structured_content is None
    return text_of(result)


async def finished(client: Client, generation: dict[str, Any]) -> dict[str, Any]:
    """The generation once it has come to its end."""
    while generation["status"] in {"queued", "processing"}:
        generation = await called(
            client, "get_generation_status", generation_id=generation["generation_id"], wait_seconds=50
        )
    return generation
