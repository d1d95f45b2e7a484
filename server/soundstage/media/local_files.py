"""Files of this machine that a caller may name: those below the allowed folders, save the hidden ones."""

import errno
import os
import stat
import unicodedata
from collections.abc import Sequence
from contextlib import suppress
from itertools import chain
from pathlib import Path
from urllib.parse import unquote, urlsplit

from soundstage_tools.errors import BadRequest, StudioError

# Not every platform has all of these; where one is missing, so is what it guards against.
_READ = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_BINARY", 0)
)
_ENTER = getattr(os, "O_PATH", os.O_RDONLY) | getattr(os, "O_DIRECTORY", 0)


def local_path(source: str, base: Path) -> Path:
    """The path that `source` means: a `file://` URI, or a path that is absolute, `~`, or relative to `base`.

    Raises BadRequest where no file can be meant.
    """
    text = _path_of_uri(source) if source[:5].lower() == "file:" else source
    if not text or any(unicodedata.category(character) in {"Cc", "Cs"} for character in text):
        raise BadRequest(
            code="path_invalid",
            message="The path is empty, or holds a control character.",
            next_step="Give the path as plain text on one line, or rename the file.",
        )
    if text == "~" or text.startswith(("~/", f"~{os.sep}")):
        with suppress(RuntimeError):
            return Path(text).expanduser()
    return base / text


def open_local(path: Path, roots: Sequence[Path]) -> int:
    """A read-only descriptor of the regular file at `path`, which lies below one of `roots`.

    Symbolic links are followed while they stay below the roots. A hard link is the file itself, and is taken.
    Whatever has a name with a leading dot anywhere below its root is refused: that is where keys, tokens and
    the private data of programs lie. (A root may have such names itself: it was allowed on purpose.)

    Nothing outside the roots is ever opened, and the refusal is the same whether it exists or not. Opening
    never waits, whatever turns up at the path, and never leaves the roots, whatever changes meanwhile.

    Raises BadRequest.
    """
    _root_of(Path(os.path.normpath(path)), roots)
    try:
        real = Path(os.path.realpath(path))
        root = _root_of(real, roots)
        descriptor = _open_below(root, real) if os.open in os.supports_dir_fd else _open_unmoved(real)
    except PermissionError:
        raise BadRequest(
            code="path_unreadable",
            message="The system does not let this server read the file.",
            next_step="Ask the user to make the file readable, or give a copy of it.",
        ) from None
    except OSError:
        raise BadRequest(
            code="path_not_found",
            message="There is no such file.",
            next_step="Check the path and its spelling; an absolute path is the surest.",
        ) from None
    try:
        _refuse_special(os.fstat(descriptor).st_mode)
    except StudioError:
        os.close(descriptor)
        raise
    return descriptor


def _path_of_uri(uri: str) -> str:
    try:
        parts = urlsplit(uri)
        path = unquote(parts.path, errors="strict")
    except ValueError:
        path = ""
    else:
        if parts.netloc.lower() not in {"", "localhost"} or parts.query or parts.fragment:
            path = ""
    if not path.startswith("/"):
        raise BadRequest(
            code="path_invalid",
            message="The file URI does not name a file of this machine.",
            next_step="Give it as file:///folder/name, ? and # written as %3F and %23, or give the plain path.",
        )
    if os.name == "nt":
        return path.lstrip("/")
    return path


def _root_of(path: Path, roots: Sequence[Path]) -> Path:
    """The root that `path` lies below, as it is spelled or as it really is."""
    hidden = False
    spellings = [(root.absolute(), Path(os.path.realpath(root))) for root in roots]
    for root in chain.from_iterable(spellings):
        if path.is_relative_to(root):
            if not any(part.startswith(".") for part in path.relative_to(root).parts):
                return root
            hidden = True
    if hidden:
        raise BadRequest(
            code="path_hidden",
            message="Hidden files and folders, whose names start with a dot, are never read: secrets lie there.",
            next_step="Copy the file to a folder that is not hidden and give that path.",
        )
    raise BadRequest(
        code="path_not_allowed",
        message="The path leads outside the folders that this server may read.",
        next_step=f"Give a file below {' or '.join(map(str, roots))}, an https URL or a data URI.",
    )


def _open_below(root: Path, real: Path) -> int:
    """Open folder by folder, so that a link put in the place of one since `real` was found is not followed."""
    *folders, name = real.relative_to(root).parts or (".",)
    here = os.open(root, _ENTER)
    try:
        for folder in folders:
            below = os.open(folder, _ENTER | os.O_NOFOLLOW, dir_fd=here)
            os.close(here)
            here = below
        _refuse_special(os.stat(name, dir_fd=here, follow_symlinks=False).st_mode)
        return os.open(name, _READ, dir_fd=here)
    finally:
        os.close(here)


def _open_unmoved(real: Path) -> int:
    """Open by name, and make sure that no link has come into the path by then."""
    _refuse_special(real.lstat().st_mode)
    descriptor = os.open(real, _READ)
    if os.path.realpath(real) == str(real) and os.path.samestat(os.fstat(descriptor), real.lstat()):
        return descriptor
    os.close(descriptor)
    raise FileNotFoundError(errno.ENOENT, "moved")


def _refuse_special(mode: int) -> None:
    """Looked at before opening too, since that alone may set off a device or a pipe. A link then fails to open."""
    if not stat.S_ISREG(mode) and not stat.S_ISLNK(mode):
        raise BadRequest(
            code="path_not_a_file",
            message="The path leads to a folder, a device, a pipe or a socket.",
            next_step="Give the path of a regular file.",
        )
