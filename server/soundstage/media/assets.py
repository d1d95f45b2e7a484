"""What goes out: the files that generations made, kept in one folder, each with a URL that the host can open."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import anyio

from soundstage.providers.port import MadeFile
from soundstage_tools.errors import Unavailable
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
        self._folder = folder

    @property
    def url(self) -> str:
        """The folder's URL, ending in a slash."""
        return self._folder.as_uri() + "/"

    def file_name(self, source: str) -> str:
        """The name of the file in this folder that `source`, a path or URL, leads to; empty if to none."""
        for folder in (self.url, f"{self._folder}{os.sep}"):
            if source.startswith(folder):
                return source.removeprefix(folder)
        return ""

    def path(self, asset: StoredAsset) -> Path:
        """Where the asset's file is."""
        return self._folder / asset.file_name

    def is_there(self, asset: StoredAsset) -> bool:
        """Whether the asset's file still is where it was put. Blocks."""
        return self.path(asset).is_file()

    async def keep(self, generation_id: str, made: MadeFile) -> StoredAsset:
        """Copy a file that a provider made into the folder, under a name of ours that is the same each time.

        Raises:
            Unavailable: the folder cannot be written, or the disk is full.
        """
        token = generation_id.removeprefix("gen_")
        asset_id = f"asset_{made.role}-{token}"
        name = f"{made.role}-{token}{made.path.suffix}"
        try:
            size = await anyio.to_thread.run_sync(self._place, made.path, name)
        except OSError as error:
            raise Unavailable(
                code="asset_not_kept",
                message=f"The finished file could not be written to {self._folder}.",
                next_step="Free space there, or set SOUNDSTAGE_HOME to another folder, and ask again.",
            ) from error
        seconds = None if made.duration_seconds is None else round(made.duration_seconds, 3)
        return StoredAsset(asset_id, generation_id, made.role, name, made.mime_type, size, seconds)

    def _place(self, made: Path, name: str) -> int:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        target, part = self._folder / name, self._folder / f".{name}.part"
        try:
            # Not a rename: the provider's copy stays until the store knows of this one.
            shutil.copyfile(made, part)
            with part.open("rb+") as file:
                os.fsync(file.fileno())
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
        return target.stat().st_size
