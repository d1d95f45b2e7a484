"""What the adapters of remote providers share: lists that are read again now and then, and folders of jobs."""

import math
import re
import shutil
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from hashlib import sha256
from pathlib import Path
from typing import Generic, TypeVar

import anyio
import anyio.to_thread

from soundstage_tools.errors import NotFound
from soundstage_tools.results import Voice

T = TypeVar("T")

OLD_SECONDS = 7 * 86_400.0
_PLAIN = re.compile(r"[A-Za-z0-9_-]{1,100}")


@dataclass(frozen=True, slots=True)
class _Reading(Generic[T]):
    value: T
    at: float


class Recent(Generic[T]):
    """The last result of `read`, and a new one once that is older than `seconds`.

    However many ask at a time, `read` runs once. What it raises reaches all of those that wait for it, one by one,
    and nothing of it is kept.
    """

    def __init__(self, read: Callable[[], Awaitable[T]], seconds: float = 300.0) -> None:
        self._read = read
        self._seconds = seconds
        self._reading: _Reading[T] | None = None
        self._changed = -math.inf
        self._lock = anyio.Lock()

    async def get(self, *, fresh: bool = False) -> T:
        """The value; with `fresh` one whose reading began after this call did."""
        asked = anyio.current_time()
        async with self._lock:
            oldest = max(self._changed, asked if fresh else anyio.current_time() - self._seconds)
            if self._reading is None or self._reading.at < oldest:
                began = anyio.current_time()
                self._reading = _Reading(await self._read(), began)
            return self._reading.value

    async def now(self, fresh: bool) -> T:
        """As `get`, for whoever says each time whether it has to be fresh."""
        return await self.get(fresh=fresh)

    @property
    def last(self) -> T | None:
        """The last result, however old; None where there is none yet."""
        return self._reading.value if self._reading else None

    def forget(self) -> None:
        """Something has changed: read it again when it is next asked for, also where it is being read now."""
        self._changed = anyio.current_time()


async def known_voice(
    title: str, handle: str, read: Callable[[bool], Awaitable[Sequence[Voice]]], *, may_be_new: bool = True
) -> Voice:
    """The voice of this handle among those of an account.

    `read` lists them, with True afresh, which is done where it `may_be_new`.

    Raises:
        NotFound: there is none; what is close to it is told.
    """
    voices: Sequence[Voice] = ()
    for fresh in (False, True) if may_be_new else (False,):
        voices = await read(fresh)
        if found := next((one for one in voices if one.voice_id == handle), None):
            return found
    raise unknown_voice(title, handle, voices)


def unknown_voice(title: str, handle: str, voices: Sequence[Voice]) -> NotFound:
    """The refusal of a handle that names none of these voices, with those whose id or name is close."""
    by_name = {one.name: one.voice_id for one in voices}
    close = [
        *get_close_matches(handle, [one.voice_id for one in voices], n=2),
        *(by_name[name] for name in get_close_matches(handle.partition(":")[2], by_name, n=2)),
    ]
    hint = f"Close: {', '.join(dict.fromkeys(close))}. " if close else ""
    return NotFound(
        code="unknown_voice",
        message=f"{title} has no such voice on this account.",
        next_step=f"{hint}Take a voice_id from list_voices.",
    )


def unknown_job(title: str) -> NotFound:
    """The refusal of an id that is no job's of the kind that was asked for."""
    return NotFound(
        code="unknown_job",
        message=f"{title} has no job of this id on this account that could be this generation's.",
        next_step=f"Look at the account at {title} for its id.",
    )


class JobFolders:
    """A folder for each job, below one, readable by this user only. A name may hold any characters."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, name: str) -> Path:
        """Where the folder of that name is, or would be."""
        return self._folder / (name if _PLAIN.fullmatch(name) else sha256(name.encode()).hexdigest())

    async def make(self, name: str) -> Path:
        """Make the folder, if it is not there."""
        path = self.path(name)
        await anyio.to_thread.run_sync(_make, path)
        return path

    async def remove(self, name: str) -> None:
        """Remove the folder and what is in it, if it is there."""
        await anyio.to_thread.run_sync(lambda: shutil.rmtree(self.path(name), ignore_errors=True))

    async def sweep(self, needed: Collection[str]) -> None:
        """Remove the folders of other names than these in which nothing was written for a week. Never fails."""
        kept = frozenset(map(self.path, needed))
        await anyio.to_thread.run_sync(_sweep, self._folder, kept, time.time() - OLD_SECONDS)


def _make(path: Path) -> None:
    path.mkdir(mode=0o700, parents=True, exist_ok=True)


def _sweep(parent: Path, kept: Collection[Path], oldest: float) -> None:
    with suppress(OSError):
        for folder in parent.iterdir():
            # What another process removes meanwhile is gone, and the others are looked at all the same.
            with suppress(OSError):
                if folder not in kept and _newest(folder) < oldest:
                    shutil.rmtree(folder, ignore_errors=True)


def _newest(folder: Path) -> float:
    """When the newest file in a folder was written; where there is none, the folder itself."""
    times = [path.lstat().st_mtime for path in folder.rglob("*") if not path.is_dir()]
    return max(times) if times else folder.lstat().st_mtime
