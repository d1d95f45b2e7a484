"""Bad input: each a clear error, nothing left behind, the server still serving."""

import random
import struct
import zlib
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from mcp import Client

from connecting import Connect
from facts import called, finished, refusal
from soundstage.settings import Settings

HELLO = "The birch canoe slid on the smooth planks."


def png(path: Path, width: int, height: int) -> Path:
    """A plain grey picture."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = zlib.compress(bytes(1 + width) * height)
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b""))
    return path


def wav(path: Path, seconds: float, rate: int = 8000) -> Path:
    """Silence."""
    size = int(seconds * rate) * 2
    header = struct.pack(
        "<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + size, b"WAVE", b"fmt ", 16, 1, 1, rate, rate * 2, 2, 16, b"data", size
    )
    path.write_bytes(header + bytes(size))
    return path


@pytest.fixture
def workspace(settings: Settings) -> Path:
    return settings.input_roots[0]


@pytest.fixture
async def client(connect: Connect, settings: Settings) -> AsyncGenerator[Client]:
    """A client that, after the bad input, is served as ever and finds nothing left behind."""
    async with connect() as client:
        yield client
        done = await finished(client, await called(client, "synthesize_speech", text="Still here."))
        assert done["status"] == "succeeded"
    assert list((settings.home / "work").glob("*")) == []
    assert [path for path in settings.home.rglob("*") if path.suffix in {".part", ".tmp"}] == []


async def failed(client: Client, **arguments: object) -> dict[str, str]:
    """Ask for a video that cannot be made, and return why."""
    done = await finished(client, await called(client, "create_avatar_video", **arguments))
    assert done["status"] == "failed"
    assert done["assets"] == []
    error = done["error"]
    assert error["message"]
    assert error["next_step"] == done["next_step"]
    assert "Traceback" not in error["message"]
    return error


async def test_a_picture_without_a_face(client: Client, workspace: Path) -> None:
    png(workspace / "grey.png", 300, 300)
    assert (await failed(client, image="grey.png", text=HELLO))["code"] == "no_face_found"


async def test_a_picture_of_81_megapixels(client: Client, workspace: Path) -> None:
    png(workspace / "big.png", 9000, 9000)
    said = await refusal(client, "create_avatar_video", image="big.png", text=HELLO)
    assert "9000 x 9000" in said
    assert "50 million" in said


async def test_a_picture_that_is_text(client: Client, workspace: Path) -> None:
    (workspace / "face.png").write_text("not a picture", encoding="utf-8")
    assert "png" in (await refusal(client, "create_avatar_video", image="face.png", text=HELLO)).lower()


async def test_random_bytes_as_audio(client: Client, workspace: Path) -> None:
    (workspace / "noise.mp3").write_bytes(random.Random(7).randbytes(50_000))
    await refusal(client, "create_avatar_video", audio="noise.mp3")


async def test_audio_that_is_cut_off_in_its_header(client: Client, workspace: Path) -> None:
    wav(workspace / "whole.wav", 2.0)
    (workspace / "cut.wav").write_bytes((workspace / "whole.wav").read_bytes()[:30])
    assert "cut off" in await refusal(client, "create_avatar_video", audio="cut.wav")


async def test_audio_of_eleven_minutes(client: Client, workspace: Path) -> None:
    wav(workspace / "long.wav", 660.0)
    error = await failed(client, audio="long.wav")
    assert error["code"] == "audio_too_long"
    assert "10 minutes" in error["message"] or "600" in error["message"]


@pytest.mark.parametrize("text", ["", "   \n ", "🙂🙂", "...!?", "a" * 1_000_000, "Привет, мир", "bell \x07"])
@pytest.mark.parametrize("tool", ["synthesize_speech", "create_avatar_video"])
async def test_text_that_cannot_be_spoken(client: Client, tool: str, text: str) -> None:
    said = await refusal(client, tool, text=text)
    assert len(said) < 700
    assert "aaaa" not in said


async def test_a_voice_that_does_not_exist(client: Client) -> None:
    for voice in ("local:af_hart", "local:", "nobody:low", "af_hart", "../../etc/passwd"):
        said = await refusal(client, "synthesize_speech", text=HELLO, voice_id=voice)
        assert "list_voices" in said
    assert "local:af_heart" in await refusal(client, "synthesize_speech", text=HELLO, voice_id="local:af_hart")


async def test_a_model_that_does_not_exist(client: Client) -> None:
    said = await refusal(client, "create_avatar_video", text=HELLO, model="local:hologram")
    assert "local:portrait" in said


@pytest.mark.parametrize(
    "source", ["nowhere.png", "/etc/passwd", "~/.ssh/id_rsa", "asset_none", "http://host/a.png"]
)
async def test_an_image_that_is_not_there_or_not_allowed(client: Client, source: str) -> None:
    await refusal(client, "create_avatar_video", image=source, text=HELLO)


async def test_a_handle_of_the_wrong_kind(client: Client) -> None:
    speech = await finished(client, await called(client, "synthesize_speech", text=HELLO))
    audio, timings = speech["assets"]
    said = await refusal(client, "create_avatar_video", image=audio["asset_id"], text=HELLO)
    assert said.startswith("wrong_kind:")
    assert (await refusal(client, "create_avatar_video", audio=timings["asset_id"])).startswith("wrong_kind:")


async def test_a_home_that_cannot_be_written(connect: Connect, settings: Settings) -> None:
    settings.home.write_text("a file where the folder should be", encoding="utf-8")
    async with connect() as client:
        for arguments in ({"text": HELLO}, {"text": HELLO, "idempotency_key": "k"}):
            for tool in ("synthesize_speech", "create_avatar_video"):
                said = await refusal(client, tool, **arguments)
                assert said.startswith("home_unwritable:")
                assert "SOUNDSTAGE_HOME" in said
        assert (await called(client, "list_voices", limit=1))["voices"]
    assert settings.home.is_file()
