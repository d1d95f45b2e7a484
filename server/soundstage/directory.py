"""Who is there: providers and their models, and the handles that name them."""

from collections.abc import Mapping, Sequence

from soundstage.providers.port import DeletesVoices, Provider
from soundstage.providers.profile import Model
from soundstage_tools.errors import BadRequest, NotConfigured, NotFound
from soundstage_tools.studio import Offer

SPEECH = "synthesize_speech"
CLONE = "clone_voice"
AVATAR = "create_avatar_video"
DELETE = "delete_voice"

_DOES = {SPEECH: "speak", CLONE: "clone voices", AVATAR: "make avatar videos", DELETE: "delete voices"}


class Directory:
    """The providers of this server, and which of them is meant."""

    def __init__(self, providers: Mapping[str, Provider]) -> None:
        self._providers = providers

    def all(self) -> Sequence[Provider]:
        """Every provider, set up or not."""
        return list(self._providers.values())

    def unknown(self) -> NotFound:
        """The refusal of a name that no provider has, nor any generation of the past."""
        return NotFound(
            code="unknown_provider",
            message="`provider` names one that is not known here, and with which nothing was made.",
            next_step=f"Send one of {', '.join(self._providers)}, or leave provider empty for all.",
        )

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
            BadRequest: a bare name that several providers' models have, or a provider that makes no videos.
            NotFound: there is no such provider or model.
            NotConfigured: the provider is not set up.
        """
        if not model:
            provider = self._serving(AVATAR)[0]
            return provider, provider.profile.models[0]
        owner, colon, bare = model.partition(":")
        asked = [self._named(owner, AVATAR, "model")] if colon else self._serving(AVATAR)
        name = bare if colon else model
        meant = [
            (provider, one)
            for provider in asked
            for one in provider.profile.models
            if name in {one.name, one.native_id or one.name}
        ]
        if len(meant) > 1:
            raise _ambiguous("model", [f"{provider.profile.name}:{one.name}" for provider, one in meant])
        if not meant:
            raise NotFound(
                code="unknown_model",
                message="No configured provider has this model.",
                next_step=f"Choose one of {', '.join(self._handles(AVATAR, 'model'))}, or leave model empty.",
            )
        return meant[0]

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

    def speaking(self, name: str) -> Sequence[Provider]:
        """The provider of this name, or all that speak.

        Raises:
            StudioError: as `cloner` does; NotConfigured where none speaks.
        """
        return [self._named(name, SPEECH, "provider")] if name else self._serving(SPEECH)

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

    def _handles(self, tool: str, argument: str) -> list[str]:
        """What may be sent as `argument` to name each provider that serves `tool`."""
        profiles = [one.profile for one in self._serving(tool)]
        match argument:
            case "provider":
                return [profile.name for profile in profiles]
            case "model":
                return [f"{profile.name}:{model.name}" for profile in profiles for model in profile.models]
            case _:
                return [f"{profile.name}:…" for profile in profiles]

    def _owner(self, handle: str, tool: str, argument: str) -> tuple[Provider, str]:
        name, colon, bare = handle.partition(":")
        if colon:
            return self._named(name, tool, argument), bare
        serving = self._serving(tool)
        if len(serving) == 1:
            return serving[0], handle
        raise _ambiguous(argument, self._handles(tool, argument))

    def _named(self, name: str, tool: str, argument: str) -> Provider:
        provider = self._providers.get(name)
        if provider is None:
            raise NotFound(
                code="unknown_provider",
                message=f"`{argument}` names a provider that is not known here.",
                next_step=f"Send one of {', '.join(self._handles(tool, argument))}."
                " Call list_voices or list_providers.",
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
        if tool == DELETE:
            # The voice is at this provider: that others delete theirs is no way out.
            raise BadRequest(
                code="not_supported",
                message=f"{profile.title} lets nobody delete voices from here.",
                next_step=f"Leave it, and tell the user that they can remove it in {profile.title}'s own app.",
            )
        able = [one.profile.name for one in self._providers.values() if tool in one.profile.offers]
        choose = f" Send `{argument}` as one of {', '.join(self._handles(tool, argument))}."
        ready = any(tool in one.profile.serves for one in self._providers.values())
        raise BadRequest(
            code="not_supported",
            message=f"{profile.title} does not {_DOES[tool]}. These do: {', '.join(able)}.",
            next_step=(choose if ready else " Call list_providers to see how to set one up.").strip(),
        )


def _ambiguous(argument: str, handles: Sequence[str]) -> BadRequest:
    return BadRequest(
        code="ambiguous_handle",
        message=f"`{argument}` must name its provider, as several could have it.",
        next_step=f"Send it as one of {', '.join(handles)}.",
    )
