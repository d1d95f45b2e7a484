"""The folders that files are kept in: what is there, since when, and what may be taken away."""

import os
import time
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

UNFINISHED_PREFIX = "."
"""Begins the name of a file that is still being written, or that a crash left so."""


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A finished file: its name, its size, and when it came or was last asked for, in seconds since 1970."""

    name: str
    bytes: int
    since: float


def kept_files(folder: Path) -> list[KeptFile]:
    """The finished files of a folder, none where there is no such folder. Blocks."""
    return [file for file in _files(folder) if not file.name.startswith(UNFINISHED_PREFIX)]


def remove_unfinished(folder: Path, seconds: float) -> None:
    """Remove what has been in the making for more than `seconds`: its process is gone. Blocks."""
    for file in _files(folder):
        if file.name.startswith(UNFINISHED_PREFIX):
            remove_old(folder, file.name, seconds)


def remove_unwanted(folder: Path, seconds: float, wanted: Collection[str]) -> None:
    """Remove the finished files that nobody has asked for within `seconds`, but for the `wanted` names. Blocks."""
    for file in kept_files(folder):
        if file.name not in wanted:
            remove_old(folder, file.name, seconds)


def remove_old(folder: Path, name: str, seconds: float) -> bool:
    """Remove a file unless it is younger than `seconds`, and tell whether it is gone. Blocks."""
    path = folder / name
    try:
        # Looked at again: by now it may have been asked for.
        if path.lstat().st_mtime >= time.time() - seconds:
            return False
        path.unlink()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def renewed(path: Path) -> bool:
    """Have a file be as good as new to those who clear away what is old; whether it is there. Blocks."""
    try:
        os.utime(path)
    except FileNotFoundError:
        return False
    return True


def _files(folder: Path) -> list[KeptFile]:
    found: list[KeptFile] = []
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            # Another process may take it away meanwhile.
            with suppress(FileNotFoundError):
                if entry.is_file(follow_symlinks=False):
                    status = entry.stat(follow_symlinks=False)
                    found.append(KeptFile(entry.name, status.st_size, status.st_mtime))
    return found
