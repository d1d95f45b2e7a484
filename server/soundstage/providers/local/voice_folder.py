"""The folder of the cloned voices: a file for each, and beside it the sample where that is to be kept."""

import re
import time
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from hashlib import sha256
from pathlib import Path

from soundstage.files import Spooled, sync_folder
from soundstage.providers.local.clones import ClonedVoice, read_clone

_NAME = re.compile(r"clone-[0-9a-f]{10}")
_SUFFIX = ".json"
STALE_SECONDS = 3600.0


def clone_name(generation_id: str) -> str:
    """The name of the voice that a generation makes: the same, however often it has to be begun anew."""
    return f"clone-{sha256(generation_id.encode()).hexdigest()[:10]}"


def is_clone_name(name: str) -> bool:
    """Whether a voice of this name would be a cloned one."""
    return bool(_NAME.fullmatch(name))


class VoiceFolder:
    """Read afresh each time, for other processes clone and delete too. Everything blocks."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, name: str) -> Path:
        """Where the file of the voice is, or would be."""
        assert is_clone_name(name), name
        return self._folder / f"{name}{_SUFFIX}"

    def find(self, name: str) -> ClonedVoice | None:
        """The voice of this name."""
        return read_clone(self.path(name)) if is_clone_name(name) else None

    def all(self) -> Mapping[str, ClonedVoice]:
        """Every voice by its name, the oldest first."""
        names = [path.stem for path in self._folder.glob(f"*{_SUFFIX}") if is_clone_name(path.stem)]
        found = {name: voice for name in names if (voice := self.find(name))}
        return dict(sorted(found.items(), key=lambda item: (item[1].created_at, item[0])))

    def keep(self, made: Path) -> None:
        """Take in the voice whose file this is, with the sample that lies beside it, if one does.

        Raises `Unwritable` or OSError.
        """
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        samples = [path for path in made.parent.glob(f"{made.stem}.*") if path != made]
        with ExitStack() as undo:
            undo.callback(self._clear, made.stem)
            # The voice is there with its own file, which comes last.
            for path in (*samples, made):
                spooled = Spooled(self._folder / path.name)
                try:
                    spooled.write(path.read_bytes())
                    spooled.keep()
                finally:
                    spooled.drop()
            sync_folder(self._folder)
            undo.pop_all()

    def remove(self, name: str) -> bool:
        """Remove the voice with all that is kept for it; whether it was there.

        Raises OSError.
        """
        if not is_clone_name(name):
            return False
        try:
            self.path(name).unlink()
        except FileNotFoundError:
            return False
        finally:
            for path in self._folder.glob(f"{name}.*"):
                path.unlink(missing_ok=True)
        sync_folder(self._folder)
        return True

    def _clear(self, name: str) -> None:
        for path in self._folder.glob(f"{name}.*"):
            with suppress(OSError):
                path.unlink()

    def sweep(self) -> None:
        """Remove what a power cut left of a voice that was being kept."""
        with suppress(OSError):
            for path in self._folder.glob("clone-*"):
                whole = path.suffix == _SUFFIX or (self._folder / f"{path.stem}{_SUFFIX}").exists()
                if not whole and time.time() - path.stat().st_mtime > STALE_SECONDS:
                    path.unlink(missing_ok=True)
