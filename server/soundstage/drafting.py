"""From a tool's arguments to a draft: handles resolved, ranges checked, inputs taken in, all in a normal form."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from soundstage.directory import AVATAR, SPEECH, Directory
from soundstage.generations.record import Draft
from soundstage.generations.store import Store
from soundstage.media.assets import AssetFolder
from soundstage.media.intake import Intake
from soundstage.providers.port import SpeechWork
from soundstage_tools.arguments import checked
from soundstage_tools.errors import BadRequest, NotFound
from soundstage_tools.results import GenerationKind
from soundstage_tools.studio import Fields


@dataclass(frozen=True, slots=True)
class Heard:
    """The audio of a video: a file, or the generation that makes it."""

    path: str = ""
    awaits: str = ""


class Drafting:
    """Makes drafts. All that can be refused is refused here, before anything is recorded."""

    def __init__(self, directory: Directory, store: Store, assets: AssetFolder, intake: Intake) -> None:
        self._directory = directory
        self._store = store
        self._assets = assets
        self._intake = intake

    def speech(self, voice_id: str, fields: Fields, idempotency_key: str) -> Draft:
        """The draft of a speech generation.

        Raises:
            StudioError: the voice, a field or the text is refused.
        """
        provider, voice = self._directory.speaker(voice_id)
        profile = provider.profile
        given = checked(profile.offers[SPEECH], fields, of=f"{profile.name}'s {SPEECH}").model_dump()
        provider.check(SpeechWork("", voice, given))
        request = {"voice": voice, "fields": given}
        return _draft("speech", profile.name, request, request, idempotency_key)

    async def avatar_video(
        self, image: str, model: str, fields: Fields, heard: Heard, said: Draft | None, idempotency_key: str
    ) -> Draft:
        """The draft of an avatar video that says what is `heard`, or is yet to be `said`.

        Raises:
            StudioError: the model, a field or the image is refused.
        """
        provider, name = self._directory.animator(model)
        profile = provider.profile
        given = checked(profile.offers[AVATAR], fields, of=f"{profile.name}'s {AVATAR}").model_dump()
        request = {
            "model": name,
            "image": await self._image(image),
            "audio": heard.path,
            "fields": given,
        }
        # Spoken anew, the same text is another generation; the video that is asked for is the same.
        same = {**request, "says": said.request_hash if said else heard.awaits}
        return _draft("avatar_video", profile.name, request, same, idempotency_key)

    async def audio(self, source: str) -> Heard:
        """What `source` names: a speech generation, finished or not, one of its assets, or a file.

        Raises:
            StudioError: it names nothing that can be heard.
        """
        if name := self._asset_name(source):
            asset = await self._store.asset(name)
            if asset is None or asset.role != "audio":
                raise _is_not("audio", asset is None)
            return Heard(awaits=asset.generation_id)
        if source.startswith("gen_"):
            record = await self._store.get(source)
            if record.kind != "speech":
                raise _is_not("audio", unknown=False)
            return Heard(awaits=record.generation_id)
        taken = await self._intake.take(source, "audio")
        return Heard(path=str(taken.path))

    def _asset_name(self, source: str) -> str:
        return source if source.startswith("asset_") else self._assets.file_name(source)

    async def _image(self, source: str) -> str:
        if not source:
            return ""
        if name := self._asset_name(source):
            asset = await self._store.asset(name)
            if asset is None or not asset.mime_type.startswith("image/"):
                raise _is_not("a picture", asset is None)
            return str(self._assets.path(asset))
        taken = await self._intake.take(source, "image")
        return str(taken.path)


def _draft(
    kind: GenerationKind,
    provider: str,
    request: Mapping[str, object],
    same: Mapping[str, object],
    idempotency_key: str,
) -> Draft:
    normal_form = json.dumps([kind, provider, same], sort_keys=True)
    digest = hashlib.sha256(normal_form.encode()).hexdigest()
    return Draft(kind, provider, request, digest, idempotency_key)


def _is_not(what: str, unknown: bool) -> BadRequest | NotFound:
    if unknown:
        return NotFound(
            code="unknown_asset",
            message="No asset has this id on this machine.",
            next_step="Send an asset_id from the assets of a generation that has succeeded.",
        )
    return BadRequest(
        code="wrong_kind",
        message=f"This handle names something else than {what}.",
        next_step="Send the audio of a speech generation, or a portrait picture.",
    )
