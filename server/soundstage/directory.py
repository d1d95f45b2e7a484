"""Who is there: providers, their voices and models, and the handles that name them."""

from collections.abc import Mapping, Sequence

from soundstage.providers.port import Provider
from soundstage_tools.errors import BadRequest, NotConfigured, NotFound, StudioError
from soundstage_tools.results import ProviderReport, ProviderSummary, Voice, VoicePage
from soundstage_tools.schemas import portable, range_words
from soundstage_tools.studio import Offer, VoiceQuery

SPEECH = "synthesize_speech"
AVATAR = "create_avatar_video"


class Directory:
    """The providers of this server, by name, and what can be looked up among them."""

    def __init__(self, providers: Mapping[str, Provider]) -> None:
        self._providers = providers

    def offers(self) -> Mapping[str, list[Offer]]:
        """By tool, what each configured provider takes there."""
        offers: dict[str, list[Offer]] = {}
        for provider in self._providers.values():
            for tool, fields in provider.profile.offers.items():
                offers.setdefault(tool, []).append(Offer(provider.profile.name, fields))
        return offers

    def speaker(self, voice_id: str) -> tuple[Provider, str]:
        """The provider that a voice handle names, and its own id for the voice.

        Raises:
            BadRequest: a bare id that several providers could own.
            NotFound: no configured provider of that name speaks.
        """
        if not voice_id:
            for provider in self._serving(SPEECH):
                if provider.profile.default_voice:
                    return provider, provider.profile.default_voice
        return self._owner(voice_id, SPEECH, "voice_id")

    def animator(self, model: str) -> tuple[Provider, str]:
        """The provider that a model handle names, and its own id for the model.

        Raises:
            BadRequest: a bare id that several providers could own.
            NotFound: no configured provider has this model.
        """
        if not model:
            provider = self._serving(AVATAR)[0]
            return provider, provider.profile.models[0]
        provider, name = self._owner(model, AVATAR, "model")
        if name not in provider.profile.models:
            handles = [f"{p.profile.name}:{m}" for p in self._serving(AVATAR) for m in p.profile.models]
            raise NotFound(
                code="unknown_model",
                message="No configured provider has this model.",
                next_step=f"Choose one of {', '.join(handles)}, or leave model empty.",
            )
        return provider, name

    def _serving(self, tool: str) -> list[Provider]:
        serving = [provider for provider in self._providers.values() if tool in provider.profile.offers]
        if not serving:
            raise NotConfigured(
                code="not_configured",
                message=f"No provider that serves {tool} is set up.",
                next_step="Call list_providers to see what is missing and how to add it.",
            )
        return serving

    def _owner(self, handle: str, tool: str, argument: str) -> tuple[Provider, str]:
        serving = self._serving(tool)
        name, colon, bare = handle.partition(":")
        if colon:
            for provider in serving:
                if provider.profile.name == name:
                    return provider, bare
        elif len(serving) == 1:
            return serving[0], handle
        choices = ", ".join(f"{provider.profile.name}:…" for provider in serving)
        if not colon:
            raise BadRequest(
                code="ambiguous_handle",
                message=f"`{argument}` must name its provider, as several are set up.",
                next_step=f"Send it as one of {choices}",
            )
        raise NotFound(
            code="unknown_provider",
            message=f"`{argument}` names a provider that is not set up for {tool}.",
            next_step=f"Handles begin with one of {choices}. Call list_voices or list_providers.",
        )

    async def voices(self, query: VoiceQuery) -> VoicePage:
        """A page of the voices that match; a provider that fails is a warning."""
        asked = self._asked(query.provider)
        start = _start(query.cursor)
        found: list[Voice] = []
        warnings: list[str] = []
        for one in asked:
            try:
                found += await one.list_voices()
            except StudioError as error:
                warnings.append(f"{one.profile.name}: {error.message} {error.next_step}")
        wanted = [
            voice
            for voice in found
            if _speaks(voice, query.language)
            and query.gender in ("", voice.gender)
            and query.kind in ("", voice.kind)
            and query.search.lower() in f"{voice.voice_id} {voice.name}".lower()
        ]
        end = start + query.limit
        return VoicePage(
            voices=wanted[start:end],
            total=len(wanted),
            takes=[_takes(one) for one in asked],
            next_cursor=str(end) if end < len(wanted) else None,
            warnings=warnings,
        )

    def _asked(self, name: str) -> Sequence[Provider]:
        speaking = self._serving(SPEECH)
        if not name:
            return speaking
        named = [provider for provider in speaking if provider.profile.name == name]
        if not named:
            raise NotFound(
                code="unknown_provider",
                message="No provider of this name is set up.",
                next_step=f"Choose one of {', '.join(p.profile.name for p in speaking)}, or leave it empty.",
            )
        return named

    async def report(self) -> ProviderReport:
        """What is set up, what it can do, and what is missing."""
        return ProviderReport(providers=[await _summary(one) for one in self._providers.values()])


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


def _speaks(voice: Voice, language: str) -> bool:
    spoken, wanted = voice.language.lower(), language.lower()
    return not wanted or spoken == wanted or spoken.startswith(wanted + "-")


def _takes(provider: Provider) -> str:
    properties = portable(provider.profile.offers[SPEECH])["properties"]
    ranges = [f"{name} {range_words(field)}".strip() for name, field in properties.items()]
    return f"{provider.profile.name}: {'; '.join(ranges)}"


async def _summary(provider: Provider) -> ProviderSummary:
    profile = provider.profile
    voices, missing = 0, list(profile.missing)
    try:
        voices = len(await provider.list_voices()) if SPEECH in profile.offers else 0
    except StudioError as error:
        missing.append(f"{error.message} {error.next_step}")
    return ProviderSummary(
        provider=profile.name,
        configured=profile.configured,
        description=profile.description,
        tools=list(profile.offers),
        models=[f"{profile.name}:{model}" for model in profile.models] if AVATAR in profile.offers else [],
        voices=voices,
        default_voice_id=f"{profile.name}:{profile.default_voice}" if profile.default_voice else None,
        cost=profile.cost,
        missing=missing,
    )
