"""The tools as data: each coroutine becomes an MCP tool, narrowed to the configured providers.

A tool is a file with a `TITLE`, `ANNOTATIONS`, `PROMISES` and one coroutine named like the file. Its docstring is
the description, its parameters the arguments, its promises what the published schema tells of its result.
`studio`, `on_progress` and `user` are given by the server and unseen by the model; `**fields` stands for what the
providers' profiles offer to that tool.
"""

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import ModuleType
from typing import Any, cast

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.tools import Tool
from mcp.server.mcpserver.utilities.func_metadata import ArgModelBase, FuncMetadata
from mcp.types import CallToolResult, InputRequiredResult, TextContent
from pydantic import BaseModel, ConfigDict, create_model

from soundstage_tools import (
    cancel_generation,
    clone_voice,
    create_avatar_video,
    delete_voice,
    get_generation_status,
    list_generations,
    list_providers,
    list_voices,
    synthesize_speech,
)
from soundstage_tools.arguments import checked
from soundstage_tools.asking import Unanswered, User
from soundstage_tools.envelopes import offered
from soundstage_tools.errors import StudioError
from soundstage_tools.results import Generation, Result
from soundstage_tools.schemas import Schema, argument, portable, promised
from soundstage_tools.studio import Fields, Offer, OnProgress, Studio
from soundstage_tools.summaries import summary

CATALOGUE: tuple[ModuleType, ...] = (
    list_voices,
    synthesize_speech,
    clone_voice,
    create_avatar_video,
    get_generation_status,
    list_generations,
    cancel_generation,
    delete_voice,
    list_providers,
)

_UNSEEN = {"studio", "on_progress", "user"}
_CLIENTS_OWN = {"wait_for_previous"}
"""What a client adds to every tool for itself, and sends along: Gemini CLI orders its calls by it."""
_STRICT = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, hide_input_in_errors=True)

ToolCoroutine = Callable[..., Awaitable[Result]]


class _RawArguments(ArgModelBase):
    """Hands the arguments on as they came: the SDK would coerce types and drop unknown names."""

    model_config = ConfigDict(extra="allow")

    def model_dump_one_level(self) -> dict[str, Any]:
        return {"arguments": self.model_extra or {}}


def name_of(module: ModuleType) -> str:
    """The tool's name, which is that of its file."""
    return module.__name__.rpartition(".")[2]


def tools(studio: Studio) -> list[Tool]:
    """Every tool, ready for the server. One that no configured provider serves says how to set one up."""
    offers = studio.offers()
    return [_tool(module, studio, offers.get(name_of(module), [])) for module in CATALOGUE]


def _tool(module: ModuleType, studio: Studio, offers: list[Offer]) -> Tool:
    name = name_of(module)
    coroutine = cast("ToolCoroutine", getattr(module, name))
    own = _own_arguments(coroutine)
    properties, required = offered(offers)
    arguments = create_model(
        f"{name}_arguments",
        __base__=own,
        **cast(
            "dict[str, Any]",
            {
                field: (argument(schema), ... if field in required else schema.get("default"))
                for field, schema in properties.items()
            },
        ),
    )
    result = cast("type[Result]", inspect.signature(coroutine, eval_str=True).return_annotation)
    return Tool(
        fn=_handler(name, coroutine, studio, arguments, set(properties), required),
        name=name,
        title=module.TITLE,
        description=_description(coroutine),
        parameters=_input_schema(portable(own), properties, required),
        fn_metadata=FuncMetadata(
            arg_model=_RawArguments, output_schema=promised(portable(result), module.PROMISES)
        ),
        is_async=True,
        context_kwarg="context",
        annotations=module.ANNOTATIONS,
    )


def _description(coroutine: ToolCoroutine) -> str:
    paragraphs = (inspect.getdoc(coroutine) or "").split("\n\n")
    return "\n".join(paragraph.replace("\n", " ") for paragraph in paragraphs)


def _own_arguments(coroutine: ToolCoroutine) -> type[BaseModel]:
    parameters = inspect.signature(coroutine, eval_str=True).parameters.values()
    fields: dict[str, Any] = {
        p.name: (p.annotation, ... if p.default is p.empty else p.default)
        for p in parameters
        if p.name not in _UNSEEN and p.kind is not p.VAR_KEYWORD
    }
    return create_model(f"{coroutine.__name__}_own", __config__=_STRICT, **fields)


def _input_schema(own: Schema, properties: Schema, required: list[str]) -> Schema:
    together = {**own.get("properties", {}), **properties}
    needed = required + own.get("required", [])
    ordered = {name: _published(together[name]) for name in dict.fromkeys([*needed, *together])}
    schema: Schema = {"type": "object", "properties": ordered}
    return {**schema, "required": needed} if needed else schema


def _published(field: Schema) -> Schema:
    """Without a default that is nothing: no text, no list, false or 0."""
    return {key: value for key, value in field.items() if key != "default" or value}


def _handler(
    name: str,
    coroutine: ToolCoroutine,
    studio: Studio,
    model: type[BaseModel],
    offered_names: set[str],
    required: list[str],
) -> Callable[..., Awaitable[CallToolResult | InputRequiredResult]]:
    takes = inspect.signature(coroutine).parameters

    async def handle(
        arguments: Mapping[str, object], context: Context[Any, Any]
    ) -> CallToolResult | InputRequiredResult:
        try:
            own = {field: value for field, value in arguments.items() if field not in _CLIENTS_OWN}
            values = checked(model, own, of=name)
            given: Fields = {
                field: getattr(values, field)
                for field in type(values).model_fields
                if field not in offered_names
                or (field in values.model_fields_set and (field in required or getattr(values, field) != ""))
            }
            unseen: dict[str, object] = {
                "studio": studio,
                "on_progress": _progress_of(context),
                "user": User(context),
            }
            result = await coroutine(**{name: unseen[name] for name in unseen if name in takes}, **given)
        except Unanswered as question:
            return question.result
        except StudioError as refusal:
            return CallToolResult(is_error=True, content=[TextContent(type="text", text=_told(refusal))])
        return CallToolResult(
            content=[TextContent(type="text", text=summary(result))],
            structured_content=result.model_dump(mode="json", exclude_none=True),
        )

    return handle


def _told(refusal: StudioError) -> str:
    return str(refusal) if refusal.may_be_charged else f"{refusal} Nothing was charged for this call."


def _progress_of(context: Context[Any, Any]) -> OnProgress:
    """Tells the client how far the generations are; the protocol wants each value above the one before."""
    told = -1.0

    async def on_progress(generations: Sequence[Generation]) -> None:
        nonlocal told
        share = round(sum(one.progress for one in generations) / len(generations), 3)
        if share <= told:
            return
        told = share
        etas = [one.eta_seconds for one in generations if one.eta_seconds is not None]
        left = f", about {max(etas):.0f} s left" if etas else ""
        ended = sum(one.finished for one in generations)
        doing = generations[0].status if len(generations) == 1 else f"{ended} of {len(generations)} ended"
        await context.report_progress(told, 1.0, f"{doing}{left}")

    return on_progress
