"""What is told of the providers: their voices in pages, and what each can do, costs and lacks."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import anyio

from soundstage.answering import answering
from soundstage.directory import AVATAR, SPEECH, Directory
from soundstage.providers.languages import UNKNOWN, as_tag
from soundstage.providers.port import Account, Provider, TellsAccount, VoiceList
from soundstage_tools.errors import BadRequest, StudioError
from soundstage_tools.results import ProviderReport, ProviderSummary, Voice, VoicePage
from soundstage_tools.schemas import portable, range_words
from soundstage_tools.studio import VoiceQuery

_MOST_LANGUAGES = 8


async def voices(directory: Directory, query: VoiceQuery) -> VoicePage:
    """A page of the voices that match; a provider that fails is a warning.

    Raises:
        StudioError: the provider or the cursor is refused.
    """
    asked = directory.speaking(query.provider)
    start = _start(query.cursor)
    lists: dict[str, Sequence[Voice]] = {}
    warnings: dict[str, Sequence[str]] = {}

    async def ask(one: Provider) -> None:
        name = one.profile.name
        try:
            with answering(one):
                told = await one.list_voices()
            lists[name], warnings[name] = told.voices, told.warnings
        except StudioError as error:
            warnings[name] = [f"{error.message} {error.next_step}"]

    async with anyio.create_task_group() as tasks:
        for one in asked:
            tasks.start_soon(ask, one)
    found = [voice for one in asked for voice in lists.get(one.profile.name, ())]
    wanted = [voice for voice in found if _matches(voice, query)]
    end = start + query.limit
    return VoicePage(
        voices=wanted[start:end],
        total=len(wanted),
        takes=[_takes(one) for one in asked],
        next_cursor=str(end) if end < len(wanted) else None,
        warnings=[
            *(f"{name}: {words}" for name in (one.profile.name for one in asked) for words in warnings[name]),
            *(() if wanted else _unspoken(found, query)),
        ],
    )


async def report(directory: Directory) -> ProviderReport:
    """What is set up, what it can do, and what is missing."""
    summaries: dict[str, ProviderSummary] = {}

    async def ask(one: Provider) -> None:
        summaries[one.profile.name] = await _summary(one)

    async with anyio.create_task_group() as tasks:
        for one in directory.all():
            tasks.start_soon(ask, one)
    return ProviderReport(providers=[summaries[one.profile.name] for one in directory.all()])


def _start(cursor: str) -> int:
    if not cursor:
        return 0
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 10):
        raise BadRequest(
            code="unknown_cursor",
            message="`cursor` is not one that list_voices returned.",
            next_step="Send next_cursor of the page before, or leave it empty to begin anew.",
        )
    return int(cursor)


def _matches(voice: Voice, query: VoiceQuery) -> bool:
    return (
        _speaks(voice, query.language)
        and query.gender in ("", voice.gender)
        and query.kind in ("", voice.kind)
        and query.search.lower() in f"{voice.voice_id} {voice.name}".lower()
    )


def _speaks(voice: Voice, language: str) -> bool:
    spoken, wanted = voice.language.lower(), as_tag(language)
    return not wanted or spoken == wanted or spoken.startswith(wanted + "-")


def _unspoken(found: Sequence[Voice], query: VoiceQuery) -> list[str]:
    """What to ask for where no voice of those found speaks the language of the query."""
    if not (found and query.language):
        return []
    others = [voice for voice in found if _matches(voice, replace(query, language=""))]
    if not others:
        return ["No voice matches, whatever its language. Leave out some of kind, gender and search."]
    near = as_tag(query.language).partition("-")[0]
    counted = Counter(voice.language for voice in others if voice.language != UNKNOWN).most_common()
    tags = [tag for tag, _ in sorted(counted, key=lambda one: one[0].lower().partition("-")[0] != near)]
    more = f" and {len(tags) - _MOST_LANGUAGES} more" if len(tags) > _MOST_LANGUAGES else ""
    spoken = (
        f" They speak {', '.join(tags[:_MOST_LANGUAGES])}{more}: send one of these as language." if tags else ""
    )
    return [f"No voice that matches is known to speak this language.{spoken}"]


def _takes(provider: Provider) -> str:
    properties = portable(provider.profile.offers[SPEECH])["properties"]
    ranges = [f"{name} {range_words(field)}".strip() for name, field in properties.items()]
    return f"{provider.profile.name}: {'; '.join(ranges)}"


async def _summary(provider: Provider) -> ProviderSummary:
    profile = provider.profile
    count, account, trouble, missing = 0, Account(), "", list(profile.missing)
    if profile.configured:
        try:
            with answering(provider):
                told = await provider.list_voices() if SPEECH in profile.serves else VoiceList(())
                count = len(told.voices)
                missing += told.warnings
                account = await provider.account() if isinstance(provider, TellsAccount) else account
        except StudioError as error:
            trouble = f"{error.message} {error.next_step}"
    return ProviderSummary(
        provider=profile.name,
        configured=profile.configured,
        trouble=trouble or None,
        description=profile.description,
        tools=[tool for tool in profile.offers if tool in profile.serves],
        models=[f"{profile.name}:{model.name}" for model in profile.models] if AVATAR in profile.serves else [],
        voices=count,
        default_voice_id=f"{profile.name}:{profile.default_voice}" if profile.default_voice else None,
        cost=profile.cost,
        prices=list(account.prices),
        left=account.left or None,
        missing=missing,
    )
