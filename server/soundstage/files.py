"""Files that are there whole or not at all."""

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import anyio
import anyio.to_thread

from soundstage_tools.errors import Unavailable


class Unwritable(Exception):
    """The disk took no more."""


class Spooled:
    """A file in the making beside its place. `write` and `keep` block, and raise `Unwritable`."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self._path = target.with_name(f"{target.name}.part")
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        self._file = os.fdopen(descriptor, "wb")

    def write(self, data: bytes) -> None:
        """Add to the file, which is not in its place yet."""
        try:
            self._file.write(data)
        except OSError:
            raise Unwritable from None

    def keep(self) -> None:
        """Put the file in its place, safely on the disk."""
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            self._path.replace(self._target)
        except OSError:
            raise Unwritable from None

    def drop(self) -> None:
        """Remove what was not kept."""
        with suppress(OSError):
            self._file.close()
        self._path.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Have the names in a folder outlive a power cut. Blocks."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@asynccontextmanager
async def spooled(target: Path) -> AsyncGenerator[Spooled]:
    """A file that will be at `target` once it is kept, and leaves nothing behind if it is not.

    Raises:
        Unavailable: it cannot be made there.
    """
    try:
        file = await anyio.to_thread.run_sync(Spooled, target)
    except OSError:
        raise unwritable() from None
    try:
        yield file
    finally:
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(file.drop)


def unreadable() -> Unavailable:
    """The error of work whose files are there, and cannot be read."""
    return Unavailable(
        code="home_unreadable",
        message="Soundstage cannot read what it has kept in the work folder in its home.",
        next_step="Mend the disk, or the permissions of that folder.",
    )


def unwritable() -> Unavailable:
    """The error of work whose files cannot be written."""
    return Unavailable(
        code="home_unwritable",
        message="Soundstage cannot write to the work folder in its home.",
        next_step="Free space there, or mend its permissions.",
    )
