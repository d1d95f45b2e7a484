"""From a tool's arguments to a draft: handles resolved, ranges checked, inputs taken in, all in a normal form.

What may be there today and gone tomorrow, a voice or a file or a provider, is no part of that form. It is checked
only where something new is to be made: a repeated call finds its generation whatever has gone since.
"""

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import anyio

from soundstage.answering import answering
from soundstage.directory import AVATAR, CLONE, DELETE, SPEECH, Directory
from soundstage.generations.keeping import Hold
from soundstage.generations.record import UNFINISHED, Draft, State
from soundstage.generations.store import Store
from soundstage.media.assets import AssetFolder, unknown_asset
from soundstage.media.formats import MediaKind
from soundstage.media.intake import Intake
from soundstage.providers.port import AvatarWork, CloneWork, Provider, SpeechWork, Work
from soundstage.providers.profile import Fields as ProfileFields
from soundstage.wrong_kinds import no_audio, no_picture, no_voice, not_made
from soundstage_tools.arguments import LIMITS, checked
from soundstage_tools.envelopes import neutral
from soundstage_tools.errors import BadRequest, StudioError
from soundstage_tools.results import GenerationKind
from soundstage_tools.studio import CloneRequest, Consent, Fields, Repeat

FASTEST_CHARACTERS = 25
"""More of a text in a second than any voice says at its own speed: the local voices say 13 to 17."""

_ASSETS_URI = "soundstage://assets/"


Check = Callable[[], Awaitable[object]]
"""Refuses, with a StudioError, what cannot be made now."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A draft, and the `check` that comes before it is recorded, unless it joins what is there.

    A video's audio comes from the generation that it `awaits`, or from the speech that it `says`.
    """

    draft: Draft
    check: Check
    awaits: str = ""
    says: Draft | None = None


async def _is_there() -> None:
    """The check of what cannot have gone."""


@dataclass(frozen=True, slots=True)
class _Source:
    """A file, or the generation that makes it; both where it is made already. `check`: whether it is there yet."""

    path: Path | None = None
    awaits: str = ""
    check: Check = _is_there


