"""Who is there: providers, their voices and models, and the handles that name them."""

import logging
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager

import anyio

from soundstage.providers.port import Account, DeletesVoices, Provider, TellsAccount
from soundstage.providers.profile import Model
from soundstage_tools.errors import BadRequest, NotConfigured, NotFound, StudioError, Unavailable
from soundstage_tools.results import ProviderReport, ProviderSummary, Voice, VoicePage
from soundstage_tools.schemas import portable, range_words
from soundstage_tools.studio import Offer, VoiceQuery

SPEECH = "synthesize_speech"
CLONE = "clone_voice"
AVATAR = "create_avatar_video"
DELETE = "delete_voice"

logger = logging.getLogger(__name__)

_DOES = {SPEECH: "speak", CLONE: "clone voices", AVATAR: "make avatar videos", DELETE: "delete voices"}
FAULT = "Soundstage could not read its answer, a fault of ours: report it with the server's log."
ANSWER_SECONDS = 20.0
"""How long a listing waits for one provider: the others' answers must not wait for it longer."""


class Directory:
    """The providers of this server, by name, and what can be looked up among them."""

    def __init__(self, providers: Mapping[str, Provider]) -> None:
        self._providers = providers

    def offers(self) -> Mapping[str, list[Offer]]:
        """By tool, what each provider that serves it takes there; where none does, what each could take."""
        offers: dict[str, list[Offer]] = {}
        for tool in _DOES:
            could = [one.profile for one in self._providers.values() if tool in one.profile.offers]
            served = [profile for profile in could if tool in profile.serves]
            offers[tool] = [Offer(profile.name, profile.offers[tool]) for profile in served or could]
        return offers

    def speaker(self, voice_id: str) -> tuple[Provider, str]:
        """The provider that a voice handle names, and its own id for the voice.

        Raises:
            BadRequest: a bare id that several providers could own, or a provider that does not speak.
            NotFound: there is no such provider.
            NotConfigured: it is not set up.
        """
        if voice_id:
            return self._owner(voice_id, SPEECH, "voice_id")
        for provider in self._serving(SPEECH):
            if provider.profile.default_voice:
                return provider, provider.profile.default_voice
        raise BadRequest(
            code="voice_required",
            message="`voice_id` is required, as no provider here has a default voice.",
            next_step="Take one from list_voices.",
        )

    def animator(self, model: str) -> tuple[Provider, Model]:
        """The provider that a model handle names, and the model.

        Raises:
            BadRequest: a bare name that several providers could own, or a provider that makes no videos.
            NotFound: there is no such provider or model.
            NotConfigured: the provider is not set up.
        """
        if not model:
            provider = self._serving(AVATAR)[0]
            return provider, provider.profile.models[0]
        provider, name = self._owner(model, AVATAR, "model")
        for one in provider.profile.models:
            if name in {one.name, one.native_id}:
                return provider, one
        raise NotFound(
            code="unknown_model",
            message="No configured provider has this model.",
            next_step=f"Choose one of {', '.join(self._handles(AVATAR))}, or leave model empty.",
        )

    def cloner(self, name: str) -> Provider:
        """The provider of this name, or the only one there is, for cloning.

        Raises:
            BadRequest: several could be meant, or it clones no voices.
            NotFound: there is no such provider.
            NotConfigured: it is not set up.
        """
        if name:
            return self._named(name, CLONE, "provider")
        serving = self._serving(CLONE)
        if len(serving) > 1:
            raise BadRequest(
                code="provider_required",
                message="`provider` must be named, as several clone voices, and the sample is sent to it.",
                next_step=f"Send one of {', '.join(one.profile.name for one in serving)}.",
            )
        return serving[0]

    def remover(self, voice_id: str) -> tuple[DeletesVoices, str, str]:
        """The provider that can delete the voice of this handle, its own id for it, and the whole handle.

        Raises:
            StudioError: as `speaker` does.
        """
        provider, voice = self._owner(voice_id, DELETE, "voice_id")
        assert isinstance(provider, DeletesVoices), f"{provider.profile.name} serves {DELETE}"
        return provider, voice, f"{provider.profile.name}:{voice}"

    def _serving(self, tool: str) -> list[Provider]:
        serving = [provider for provider in self._providers.values() if tool in provider.profile.serves]
        if not serving:
            could = [one.profile for one in self._providers.values() if tool in one.profile.offers]
            how = "; ".join(f"{profile.name}: {', '.join(profile.missing)}" for profile in could)
            raise NotConfigured(
                code="not_configured",
                message=f"No provider that can {_DOES[tool]} is set up.",
                next_step=f"Any of these would do. {how}. list_providers tells more.",
            )
        return serving

    def _handles(self, tool: str) -> list[str]:
        """What may be sent to name each provider that serves `tool`."""
        names = [(one.profile, one.profile.name) for one in self._serving(tool)]
        if tool == AVATAR:
            return [f"{name}:{model.name}" for profile, name in names for model in profile.models]
        return [name if tool == CLONE else f"{name}:…" for _, name in names]

    def _owner(self, handle: str, tool: str, argument: str) -> tuple[Provider, str]:
        name, colon, bare = handle.partition(":")
        if colon:
            return self._named(name, tool, argument), bare
        serving = self._serving(tool)
        if len(serving) == 1:
            return serving[0], handle
        raise BadRequest(
            code="ambiguous_handle",
            message=f"`{argument}` must name its provider, as several are set up.",
            next_step=f"Send it as one of {', '.join(self._handles(tool))}",
        )

    def _named(self, name: str, tool: str, argument: str) -> Provider:
        provider = self._providers.get(name)
        if provider is None:
            raise NotFound(
                code="unknown_provider",
                message=f"`{argument}` names a provider that is not known here.",
                next_step=f"Send one of {', '.join(self._handles(tool))}. Call list_voices or list_providers.",
            )
        profile = provider.profile
        if tool in profile.serves:
            return provider
        if tool in profile.offers:
            raise NotConfigured(
                code="not_configured",
                message=f"{profile.title} is not set up to {_DOES[tool]}.",
                next_step="; ".join(profile.missing) + ".",
            )
        able = [one.profile.name for one in self._providers.values() if tool in one.profile.offers]
        choose = f" Send `{argument}` as one of {', '.join(self._handles(tool))}."
        ready = any(tool in one.profile.serves for one in self._providers.values())
        raise BadRequest(
            code="not_supported",
            message=f"{profile.title} does not {_DOES[tool]}. These do: {', '.join(able)}.",
            next_step=(choose if ready else " Call list_providers to see how to set one up.").strip(),
        )

    async def voices(self, query: VoiceQuery) -> VoicePage:
        """A page of the voices that match; a provider that fails is a warning."""
        asked = self._asked(query.provider)
        start = _start(query.cursor)
        lists: dict[str, Sequence[Voice]] = {}
        warnings: dict[str, str] = {}

        async def ask(one: Provider) -> None:
            try:
                with answering(one):
                    lists[one.profile.name] = await one.list_voices()
            except StudioError as error:
                warnings[one.profile.name] = f"{one.profile.name}: {error.message} {error.next_step}"
            except Exception:
                logger.exception("%s broke the list of voices", one.profile.name)
                warnings[one.profile.name] = f"{one.profile.name}: {FAULT}"

        async with anyio.create_task_group() as tasks:
            for one in asked:
                tasks.start_soon(ask, one)
        found = [voice for one in asked for voice in lists.get(one.profile.name, ())]
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
            warnings=[warnings[one.profile.name] for one in asked if one.profile.name in warnings],
        )

    def _asked(self, name: str) -> Sequence[Provider]:
        return [self._named(name, SPEECH, "provider")] if name else self._serving(SPEECH)

    async def report(self) -> ProviderReport:
        """What is set up, what it can do, and what is missing."""
        summaries: dict[str, ProviderSummary] = {}

        async def ask(name: str, one: Provider) -> None:
            summaries[name] = await _summary(one)

        async with anyio.create_task_group() as tasks:
            for name, one in self._providers.items():
                tasks.start_soon(ask, name, one)
        return ProviderReport(providers=[summaries[name] for name in self._providers])


