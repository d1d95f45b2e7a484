"""All that is known of one provider, as the resource that shows it holds it."""

from typing import Annotated, Any

from pydantic import Field

from soundstage_tools.results import Result


class ToolSheet(Result):
    """What a provider takes in one tool, in ranges of its own: those of the tool's schema may be wider."""

    tool: str
    ready: Annotated[bool, Field(description="whether it serves the tool with these settings")]
    arguments: Annotated[dict[str, Any], Field(description="JSON Schema of the arguments that are its own")]


class ModelSheet(Result):
    """A model that animates portraits."""

    model: Annotated[str, Field(description="handle for create_avatar_video")]
    description: str
    native_id: str | None = None
    longest_seconds: Annotated[float | None, Field(description="of audio")] = None
    needs_image: bool


class ProviderSheet(Result):
    """A provider: what it is, what it takes, and what it lacks."""

    provider: str
    title: str
    description: str
    cost: str
    configured: bool
    missing: Annotated[list[str], Field(description="what is not there, and how to add it")]
    on_this_machine: Annotated[bool, Field(description="nothing that it is given leaves this machine")]
    default_voice_id: str | None = None
    tools: list[ToolSheet]
    models: list[ModelSheet]
    jobs_at_once: Annotated[int | None, Field(description="more wait their turn")] = None
    longest_job_seconds: Annotated[float, Field(description="after so long a job is given up")]
