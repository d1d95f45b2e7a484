"""What a half-written argument of a prompt, or of a resource's URI, may become."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

import anyio
from mcp.shared.exceptions import MCPError
from mcp.types import (
    INVALID_PARAMS,
    Completion,
    CompletionArgument,
    CompletionContext,
    PromptReference,
    ResourceTemplateReference,
)

from soundstage_tools import clone_voice, synthesize_speech
from soundstage_tools.catalogue import name_of
from soundstage_tools.errors import StudioError
from soundstage_tools.prompts import PROMPTS, arguments_of
from soundstage_tools.studio import GenerationQuery, Studio, VoiceQuery

MAX_VALUES = 100
"""The most that the protocol has in one answer."""
ANSWER_SECONDS = 3.0
"""How long a provider may think about its voices: somebody is typing."""
NEWEST = 100
"""Among the assets of so many generations, the newest ones, an asset is looked for."""

_LONGEST = 200

Reference = PromptReference | ResourceTemplateReference
Completer = Callable[[Reference, CompletionArgument, CompletionContext | None], Awaitable[Completion]]
Find = Callable[[Studio, str], Awaitable[Completion]]


def completer(studio: Studio, templates: Mapping[str, str]) -> Completer:
    """Answers `completion/complete`. `templates`: by URI template, the name of its argument."""

    async def complete(
        reference: Reference, argument: CompletionArgument, _: CompletionContext | None
    ) -> Completion:
        completions = _known(reference, templates)
        if argument.name not in completions:
            raise MCPError(
                INVALID_PARAMS,
                f"unknown_argument: Nothing here has this argument. The prompts are {', '.join(PROMPTS)}; the "
                f"templates are {', '.join(templates)}.",
            )
        find = completions[argument.name]
        if find is None or len(argument.value) > _LONGEST:
            return _choice([])
        try:
            return await find(studio, argument.value)
        except StudioError:
            return _choice([])

    return complete


def _known(reference: Reference, templates: Mapping[str, str]) -> Mapping[str, Find | None]:
    """By argument of what `reference` names, how its values are found where they are limited in number."""
    if isinstance(reference, ResourceTemplateReference):
        names = [templates[reference.uri]] if reference.uri in templates else []
        return {name: _OF_TEMPLATES[name] for name in names}
    names = [one.name for one in arguments_of(PROMPTS[reference.name][1])] if reference.name in PROMPTS else []
    return {name: _OF_PROMPTS.get(name) for name in names}


async def _voices(studio: Studio, value: str) -> Completion:
    """Handles of voices that have `value` in their handle or their name."""
    asked = [offer.provider for offer in studio.offers()[name_of(synthesize_speech)]]
    found: dict[str, tuple[Sequence[str], int]] = {}

    async def ask(provider: str) -> None:
        query = VoiceQuery(provider=provider, search=value, limit=MAX_VALUES)
        with anyio.move_on_after(ANSWER_SECONDS):
            try:
                page = await studio.list_voices(query)
            except StudioError:
                return
            found[provider] = [voice.voice_id for voice in page.voices], page.total

    async with anyio.create_task_group() as tasks:
        for provider in asked:
            tasks.start_soon(ask, provider)
    answered = [found[provider] for provider in asked if provider in found]
    return _choice(
        [voice for voices, _ in answered for voice in voices], total=sum(total for _, total in answered)
    )


async def _providers(studio: Studio, value: str) -> Completion:
    return _choice([name for name in studio.provider_sheets() if name.lower().startswith(value.lower())])


async def _cloners(studio: Studio, value: str) -> Completion:
    offers = studio.offers()[name_of(clone_voice)]
    return _choice([offer.provider for offer in offers if offer.provider.lower().startswith(value.lower())])


async def _models(studio: Studio, value: str) -> Completion:
    sheets = [sheet for sheet in studio.provider_sheets().values() if sheet.configured]
    return _choice([one.model for sheet in sheets for one in sheet.models if value.lower() in one.model.lower()])


async def _generations(studio: Studio, value: str) -> Completion:
    """Ids of the newest generations that have `value` in their id, their voice or what they say."""
    page = await studio.list_generations(GenerationQuery(search=value, limit=MAX_VALUES))
    values = [one.generation_id for one in page.generations]
    return Completion(
        values=values, total=None if page.next_cursor else len(values), has_more=bool(page.next_cursor)
    )


async def _assets(studio: Studio, value: str) -> Completion:
    page = await studio.list_generations(GenerationQuery(status="succeeded", limit=NEWEST))
    generations = await studio.generations([one.generation_id for one in page.generations])
    assets = [asset for one in generations for asset in one.assets if not asset.gone]
    return _choice([asset.asset_id for asset in assets if asset.asset_id.startswith(value)])


_OF_PROMPTS: Mapping[str, Find] = {"voice_id": _voices, "model": _models, "provider": _cloners}
_OF_TEMPLATES: Mapping[str, Find] = {"name": _providers, "generation_id": _generations, "asset_id": _assets}


def _choice(values: Sequence[str], total: int | None = None) -> Completion:
    total = len(values) if total is None else total
    return Completion(values=list(values[:MAX_VALUES]), total=total, has_more=total > MAX_VALUES)
