"""What generations made: checked, whole, and for its owner alone."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from emulators import media
from facts import called, finished
from made import ReadyMade, file_of, in_folder, little_disk, serving, spoken
from soundstage.media.made_files import check_made
from soundstage.settings import Settings
from soundstage_tools.errors import Unavailable
from soundstage_tools.results import AssetRole
from tone import ToneProvider

WAV = media.wav(1.0)
DAMAGED = {
    "empty": b"",
    "cut off": WAV[:-1],
    "another sound": media.sound("mp3", 1.0),
    "a picture": media.png(8, 8),
    "a page": b"<!doctype html><title>Not found</title>",
    "no sound": WAV[:36] + b"data\0\0\0\0",
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
async def test_a_damaged_result_is_no_asset(settings: Settings, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "made.wav").write_bytes(content)
    async with serving(settings, ReadyMade(tmp_path / "made.wav")) as client:
        done = await spoken(client, "hi")
    assert (done["status"], done["error"]["code"], done["assets"]) == ("failed", "asset_damaged", [])
    assert in_folder(settings) == set()


async def test_a_damaged_result_is_fetched_again_while_it_can_be(settings: Settings, tmp_path: Path) -> None:
    made = tmp_path / "made.wav"
    made.write_bytes(WAV[:-1])
    async with serving(settings, ReadyMade(made, keeps_seconds=600.0)) as client:
        begun = await called(client, "synthesize_speech", text="hi", voice_id="tone:low", wait_seconds=1)
        assert begun["status"] == "processing"
        made.write_bytes(WAV)
        done = await finished(client, begun)
    assert file_of(done).read_bytes() == WAV


KINDS: Sequence[tuple[AssetRole, str, bytes]] = (
    ("audio", "audio/wav", WAV),
    ("audio", "audio/mpeg", media.sound("mp3", 1.0)),
    ("audio", "audio/ogg", media.sound("ogg", 1.0)),
    ("audio", "audio/flac", media.sound("flac", 1.0)),
    ("audio", "audio/mp4", media.sound("m4a", 1.0)),
    ("video", "video/mp4", media.mp4(1.0, 64, 64)),
    ("timings", "application/json", json.dumps({"words": [{"word": "é"}]}).encode()),
)


@pytest.mark.parametrize(("role", "mime_type", "content"), KINDS, ids=[kind for _, kind, _ in KINDS])
def test_a_whole_file_passes_as_what_it_is_and_as_nothing_else(
    tmp_path: Path, role: AssetRole, mime_type: str, content: bytes
) -> None:
    file = tmp_path / "made"
    file.write_bytes(content)
    check_made(file, role, mime_type)
    for other_role, other_type, _ in KINDS:
        if other_type not in {mime_type, "audio/mp4" if mime_type == "video/mp4" else ""}:
            with pytest.raises(Unavailable, match="asset_damaged"):
                check_made(file, other_role, other_type)


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.99])
def test_a_video_or_timings_that_are_cut_off_are_damaged(tmp_path: Path, kept: float) -> None:
    for role, mime_type, content in KINDS[5:]:
        (tmp_path / "made").write_bytes(content[: int(len(content) * kept)])
        with pytest.raises(Unavailable, match="asset_damaged"):
            check_made(tmp_path / "made", role, mime_type)


async def test_on_a_full_disk_a_result_waits_until_there_is_room(settings: Settings, tmp_path: Path) -> None:
    made = tmp_path / "made.wav"
    made.write_bytes(media.wav(60.0))
    async with serving(settings, ReadyMade(made, keeps_seconds=600.0)) as client:
        with little_disk():
            begun = await called(client, "synthesize_speech", text="hi", voice_id="tone:low", wait_seconds=1)
            left = in_folder(settings)
        done = await finished(client, begun)
    assert (begun["status"], left) == ("processing", set())
    assert file_of(done).read_bytes() == made.read_bytes()
    assert in_folder(settings) == {file_of(done).name}


async def test_a_folder_that_cannot_be_written_is_told_and_waited_for(
    settings: Settings, tone: ToneProvider
) -> None:
    settings.home.mkdir()
    (settings.home / "assets").write_text("in the way", encoding="utf-8")
    async with serving(settings, tone) as client:
        begun = await called(client, "synthesize_speech", text="hi", voice_id="tone:low", wait_seconds=1)
        (settings.home / "assets").unlink()
        done = await finished(client, begun)
    assert (begun["status"], begun["provider_status"]) == ("processing", "asset_not_kept")
    assert str(settings.home / "assets") in begun["warnings"][0]
    assert (done["status"], done["warnings"], len(tone.submitted)) == ("succeeded", [], 1)


async def test_assets_are_for_their_owner_alone(settings: Settings, tone: ToneProvider) -> None:
    async with serving(settings, tone) as client:
        file = file_of(await spoken(client, "hi"))
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
