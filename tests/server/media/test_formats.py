"""What an image or audio file must be to be taken, shown on files from real encoders and on hostile ones."""

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, cast

import av
import numpy as np
import pytest
from PIL import Image

from soundstage.media.intake import Intake, TakenMedia
from soundstage_tools.errors import BadRequest


async def take(
    content: bytes, kind: Literal["image", "audio"], tmp_path: Path, name: str = "named.txt"
) -> TakenMedia:
    (tmp_path / name).write_bytes(content)
    return await Intake(tmp_path / "inputs", [tmp_path]).take(name, kind)


async def refusal(content: bytes, kind: Literal["image", "audio"], tmp_path: Path) -> BadRequest:
    with pytest.raises(BadRequest) as caught:
        await take(content, kind, tmp_path)
    assert not list((tmp_path / "inputs").glob("*"))
    return caught.value


def picture(encoder: str, **options: Any) -> bytes:
    """A gradient of 96 x 64 pixels with noise, so that every encoder has something to say."""
    noise = np.random.default_rng(1).integers(0, 64, (64, 96, 3))
    pixels = (noise + np.arange(96)[None, :, None]).astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, encoder, **options)
    return out.getvalue()


def exif_with_thumbnail() -> bytes:
    thumbnail = picture("JPEG")
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif.tobytes() + thumbnail


def sound(container: str, codec: str, sample_format: str, hertz: int = 48000) -> bytes:
    """A second of a 440 Hz tone, on both channels."""
    out = io.BytesIO()
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(hertz) / hertz)
    with cast("Any", av.open(out, "w", format=container)) as file:
        stream = file.add_stream(codec, rate=hertz, layout="stereo", options={"strict": "-2"})
        frame = av.AudioFrame.from_ndarray(
            np.repeat(tone, 2)[None, :].astype(np.float32), format="flt", layout="stereo"
        )
        frame.sample_rate = hertz
        resampler = av.AudioResampler(
            sample_format, "stereo", hertz, frame_size=stream.codec_context.frame_size or None
        )
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            file.mux(stream.encode(piece))
        file.mux(stream.encode(None))
    return out.getvalue()


IMAGES: dict[str, tuple[Callable[[], bytes], str]] = {
    "png": (lambda: picture("PNG"), "image/png"),
    "jpeg": (lambda: picture("JPEG"), "image/jpeg"),
    "progressive jpeg": (lambda: picture("JPEG", progressive=True), "image/jpeg"),
    "jpeg with a thumbnail": (lambda: picture("JPEG", exif=exif_with_thumbnail()), "image/jpeg"),
    "webp": (lambda: picture("WEBP"), "image/webp"),
    "lossless webp": (lambda: picture("WEBP", lossless=True), "image/webp"),
    "webp with metadata": (lambda: picture("WEBP", exif=exif_with_thumbnail()), "image/webp"),
    "gif": (lambda: picture("GIF"), "image/gif"),
    "animated gif": (
        lambda: picture(
            "GIF", save_all=True, append_images=[Image.new("RGB", (96, 64))], loop=0, comment=b"c" * 999
        ),
        "image/gif",
    ),
}
SOUNDS: dict[str, tuple[Callable[[], bytes], str]] = {
    "wav": (lambda: sound("wav", "pcm_s16le", "s16"), "audio/wav"),
    "mp3": (lambda: sound("mp3", "libmp3lame", "s16p"), "audio/mpeg"),
    "mp3 of 22 kHz": (lambda: sound("mp3", "libmp3lame", "s16p", 22050), "audio/mpeg"),
    "mp3 without a tag": (lambda: sound("mp3", "libmp3lame", "s16p")[45:], "audio/mpeg"),
    "m4a": (lambda: sound("ipod", "aac", "fltp"), "audio/mp4"),
    "mp4": (lambda: sound("mp4", "aac", "fltp"), "audio/mp4"),
    "ogg opus": (lambda: sound("ogg", "libopus", "flt"), "audio/ogg"),
    "ogg vorbis": (lambda: sound("ogg", "vorbis", "fltp"), "audio/ogg"),
    "flac": (lambda: sound("flac", "flac", "s16"), "audio/flac"),
    "webm": (lambda: sound("webm", "libopus", "flt"), "audio/webm"),
}


@pytest.mark.parametrize("case", IMAGES)
async def test_images_are_taken_by_their_content(case: str, tmp_path: Path) -> None:
    encode, mime_type = IMAGES[case]
    taken = await take(encode(), "image", tmp_path)
    assert taken.mime_type == mime_type
    assert taken.path.suffix == "." + mime_type.removeprefix("image/").replace("jpeg", "jpg")


@pytest.mark.parametrize("case", SOUNDS)
async def test_audio_is_taken_by_its_content(case: str, tmp_path: Path) -> None:
    encode, mime_type = SOUNDS[case]
    assert (await take(encode(), "audio", tmp_path)).mime_type == mime_type


