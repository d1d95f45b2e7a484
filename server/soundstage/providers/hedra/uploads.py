"""The pictures and the sounds that Hedra is to work with, uploaded before they are ordered with."""

from pathlib import Path

import anyio

from soundstage.http.api import Api
from soundstage.providers.hedra import answers
from soundstage.providers.hedra.profile import AUDIO_TYPES, MAX_FILE_BYTES, TITLE
from soundstage.providers.reading import unreadable
from soundstage.providers.remote import JobFolders
from soundstage.sound import joined
from soundstage_tools.errors import BadRequest

MOST_REMEMBERED = 100


class Uploads:
    """Uploads files, and remembers what is there. A file of ours never changes, and is uploaded once."""

    def __init__(self, api: Api, folders: JobFolders) -> None:
        self._api = api
        self._folders = folders
        self._uploaded: dict[tuple[str, Path], str] = {}

    def forget(self) -> None:
        """Upload everything anew: some of it may be there no more."""
        self._uploaded.clear()

    async def sound(self, generation_id: str, audio: Path, name: str) -> str:
        """The id of the asset that holds the sound, in a form that Hedra reads.

        Raises:
            BadRequest: it is too large in any such form.
            StudioError: not now.
        """
        size = (await anyio.Path(audio).stat()).st_size
        if audio.suffix in AUDIO_TYPES and size <= MAX_FILE_BYTES:
            return await self.file("audio", audio, f"{name}{audio.suffix}")
        converted = await self._folders.make(generation_id) / f"{name}.mp3"
        try:
            [seconds] = await joined([audio], converted)
            await _check_size(converted, seconds)
            return await self.file("audio", converted, converted.name)
        finally:
            with anyio.CancelScope(shield=True):
                await self._folders.remove(generation_id)

    async def file(self, kind: str, file: Path, name: str) -> str:
        """The id of the asset that holds the file."""
        if found := self._uploaded.get((kind, file)):
            return found
        record = answers.body(await self._api.put_up("/assets", json={"name": name, "type": kind}))
        asset_id = record.get("id")
        if not answers.is_uuid(asset_id):
            raise unreadable(TITLE)
        await self._api.put_up(f"/assets/{asset_id}/upload", file=(name, file))
        if len(self._uploaded) >= MOST_REMEMBERED:
            self.forget()
        return self._uploaded.setdefault((kind, file), str(asset_id))


async def _check_size(mp3: Path, seconds: float) -> None:
    size = (await anyio.Path(mp3).stat()).st_size
    if size > MAX_FILE_BYTES:
        raise BadRequest(
            code="audio_too_large",
            message=f"The audio has {size / 2**20:.1f} MB as an MP3 of {seconds:.0f} seconds; "
            f"{TITLE} takes at most {MAX_FILE_BYTES // 2**20} MB.",
            next_step=f"Send at most {int(seconds * MAX_FILE_BYTES / size)} seconds of it.",
        )
