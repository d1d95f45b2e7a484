"""What the environment says. Nothing else is read: there is no configuration file."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs

_PREFIXES = ("SOUNDSTAGE_", "HEDRA_", "USEAPI_", "SPEECHGEN_")
_UNEXPANDED = re.compile(r"^\$\{.*\}$|^\{\{.*\}\}$")


@dataclass(frozen=True, slots=True)
class Access:
    """The way to a provider: the key, empty where there is none, and the URL that its API begins with."""

    base_url: str
    key: str = field(default="", repr=False)


HEDRA = Access("https://api.hedra.com/web-app/public")
USEAPI = Access("https://api.useapi.net/v1/heygen")
SPEECHGEN = Access("https://api.speechgen.com/v1")


@dataclass(frozen=True, slots=True)
class Settings:
    """Where Soundstage keeps its files, what it may read, how much it logs, and the keys of the providers.

    `home` holds the store, the assets and the work in hand. `input_roots` are the folders from which a path
    argument may be read; a relative path starts at the first. `useapi_email` is the HeyGen account to use where
    several are configured at useapi.net.
    """

    home: Path
    input_roots: tuple[Path, ...]
    log_level: str = "WARNING"
    hedra: Access = HEDRA
    useapi: Access = USEAPI
    speechgen: Access = SPEECHGEN
    useapi_email: str = ""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Settings":
        """Read `SOUNDSTAGE_HOME`, `SOUNDSTAGE_INPUT_ROOTS` (separated like `PATH`) and `SOUNDSTAGE_LOG_LEVEL`.

        Of the providers `HEDRA_API_KEY`, `USEAPI_API_TOKEN`, `USEAPI_EMAIL` and `SPEECHGEN_API_KEY` are read, and
        for each a `…_BASE_URL`.
        A value that a client left unexpanded (`${NAME}`) counts as unset.
        """
        given = os.environ if environment is None else environment
        said = {
            name: value.strip()
            for name, value in given.items()
            if name.startswith(_PREFIXES) and value.strip() and not _UNEXPANDED.match(value.strip())
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
            hedra=Access(said.get("HEDRA_BASE_URL", HEDRA.base_url), said.get("HEDRA_API_KEY", "")),
            useapi=Access(said.get("USEAPI_BASE_URL", USEAPI.base_url), said.get("USEAPI_API_TOKEN", "")),
            speechgen=Access(
                said.get("SPEECHGEN_BASE_URL", SPEECHGEN.base_url), said.get("SPEECHGEN_API_KEY", "")
            ),
            useapi_email=said.get("USEAPI_EMAIL", ""),
        )


def _usual_roots() -> list[Path | str]:
    # Desktop clients start their servers in /: that is no workspace, and would open the whole disk.
    here = Path.cwd()
    return [Path.home()] if here == Path(here.anchor) else [here, Path.home()]