class Drafting:
    """Makes drafts. All that can be refused is refused here or by their checks, before anything is recorded."""

    def __init__(self, directory: Directory, store: Store, assets: AssetFolder, intake: Intake) -> None:
        self._directory = directory
        self._store = store
        self._assets = assets
        self._intake = intake

    async def speech(self, voice_id: str, fields: Fields, repeat: Repeat) -> Asked:
        """The draft of a speech generation.

        Raises:
            StudioError: the handle of the voice, a field or the text is refused.
        """
        if voice_id.startswith("gen_"):
            raise no_voice(await self._store.get(voice_id))
        provider, voice = self._directory.speaker(voice_id)
        given = self._given(provider, SPEECH, fields)
        sent = _sent(provider, given)
        request = {"voice": voice, "fields": sent, "force_new": repeat.force_new}
        same = {"voice": voice, "fields": given.model_dump()}

        async def check() -> None:
            cloned_by = await self._cloner_of(provider, voice)
            await _check(provider, SpeechWork("", voice, sent, cloned_by, repeat.force_new))

        return Asked(_draft("speech", provider, request, same, repeat), check)

    async def voice_clone(
        self, audio: str, provider_name: str, fields: Fields, repeat: Repeat, consent: Consent, hold: Hold
    ) -> tuple[Asked, CloneRequest]:
        """The draft of a voice clone generation, and what is to be confirmed before it is recorded.

        Raises:
            StudioError: the provider or a field is refused, the sample is none, or nobody can confirm it.
        """
        provider = self._directory.cloner(provider_name)
        given = self._given(provider, CLONE, fields)
        consent.expect()
        heard = await self._audio(audio, hold)
        if heard.path is None:
            await heard.check()
            raise BadRequest(
                code="sample_not_ready",
                message="The speech that is to be the sample is still being made.",
                next_step="Follow it with get_generation_status, and clone it when it has succeeded.",
            )
        sent = _sent(provider, given)
        sample = str(heard.path)
        same = {"audio": sample, "fields": given.model_dump()}
        draft = _draft("voice_clone", provider, {"audio": sample, "fields": sent}, same, repeat)
        sent_to = "" if provider.profile.on_this_machine else provider.profile.title
        asked = CloneRequest(
            audio=audio,
            name=str(sent.get("name", "")),
            sent_to=sent_to,
            kept=bool(sent.get("keep_sample")),
            removable=DELETE in provider.profile.offers,
            fingerprint=draft.request_hash,
        )
        check = partial(_check, provider, CloneWork("", heard.path, sent), heard.check)
        return Asked(draft, check), asked

    async def avatar_video(
        self,
        *,
        image: str,
        audio: str,
        text: str,
        voice_id: str,
        model: str,
        fields: Fields,
        repeat: Repeat,
        hold: Hold,
    ) -> Asked:
        """The draft of an avatar video that says `audio`, or `text` with the voice `voice_id`.

        Raises:
            StudioError: the model, the handle of the voice, a field, the image or the audio is refused.
        """
        if bool(audio) == bool(text):
            raise BadRequest(
                code="audio_or_text",
                message="Give either audio or text, so that the portrait has one thing to say.",
                next_step="Send text, with a voice_id if you like, or audio.",
            )
        if audio and voice_id:
            raise BadRequest(
                code="voice_without_text",
                message="`voice_id` speaks `text`; with `audio` there is nothing for it to say.",
                next_step="Leave voice_id out, or send text in place of audio.",
            )
        provider, chosen = self._directory.animator(model)
        given = self._given(provider, AVATAR, fields)
        if chosen.needs_image and not image:
            raise BadRequest(
                code="image_required",
                message=f"`image` is required: {provider.profile.name}:{chosen.name} has no host of its own.",
                next_step="Send the portrait to animate.",
            )
        if chosen.longest_seconds and len(text) > FASTEST_CHARACTERS * chosen.longest_seconds:
            raise BadRequest(
                code="text_too_long",
                message=f"`text` has {len(text):,} characters: nobody says that in the "
                f"{chosen.longest_seconds:g} seconds that {provider.profile.name}:{chosen.name} takes.",
                next_step="Shorten it, or choose another model.",
            )
        # Its key is the video's own: the speech joins an equal one, which may be paid for already.
        said = await self.speech(voice_id, {"text": text}, replace(repeat, idempotency_key="")) if text else None
        says = said.draft if said else None
        heard = await self._audio(audio, hold) if audio else _Source()
        portrait = await self._image(image, hold)
        sent = _sent(provider, given)
        work = AvatarWork("", chosen.name, portrait.path, sent, audio=heard.path)
        spoken_of = said.check if said else heard.check
        check = partial(_check, provider, work, spoken_of, portrait.check)
        request = {
            "model": chosen.name,
            "image": str(portrait.path or ""),
            "audio": "" if heard.awaits else str(heard.path or ""),
            "fields": sent,
        }
        # Spoken anew, the same text is another generation; the video that is asked for is the same.
        spoken = says.request_hash if says else heard.awaits
        same = {**request, "fields": given.model_dump(), "says": spoken}
        if says and says.provider == provider.profile.name and provider.profile.speaks_inline:
            request["says"] = {**says.request, "request_hash": says.request_hash}
            says = None
        return Asked(_draft("avatar_video", provider, request, same, repeat), check, heard.awaits, says)

    def _given(self, provider: Provider, tool: str, fields: Fields) -> ProfileFields:
        """The fields in the provider's own terms, without those that say nothing.

        An empty text says nothing where the field may be left out, nor does a default where the provider lacks it.
        """
        profile, own = provider.profile, provider.profile.offers[tool].model_fields
        says_nothing = neutral(self._directory.offers()[tool])
        sent = {
            name: value
            for name, value in fields.items()
            if (value != "" or own[name].is_required() if name in own else value not in says_nothing.get(name, ()))
        }
        return checked(profile.offers[tool], sent, of=f"{profile.name}'s {tool}", code=LIMITS)

    async def _cloner_of(self, provider: Provider, voice: str) -> str:
        """The job of ours that cloned a voice on the account that is to speak with it; empty if there is none."""
        if not self._store.exists:
            return ""
        return await self._store.job_of_voice(f"{provider.profile.name}:{voice}", provider.profile.account)

    async def _audio(self, source: str, hold: Hold) -> _Source:
        if name := self._asset_name(source):
            asset = await self._store.asset(name)
            if asset is None:
                raise unknown_asset()
            if asset.role != "audio":
                raise no_audio(asset.role)
            return await self._spoken(asset.generation_id)
        if source.startswith("gen_"):
            return await self._spoken(source)
        return _Source(await self._taken(source, "audio", hold))

    async def _spoken(self, generation_id: str) -> _Source:
        record = await self._store.get(generation_id)
        if record.kind != "speech":
            raise no_audio(record.kind)
        if record.state in UNFINISHED:
            return _Source(awaits=generation_id)
        if record.state is not State.SUCCEEDED:
            return _Source(awaits=generation_id, check=partial(_refuse, not_made(record)))
        asset = next(asset for asset in record.assets if asset.role == "audio")
        return _Source(self._assets.path(asset), generation_id, partial(self._assets.found, asset))

    def _asset_name(self, source: str) -> str:
        if source.startswith(_ASSETS_URI):
            return source.removeprefix(_ASSETS_URI)
        return source if source.startswith("asset_") else self._assets.file_name(source)

    async def _image(self, source: str, hold: Hold) -> _Source:
        if not source:
            return _Source()
        if name := self._asset_name(source):
            asset = await self._store.asset(name)
            if asset is None:
                raise unknown_asset()
            if not asset.mime_type.startswith("image/"):
                raise no_picture(asset.role)
            return _Source(self._assets.path(asset), check=partial(self._assets.found, asset))
        if source.startswith("gen_"):
            raise no_picture((await self._store.get(source)).kind)
        return _Source(await self._taken(source, "image", hold))

    async def _taken(self, source: str, kind: MediaKind, hold: Hold) -> Path:
        while True:
            taken = await self._intake.take(source, kind)
            hold(taken.path)
            # Between the two another call may have let its copy go, which is the same.
            if await anyio.Path(taken.path).is_file():
                return taken.path


async def _check(provider: Provider, work: Work, *before: Check) -> None:
    for check in before:
        await check()
    with answering(provider):
        await provider.check(work)


async def _refuse(refusal: StudioError) -> None:
    raise refusal


def _sent(provider: Provider, given: ProfileFields) -> dict[str, object]:
    """The fields that were given, and what the settings say now in place of others: no other process's may."""
    settled = {name: value for name, value in provider.profile.settled.items() if name in type(given).model_fields}
    return {**settled, **given.model_dump(exclude_unset=True)}


def _draft(
    kind: GenerationKind,
    provider: Provider,
    request: Mapping[str, object],
    same: Mapping[str, object],
    repeat: Repeat,
) -> Draft:
    name = provider.profile.name
    # Who pays is no part of it: with another key than before, a repeat would order and pay once more.
    normal_form = json.dumps([kind, name, same], sort_keys=True)
    digest = hashlib.sha256(normal_form.encode()).hexdigest()
    return Draft(kind, name, request, digest, repeat.idempotency_key, provider.profile.account, repeat.force_new)
