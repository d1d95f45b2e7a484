"""Speech that was paid for, in another container than its name and type say: handed on as what it is."""

from collections.abc import Generator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pytest

from connecting import Connect
from emulators import media
from emulators.server import Emulator, emulating
from facts import called, finished
from hedra_calls import STOCK_VOICE, SWIFT
from heygen_calls import ARIA, CREATE, long_text, provided
from soundstage.providers.hedra.provider import HedraProvider
from soundstage.providers.port import Provider
from soundstage.settings import Access

KINDS: tuple[media.Sound, ...] = ("m4a", "ogg", "flac", "wav", "mp3")
VOICES = {"hedra": f"hedra:{STOCK_VOICE}", "heygen": ARIA}
SECONDS = media.spoken_seconds("Hello there.")


@pytest.fixture(params=VOICES)
def emulator(request: pytest.FixtureRequest) -> Generator[Emulator]:
    switches: dict[str, Any] = {"scripts": {"*": SWIFT}} if request.param == "hedra" else {}
    with emulating(request.param, switches=switches, pace=100) as emulator:
        yield emulator


def provider(emulator: Emulator, folder: Path) -> Provider:
    if emulator.provider == "heygen":
        return provided(emulator, folder)
    return HedraProvider(Access(emulator.base_url, emulator.key), folder / "jobs", listing_seconds=1.0)


async def spoken(connect: Connect, emulator: Emulator, folder: Path, text: str) -> dict[str, Any]:
    async with connect([provider(emulator, folder)]) as client:
        asked = {"voice_id": VOICES[emulator.provider], "text": text, "wait_seconds": 30}
        return await finished(client, await called(client, "synthesize_speech", **asked))


def heard(generation: dict[str, Any]) -> tuple[dict[str, Any], media.Probed, str]:
    """The audio of a generation: what is told of it, what it is, and the suffix of its name."""
    [asset] = [one for one in generation["assets"] if one["role"] == "audio"]
    path = Path(url2pathname(urlsplit(str(asset["url"])).path))
    found = media.probe(path.read_bytes())
    assert found is not None
    return asset, found, path.suffix


@pytest.mark.parametrize("kind", KINDS)
async def test_speech_is_handed_on_in_whatever_container_it_comes(
    connect: Connect, tmp_path: Path, emulator: Emulator, kind: media.Sound
) -> None:
    emulator.control.switch(sound=kind)
    done = await spoken(connect, emulator, tmp_path, "Hello there.")
    assert (done["status"], done["warnings"]) == ("succeeded", [])
    asset, found, suffix = heard(done)
    assert (asset["mime_type"], suffix) == (media.CONTENT_TYPES[kind], f".{kind}")
    assert found.container == media.CONTAINERS[kind]
    assert asset["duration_seconds"] == pytest.approx(SECONDS, abs=0.1)


@pytest.mark.parametrize("emulator", ["heygen"], indirect=True)
async def test_parts_in_any_container_are_joined(connect: Connect, tmp_path: Path, emulator: Emulator) -> None:
    emulator.control.switch(sound="m4a")
    done = await spoken(connect, emulator, tmp_path, long_text(1500))
    parts = [entry["json"]["prompt"] for entry in emulator.control.ledger(CREATE)]
    assert len(parts) >= 2
    asset, found, _ = heard(done)
    assert (asset["mime_type"], found.container) == ("audio/mpeg", "mp3")
    assert found.seconds == pytest.approx(sum(map(media.spoken_seconds, parts)), abs=0.2)


@pytest.mark.parametrize("emulator", ["heygen"], indirect=True)
async def test_a_wrong_length_is_told_and_harms_nothing(
    connect: Connect, tmp_path: Path, emulator: Emulator
) -> None:
    emulator.control.add_rules({"match": CREATE, "do": "edit", "set_to": {"duration": 42.0}})
    done = await spoken(connect, emulator, tmp_path, "Hello there.")
    assert done["status"] == "succeeded"
    [warning] = done["warnings"]
    assert "told of 42.0 s of audio; it lasts 0.8 s" in warning
    assert heard(done)[0]["duration_seconds"] == pytest.approx(SECONDS, abs=0.1)
