"""The resources: providers and generations as JSON, and what was made as it is, each with its own MIME type."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from mcp.server import MCPServer
from mcp.server.lowlevel.helper_types import ReadResourceContents
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ResourceError, ResourceNotFoundError
from mcp.shared.exceptions import MCPError
from mcp.types import (
    INVALID_PARAMS,
    GetPromptResult,
    InputRequiredResult,
    Prompt,
    Resource,
    ResourceTemplate,
)
from pydantic import AnyUrl
from typing_extensions import override

from soundstage_tools import prompts
from soundstage_tools.asking import saying_how_to_go_on
from soundstage_tools.completion import completer
from soundstage_tools.errors import BadRequest, NotFound, StudioError
from soundstage_tools.studio import Studio

MAX_ASSET_BYTES = 20 * 10**6
"""The largest asset that is sent as a resource: a third more of it goes over the wire, all at once."""

TEMPLATES = (
    ResourceTemplate(
        uri_template="soundstage://assets/{asset_id}",
        name="asset",
        title="Asset",
        description="The audio, video or timings that a generation made, up to 20 MB.",
    ),
    ResourceTemplate(
        uri_template="soundstage://generations/{generation_id}",
        name="generation",
        title="Generation",
        description="A generation as get_generation_status tells it.",
        mime_type="application/json",
    ),
    ResourceTemplate(
        uri_template="soundstage://providers/{name}",
        name="provider",
        title="Provider",
        description="What a provider takes, in ranges of its own: arguments as JSON Schema, models, limits.",
        mime_type="application/json",
    ),
)

VARIABLES = {one.uri_template: one.uri_template.partition("{")[2].rstrip("}") for one in TEMPLATES}
"""By template, the name of what is to be put in."""

_URI = re.compile(r"soundstage://(assets|generations|providers)/([A-Za-z0-9_-]{1,100})", re.ASCII)


class StudioServer(MCPServer[Any]):
    """An MCP server that also serves the resources of a studio, prompts, and what completes their arguments.

    The SDK's own templates have one MIME type for all that they serve, which the assets do not, and its own
    prompts tell of a wrong argument as of a fault of the server.
    """

    def __init__(self, studio: Studio, name: str, **options: Any) -> None:
        super().__init__(name, **options)
        self._studio = studio
        # Around the SDK's own, which rejects some answers.
        self.middleware.insert(0, saying_how_to_go_on)
        self.completion()(completer(studio, VARIABLES))

    @override
    async def list_resources(self) -> list[Resource]:
        """Every provider. What was made is found with list_generations, and changes too often for a list."""
        return [
            Resource(
                uri=f"soundstage://providers/{name}",
                name=name,
                title=sheet.title,
                description=sheet.description,
                mime_type="application/json",
            )
            for name, sheet in self._studio.provider_sheets().items()
        ]

    @override
    async def list_resource_templates(self) -> list[ResourceTemplate]:
        """The forms that the URIs have."""
        return list(TEMPLATES)

    @override
    async def read_resource(
        self,
        uri: AnyUrl | str,
        context: Context[Any, Any] | None = None,
    ) -> Iterable[ReadResourceContents] | InputRequiredResult:
        """The content of a resource.

        Raises:
            ResourceNotFoundError: there is none of this URI.
            MCPError: it is too large.
            ResourceError: it cannot be read now.
        """
        try:
            if named := _URI.fullmatch(str(uri)):
                return [await self._read(named[1], named[2])]
            return await super().read_resource(uri, context)
        except ResourceNotFoundError:
            raise ResourceNotFoundError(
                "unknown_resource: No resource has this URI. With ids that the tools returned, read "
                f"{' or '.join(template.uri_template for template in TEMPLATES)}."
            ) from None
        except NotFound as unknown:
            raise ResourceNotFoundError(str(unknown)) from None
        except BadRequest as refusal:
            raise MCPError(INVALID_PARAMS, str(refusal), {"uri": str(uri)}) from None
        except StudioError as trouble:
            raise ResourceError(str(trouble)) from None

    @override
    async def list_prompts(self) -> list[Prompt]:
        """Every prompt."""
        return prompts.listed()

    @override
    async def get_prompt(
        self,
        name: str,
        arguments: Mapping[str, Any] | None = None,
        context: Context[Any, Any] | None = None,
    ) -> GetPromptResult | InputRequiredResult:
        """A prompt with its arguments in place.

        Raises:
            MCPError: there is none of this name, or an argument is missing or unknown.
        """
        return prompts.written(name, arguments or {})

    async def _read(self, kind: str, handle: str) -> ReadResourceContents:
        if kind == "providers":
            sheets = self._studio.provider_sheets()
            if handle not in sheets:
                raise NotFound(
                    code="unknown_provider",
                    message="No provider has this name.",
                    next_step=f"Read one of {', '.join(f'soundstage://providers/{name}' for name in sheets)}.",
                )
            return ReadResourceContents(sheets[handle].model_dump_json(exclude_none=True), "application/json")
        if kind == "generations":
            [generation] = await self._studio.generations([handle])
            return ReadResourceContents(generation.model_dump_json(exclude_none=True), "application/json")
        asset = await self._studio.asset(handle, MAX_ASSET_BYTES)
        is_text = asset.mime_type == "application/json"
        return ReadResourceContents(asset.content.decode() if is_text else asset.content, asset.mime_type)
