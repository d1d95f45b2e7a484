"""Files on their way in: private, and gone unless they are kept under the hash of their content."""

import errno
import hashlib
import os
import tempfile
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

from soundstage_tools.errors import Unavailable

_FULL = {errno.ENOSPC, errno.EFBIG, errno.EDQUOT}


@contextmanager
def storing(folder: Path) -> Generator[None]:
    """Turn a failure to write into `folder` into Unavailable: `disk_full` or `home_unwritable`."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise Unavailable(
                code="disk_full",
                message=f"There is no space left to store the file in {folder}.",
                next_step="Ask the user to free disk space, then repeat the call.",
            ) from None
        raise Unavailable(
            code="home_unwritable",
            message=f"Nothing can be written into {folder}.",
            next_step="Ask the user to make it writable or to set another folder, then repeat the call.",
        ) from None


class Spool:
    """A file in `folder`, readable by this user alone (mode 0600), that takes in what it is given.

    As a context, it removes what was not kept by its end. The folder is created where it is missing. Everything
    blocks, and raises OSError where the disk refuses.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=".incoming-", dir=folder)
        self._path = Path(name)
        self.file = os.fdopen(descriptor, "w+b")

    def replace(self, content: bytes) -> None:
        """Hold `content` in the place of what was taken in."""
        self.file.seek(0)
        self.file.write(content)
        self.file.truncate()

    def keep(self, extension: str) -> tuple[Path, str]:
        """Move the file to `<sha256>.<extension>` in its folder; return that path, and the hash in hex.

        A file of that name has the same content and stays, unless a crash left it with another length.
        """
        self.file.seek(0)
        sha256 = hashlib.file_digest(self.file, "sha256").hexdigest()
        length = self.file.tell()
        path = self._path.with_name(f"{sha256}.{extension}")
        if not path.is_file() or path.stat().st_size != length:
            os.fsync(self.file.fileno())
            self.file.close()
            self._path.replace(path)
        else:
            # Asked for again, it is as good as new to those who clear away what is old.
            os.utime(path)
        return path, sha256

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file, and remove it where it was not kept."""
        # What a full disk kept from being written is written again by close, and fails again.
        with suppress(OSError):
            self.file.close()
        self._path.unlink(missing_ok=True)