@pytest.mark.parametrize("case", [*IMAGES, "wav", "m4a"])
async def test_a_file_that_is_cut_off_is_refused_wherever_the_cut_is(case: str, tmp_path: Path) -> None:
    kind: Literal["image", "audio"] = "image" if case in IMAGES else "audio"
    whole = (IMAGES | SOUNDS)[case][0]()
    for share in (0.05, 0.3, 0.6, 0.9, 0.99):
        assert (await refusal(whole[: max(64, int(len(whole) * share))], kind, tmp_path)).code == "media_damaged"


@pytest.mark.parametrize("case", [*IMAGES, *SOUNDS])
async def test_a_file_of_a_few_bytes_is_refused_whatever_it_begins_with(case: str, tmp_path: Path) -> None:
    kind: Literal["image", "audio"] = "image" if case in IMAGES else "audio"
    whole = (IMAGES | SOUNDS)[case][0]()
    for length in range(1, 24):
        assert (await refusal(whole[:length], kind, tmp_path)).code in {"media_damaged", "media_type_not_accepted"}


@pytest.mark.parametrize("case", [*IMAGES, *SOUNDS])
async def test_a_file_of_the_other_kind_is_named_as_what_it_is(case: str, tmp_path: Path) -> None:
    encode, mime_type = (IMAGES | SOUNDS)[case]
    refused = await refusal(encode(), "audio" if case in IMAGES else "image", tmp_path)
    assert refused.code == "media_type_not_accepted"
    assert ("is image in" if case in IMAGES else "is audio in") in refused.message
    expected = "MP3, WAV, M4A/MP4, Ogg, FLAC or WebM" if case in IMAGES else "PNG, JPEG, WebP or GIF"
    assert expected in refused.next_step
    assert mime_type.startswith("image") == (case in IMAGES)


OTHERS = {
    "text": b"Dear sir or madam, " * 9,
    "pdf with a png inside": b"%PDF-1.7\n" + picture("PNG"),
    "html": b"<!doctype html><title>Sign in</title>",
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "bmp": picture("BMP"),
    "tiff": picture("TIFF"),
    "heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(99),
    "avif": b"\0\0\0\x1cftypavif\0\0\0\0avifmif1" + bytes(99),
    "zip": b"PK\x03\x04" + bytes(99),
    "elf": b"\x7fELF" + bytes(99),
    "riff of something else": b"RIFF\x20\0\0\0AVI LIST" + bytes(99),
    "utf-16 text": b"\xff\xfeD\0e\0a\0r\0" * 9,
    "png with a text's line ends": picture("PNG").replace(b"\r\n", b"\n"),
    "leading blank": b" " + picture("PNG"),
    "matroska": b"\x1aE\xdf\xa3\x93B\x82\x88matroska" + bytes(99),
}


@pytest.mark.parametrize("case", OTHERS)
@pytest.mark.parametrize("kind", ["image", "audio"])
async def test_other_formats_are_refused(case: str, kind: Literal["image", "audio"], tmp_path: Path) -> None:
    assert (await refusal(OTHERS[case], kind, tmp_path)).code == "media_type_not_accepted"


EMPTY_SHELLS: dict[str, tuple[bytes, Literal["image", "audio"]]] = {
    "png magic, then a script": (b"\x89PNG\r\n\x1a\n<script>alert(1)</script>" + bytes(99), "image"),
    "jpeg magic, then text": (b"\xff\xd8\xff\xfe\0\x10Not a picture at all" + b"text" * 99, "image"),
    "jpeg of comments alone": (b"\xff\xd8" + b"\xff\xfe\0\2" * 9999 + b"\xff\xd9", "image"),
    "gif and a script": (b"GIF89a=1;alert('polyglot');/*" + bytes(99), "image"),
    "webp without a picture": (b"RIFF\x5c\0\0\0WEBPXMP " + bytes(99), "image"),
    "wav without samples": (b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0" + bytes(16) + b"data\0\0\0\0", "audio"),
    "wav without a format": (b"RIFF\x24\0\0\0WAVEdata\x10\0\0\0" + bytes(16), "audio"),
    "mp4 without a track": (b"\0\0\0\x10ftypM4A \0\0\0\0" + b"\0\0\0\x08free" * 9, "audio"),
    "mp4 of a box without length": (b"\0\0\0\x10ftypM4A \0\0\0\0" + b"\0\0\0\x01moov" + bytes(99), "audio"),
    "id3 tag alone": (b"ID3\4\0\0\0\0\0\x20" + bytes(32), "audio"),
    "id3 tag that runs on": (b"ID3\4\0\0\x7f\x7f\x7f\x7f" + bytes(99), "audio"),
    "id3 tag, then text": (b"ID3\4\0\0\0\0\0\x20" + bytes(32) + b"text" * 99, "audio"),
    "one mp3 header": (b"\xff\xfb\x90\0" + b"text" * 999, "audio"),
    "ogg of video": (b"OggS\0\2" + bytes(20) + b"\1\x2a\x80theora" + bytes(99), "audio"),
    "flac of nothing": (b"fLaC\0\0\0\x22" + bytes(99), "audio"),
    "flac without its first block": (b"fLaC\x04\0\0\x22" + bytes(99), "audio"),
}


@pytest.mark.parametrize("case", EMPTY_SHELLS)
async def test_a_shell_without_media_inside_is_refused(case: str, tmp_path: Path) -> None:
    content, kind = EMPTY_SHELLS[case]
    assert (await refusal(content, kind, tmp_path)).code == "media_damaged"


def png_header(width: int, height: int) -> bytes:
    header = struct.pack(">4sIIBBBBB", b"IHDR", width, height, 8, 2, 0, 0, 0)
    whole = picture("PNG")
    return whole[:8] + struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header)) + whole[33:]


