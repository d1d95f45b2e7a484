"""What the environment says. Nothing else is read: there is no configuration file."""

import hashlib
import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import platformdirs

ASSETS_MAX_GB = 10
_PREFIXES = ("SOUNDSTAGE_", "HEDRA_", "USEAPI_", "SPEECHGEN_")
_USUAL_PORTS = {"http": 80, "https": 443}
_UNEXPANDED = re.compile(r"^\$\{.*\}$|^\{\{.*\}\}$")


@dataclass(frozen=True, slots=True)
class Access:
    """The way to a provider: the key, empty where there is none, and the URL that its API begins with."""

    base_url: str
    key: str = field(default="", repr=False)

    @property
    def fingerprint(self) -> str:
        """Names the account that the key opens, however its URL is spelled, and tells nothing of the key."""
        return self._fingerprint(_plain(self.base_url))

    @property
    def former_fingerprints(self) -> frozenset[str]:
        """What the account was called while each spelling of its URL made another one."""
        spelled = {self.base_url, f"{_plain(self.base_url)}/"}
        return frozenset(self._fingerprint(one) for one in spelled) - {self.fingerprint}

    def _fingerprint(self, url: str) -> str:
        said = hashlib.sha256(f"soundstage\0{url}\0{self.key}".encode())
        return said.hexdigest()[:16] if self.key else ""


GENERATIONS_CAP = "SOUNDSTAGE_MAX_GENERATIONS_PER_DAY"
CREDITS_CAP = "SOUNDSTAGE_MAX_CREDITS_PER_DAY"


@dataclass(frozen=True, slots=True)
class Caps:
    """The most that may be used at a provider that charges, by its name or else of `each`; None for any amount.

    `unreadable` quotes what could not be understood.
    """

    each: float | None = None
    by_provider: Mapping[str, float] = field(default_factory=dict[str, float])
    unreadable: str = ""

    @classmethod
    def parse(cls, said: str) -> "Caps":
        """Read the form `20` or `hedra=20,speechgen=50`, or both in one: `20,hedra=5`."""
        each, by_provider = None, dict[str, float]()
        for part in filter(None, (part.strip() for part in said.split(","))):
            name, equals, value = part.rpartition("=")
            amount = _number(value)
            name = name.strip()
            if amount is None or amount < 0 or bool(equals) != bool(name):
                return cls(unreadable=part)
            if name:
                by_provider[name] = amount
            else:
                each = amount
        return cls(each, by_provider)

    def of(self, provider: str) -> float | None:
        """The cap of this provider."""
        return self.by_provider.get(provider, self.each)


HEDRA = Access("https://api.hedra.com/web-app/public")
USEAPI = Access("https://api.useapi.net/v1/heygen")
SPEECHGEN = Access("https://api.speechgen.com/v1")


@dataclass(frozen=True, slots=True)
class Settings:
    """Where Soundstage keeps its files, what it may read, how much it logs, and the keys of the providers.

    `home` holds the store, the assets and the work in hand. `input_roots` are the folders from which a path
    argument may be read; a relative path starts at the first. `useapi_email` is the HeyGen account to use where
    several are configured at useapi.net. `assets_max_bytes` is the size that the assets are kept within, and the
    caps what may be begun in 24 hours.
    """

    home: Path
    input_roots: tuple[Path, ...]
    log_level: str = "WARNING"
    hedra: Access = HEDRA
    useapi: Access = USEAPI
    speechgen: Access = SPEECHGEN
    useapi_email: str = ""
    assets_max_bytes: int = ASSETS_MAX_GB * 10**9
    generations_cap: Caps = Caps()
    credits_cap: Caps = Caps()

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Settings":
        """Read `SOUNDSTAGE_HOME`, `SOUNDSTAGE_INPUT_ROOTS` (separated like `PATH`) and `SOUNDSTAGE_LOG_LEVEL`.

        Of the providers `HEDRA_API_KEY`, `USEAPI_API_TOKEN`, `USEAPI_EMAIL` and `SPEECHGEN_API_KEY` are read, and
        for each a `…_BASE_URL`.
        `SOUNDSTAGE_ASSETS_MAX_GB` is a number above 0, else it is the default; the caps are
        `SOUNDSTAGE_MAX_GENERATIONS_PER_DAY` and `SOUNDSTAGE_MAX_CREDITS_PER_DAY`.
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
            assets_max_bytes=_gigabytes(said.get("SOUNDSTAGE_ASSETS_MAX_GB", "")),
            generations_cap=Caps.parse(said.get(GENERATIONS_CAP, "")),
            credits_cap=Caps.parse(said.get(CREDITS_CAP, "")),
        )


def _plain(url: str) -> str:
    """The one spelling of a URL: its host in small letters, without the usual port, without slashes at its end."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return url
    place = f"[{host}]" if ":" in host else host
    if port is not None and port != _USUAL_PORTS.get(parts.scheme):
        place += f":{port}"
    return f"{parts.scheme}://{place}{parts.path.rstrip('/')}"


def _gigabytes(said: str) -> int:
    number = _number(said)
    return math.ceil(number * 10**9) if number is not None and number > 0 else ASSETS_MAX_GB * 10**9


def _number(said: str) -> float | None:
    try:
        number = float(said)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _usual_roots() -> list[Path | str]:
    # Desktop clients start their servers in /: that is no workspace, and would open the whole disk.
    here = Path.cwd()
    return [Path.home()] if here == Path(here.anchor) else [here, Path.home()]