@contextmanager
def answering(provider: Provider) -> Generator[None]:
    """Give a provider its time to answer a question that a call waits for.

    Raises:
        Unavailable: it did not.
    """
    try:
        with anyio.fail_after(ANSWER_SECONDS):
            yield
    except TimeoutError:
        raise Unavailable(
            code="provider_silent",
            message=f"{provider.profile.title} did not answer within {ANSWER_SECONDS:g} seconds.",
            next_step="Try again later.",
        ) from None


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
    voices, account, missing = 0, Account(), list(profile.missing)
    if profile.configured:
        try:
            with answering(provider):
                voices = len(await provider.list_voices()) if SPEECH in profile.serves else 0
                account = await provider.account() if isinstance(provider, TellsAccount) else account
        except StudioError as error:
            missing.append(f"{error.message} {error.next_step}")
        except Exception:
            logger.exception("%s broke the report", profile.name)
            missing.append(FAULT)
    return ProviderSummary(
        provider=profile.name,
        configured=profile.configured,
        description=profile.description,
        tools=[tool for tool in profile.offers if tool in profile.serves],
        models=[f"{profile.name}:{model.name}" for model in profile.models] if AVATAR in profile.serves else [],
        voices=voices,
        default_voice_id=f"{profile.name}:{profile.default_voice}" if profile.default_voice else None,
        cost=profile.cost,
        prices=list(account.prices),
        left=account.left or None,
        missing=missing,
    )
