"""The resources: generations as JSON, and what they made as it is, each with a MIME type of its own."""

import re
from collections.abc import Iterable
from typing import Any

from mcp.server import MCPServer
from mcp.server.lowlevel.helper_types import ReadResourceContents
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ResourceError, ResourceNotFoundError
from mcp.shared.exceptions import MCPError
from mcp.types import INVALID_PARAMS, InputRequiredResult, ResourceTemplate
from pydantic import AnyUrl

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
)

_URI = re.compile(r"soundstage://(assets|generations)/([A-Za-z0-9_-]{1,100})", re.ASCII)


class StudioServer(MCPServer[Any]):
    """An MCP server that also serves the resources of a studio.

    The SDK's own templates have one MIME type for all that they serve, which the assets do not.
    """

    def __init__(self, studio: Studio, name: str, **options: Any) -> None:
        super().__init__(name, **options)
        self._studio = studio

    async def list_resource_templates(self) -> list[ResourceTemplate]:
        """The forms that the URIs have."""
        return list(TEMPLATES)

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

    async def _read(self, kind: str, handle: str) -> ReadResourceContents:
        if kind == "generations":
            [generation] = await self._studio.generations([handle])
            return ReadResourceContents(generation.model_dump_json(exclude_none=True), "application/json")
        asset = await self._studio.asset(handle, MAX_ASSET_BYTES)
        is_text = asset.mime_type == "application/json"
        return ReadResourceContents(asset.content.decode() if is_text else asset.content, asset.mime_type)
