"""What goes out: the files that generations made, kept in one folder, each with a URL that the host can open."""

import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import anyio.to_thread

from soundstage.files import sync_folder
from soundstage.media.folders import UNFINISHED_PREFIX
from soundstage.media.made_files import check_made
from soundstage.providers.port import MadeFile
from soundstage_tools.errors import NotFound, Unavailable
from soundstage_tools.results import AssetRole


@dataclass(frozen=True, slots=True)
class StoredAsset:
    """An asset as the store keeps it; `file_name` is relative to the assets folder."""

    asset_id: str
    generation_id: str
    role: AssetRole
    file_name: str
    mime_type: str
    bytes: int
    duration_seconds: float | None


class AssetFolder:
    """The folder of finished files. A file in it is whole, and is never written again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def url(self) -> str:
        """The folder's URL, ending in a slash."""
        return self.folder.as_uri() + "/"

    def file_name(self, source: str) -> str:
        """The name of the file in this folder that `source`, a path or URL, leads to; empty if to none."""
        for folder in (self.url, f"{self.folder}{os.sep}"):
            if source.startswith(folder):
                return source.removeprefix(folder)
        return ""

    def path(self, asset: StoredAsset) -> Path:
        """Where the asset's file is."""
        return self.folder / asset.file_name

    def is_there(self, asset: StoredAsset) -> bool:
        """Whether the asset's file still is where it was put. Blocks."""
        return self.path(asset).is_file()

    async def gone(self, assets: Sequence[StoredAsset]) -> frozenset[str]:
        """The ids of those whose file is there no more."""

        def look() -> frozenset[str]:
            return frozenset(asset.asset_id for asset in assets if not self.is_there(asset))

        return await anyio.to_thread.run_sync(look) if assets else frozenset()

    async def found(self, asset: StoredAsset) -> Path:
        """Where the asset's file is, which now counts as asked for.

        Raises:
            NotFound: `asset_gone`.
        """
        path = self.path(asset)
        try:
            await anyio.to_thread.run_sync(os.utime, path)
        except OSError:
            raise asset_gone() from None
        return path

    async def read(self, asset: StoredAsset) -> bytes:
        """The content of the asset's file.

        Raises:
            NotFound: `asset_gone`.
        """

        def read() -> bytes:
            descriptor = os.open(self.path(asset), os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
            with os.fdopen(descriptor, "rb") as file:
                return file.read(asset.bytes)

        try:
            return await anyio.to_thread.run_sync(read)
        except OSError:
            raise asset_gone() from None

    async def keep(self, generation_id: str, made: MadeFile) -> StoredAsset:
        """Copy a file that a provider made into the folder, under a name of ours that is the same each time.

        Raises:
            Unavailable: `asset_not_kept`, the folder cannot be written or the disk is full; `asset_damaged`.
        """
        token = generation_id.removeprefix("gen_")
        asset_id = f"asset_{made.role}-{token}"
        name = f"{made.role}-{token}{made.path.suffix}"
        try:
            size = await anyio.to_thread.run_sync(self._place, made, name)
        except OSError as error:
            raise Unavailable(
                code="asset_not_kept",
                message=f"The finished file could not be written to {self.folder}.",
                next_step="Free space there, or mend its permissions; it is then kept by itself.",
            ) from error
        seconds = None if made.duration_seconds is None else round(made.duration_seconds, 3)
        return StoredAsset(asset_id, generation_id, made.role, name, made.mime_type, size, seconds)

    def _place(self, made: MadeFile, name: str) -> int:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        target = self.folder / name
        descriptor, part_name = tempfile.mkstemp(prefix=f"{UNFINISHED_PREFIX}incoming-", dir=self.folder)
        part = Path(part_name)
        try:
            # Not a rename: the provider's copy stays until the store knows of this one.
            with os.fdopen(descriptor, "wb") as file, made.path.open("rb") as source:
                shutil.copyfileobj(source, file)
                file.flush()
                os.fsync(file.fileno())
            check_made(part, made.role, made.mime_type)
            # What an earlier try has left under this name is whole, and may be open in a player.
            if not target.is_file():
                part.replace(target)
            sync_folder(self.folder)
        finally:
            part.unlink(missing_ok=True)
        return target.stat().st_size


def unknown_asset() -> NotFound:
    """The refusal of an asset that never was."""
    return NotFound(
        code="unknown_asset",
        message="No asset has this id on this machine.",
        next_step="Send an asset_id from the assets of a generation that has succeeded.",
    )


def asset_gone() -> NotFound:
    """The refusal of an asset whose file is there no more."""
    return NotFound(
        code="asset_gone",
        message="The file of this asset is no longer kept: it was removed to make room, or by hand.",
        next_step="Ask for it again with the tool that made it; with a new idempotency_key if you use one.",
    )
