"""What the environment says. Nothing else is read: there is no configuration file."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs

_UNEXPANDED = re.compile(r"^\$\{.*\}$|^\{\{.*\}\}$")


@dataclass(frozen=True, slots=True)
class Settings:
    """Where Soundstage keeps its files, what it may read, and how much it logs.

    `home` holds the store, the assets and the work in hand. `input_roots` are the folders from which a path
    argument may be read; a relative path starts at the first.
    """

    home: Path
    input_roots: tuple[Path, ...]
    log_level: str = "WARNING"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Settings":
        """Read `SOUNDSTAGE_HOME`, `SOUNDSTAGE_INPUT_ROOTS` (separated like `PATH`) and `SOUNDSTAGE_LOG_LEVEL`.

        A value that a client left unexpanded (`${NAME}`) counts as unset.
        """
        given = os.environ if environment is None else environment
        said = {
            name: value.strip()
            for name, value in given.items()
            if name.startswith("SOUNDSTAGE_") and value.strip() and not _UNEXPANDED.match(value.strip())
        }
        home = Path(
            said.get("SOUNDSTAGE_HOME") or platformdirs.user_data_dir("soundstage", appauthor=False)
        ).expanduser()
        roots = said.get("SOUNDSTAGE_INPUT_ROOTS")
        folders: list[Path | str] = [*roots.split(os.pathsep)] if roots else _usual_roots()
        level = said.get("SOUNDSTAGE_LOG_LEVEL", "WARNING").upper()
        return cls(
            home=home.absolute(),
            input_roots=tuple(Path(folder).expanduser().absolute() for folder in folders if folder),
            log_level=level if level in {"DEBUG", "INFO", "WARNING", "ERROR"} else "WARNING",
        )


def _usual_roots() -> list[Path | str]:
    # Desktop clients start their servers in /: that is no workspace, and would open the whole disk.
    here = Path.cwd()
    return [Path.home()] if here == Path(here.anchor) else [here, Path.home()]