def jpeg_header(width: int, height: int) -> bytes:
    whole = picture("JPEG")
    at = whole.index(b"\xff\xc0") + 5
    return whole[:at] + struct.pack(">HH", height, width) + whole[at + 4 :]


def gif_header(width: int, height: int) -> bytes:
    whole = picture("GIF")
    return whole[:6] + struct.pack("<HH", width, height) + whole[10:]


def gif_frame(width: int, height: int) -> bytes:
    whole = picture("GIF")
    at = whole.index(b",\0\0\0\0\x60\0\x40\0") + 5
    return whole[:at] + struct.pack("<HH", width, height) + whole[at + 4 :]


def webp_lossy(width: int, height: int) -> bytes:
    whole = picture("WEBP")
    at = whole.index(b"\x9d\x01\x2a") + 3
    return whole[:at] + struct.pack("<HH", width, height) + whole[at + 4 :]


def webp_lossless(width: int, height: int) -> bytes:
    whole = picture("WEBP", lossless=True)
    (packed,) = struct.unpack_from("<I", whole, 21)
    return whole[:21] + struct.pack("<I", packed >> 28 << 28 | (height - 1) << 14 | width - 1) + whole[25:]


def webp_canvas(width: int, height: int) -> bytes:
    whole = picture("WEBP", icc_profile=b"a profile")
    return whole[:24] + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little") + whole[30:]


HEADERS = (png_header, jpeg_header, gif_header, gif_frame, webp_lossy, webp_lossless, webp_canvas)


@pytest.mark.parametrize("header", HEADERS)
async def test_an_image_of_too_many_pixels_is_refused_by_its_header(
    header: Callable[[int, int], bytes], tmp_path: Path
) -> None:
    refused = await refusal(header(9000, 9001), "image", tmp_path)
    assert refused.code == "image_too_many_pixels"
    assert "9000 x 9001" in refused.message
    assert "50 million" in refused.message
    assert await take(header(10_000, 5_000), "image", tmp_path)
    assert (await take(header(96, 64), "image", tmp_path)).bytes == len(header(96, 64))


@pytest.mark.parametrize(("width", "height"), [(50_000, 50_000), (2**31 - 1, 2**31 - 1), (50_000_001, 1)])
async def test_a_huge_png_header_is_refused(width: int, height: int, tmp_path: Path) -> None:
    assert (await refusal(png_header(width, height), "image", tmp_path)).code == "image_too_many_pixels"


@pytest.mark.parametrize("header", [png_header, jpeg_header, webp_lossy])
@pytest.mark.parametrize("size", [(0, 64), (96, 0)])
async def test_an_image_without_a_side_is_refused(
    header: Callable[[int, int], bytes], size: tuple[int, int], tmp_path: Path
) -> None:
    assert (await refusal(header(*size), "image", tmp_path)).code == "media_damaged"


async def test_a_wav_that_was_written_to_a_pipe_is_taken(tmp_path: Path) -> None:
    whole = sound("wav", "pcm_s16le", "s16")
    at = whole.index(b"data") + 4
    unknown = whole[:4] + b"\xff" * 4 + whole[8:at] + b"\xff" * 4 + whole[at + 4 :]
    assert (await take(unknown, "audio", tmp_path)).bytes == len(whole)


@pytest.mark.parametrize(
    ("kind", "content", "limit"),
    [("image", picture("JPEG"), 25 * 2**20), ("audio", SOUNDS["flac"][0](), 150 * 2**20)],
)
async def test_each_kind_has_its_own_largest_size(
    kind: Literal["image", "audio"], content: bytes, limit: int, tmp_path: Path
) -> None:
    name = "large"
    with (tmp_path / name).open("wb") as file:
        file.write(content)
        file.truncate(limit + 1)
    intake = Intake(tmp_path / "inputs", [tmp_path])
    with pytest.raises(BadRequest) as caught:
        await intake.take(name, kind)
    assert caught.value.code == "media_too_large"
    assert f"{limit // 2**20} MiB" in caught.value.message
    with (tmp_path / name).open("rb+") as file:
        file.truncate(limit)
    assert await intake.take(name, kind)
