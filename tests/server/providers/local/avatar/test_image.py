"""Every kind of picture that people have, and each that cannot be animated, refused in words."""

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from portraits import BACKGROUND, Filmer, Speech, drawn_portrait
from soundstage.providers.local.avatar.render import animate
from soundstage.providers.local.jobs import AvatarJob, EngineError
from watching import Picture, pictures


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png_header(width: int, height: int) -> bytes:
    """The beginning of a PNG of that size, with no pixel in it."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"")


@pytest.fixture
def refused(tmp_path: Path, word: Speech) -> Callable[[Path], EngineError]:
    """Tries to animate an image in a folder of its own, and finds nothing made."""

    def tried(image: Path) -> EngineError:
        out = tmp_path / "out"
        out.mkdir()
        with pytest.raises(EngineError) as caught:
            animate(AvatarJob(word.audio, out / "video.mp4", image), lambda _: None)
        assert not list(out.iterdir())
        error = caught.value
        assert error.message.endswith(".")
        assert error.next_step.endswith(".")
        return error

    return tried


Refused = Callable[[Path], EngineError]


def test_no_face(refused: Refused, tmp_path: Path) -> None:
    fade = np.linspace(0, 255, 400).astype(np.uint8)
    Image.fromarray(np.stack([np.broadcast_to(fade, (300, 400))] * 3, axis=2)).save(tmp_path / "fade.png")
    error = refused(tmp_path / "fade.png")
    assert error.code == "no_face_found"
    assert "face" in error.message
    assert "drawn host" in error.next_step


def test_face_too_small(refused: Refused, tmp_path: Path) -> None:
    wall = Image.new("RGB", (240, 240), BACKGROUND)
    wall.paste(drawn_portrait(72), (84, 84))
    wall.save(tmp_path / "far.png")
    error = refused(tmp_path / "far.png")
    assert error.code == "face_too_small"
    assert "40" in error.message


@pytest.mark.parametrize("size", [(63, 480), (480, 63), (1, 1)])
def test_image_too_small(size: tuple[int, int], refused: Refused, tmp_path: Path) -> None:
    drawn_portrait(480).resize(size).save(tmp_path / "tiny.png")
    error = refused(tmp_path / "tiny.png")
    assert error.code == "image_too_small"
    assert f"{size[0]}x{size[1]}" in error.message
    assert "64" in error.message


@pytest.mark.parametrize("side", [7100, 9000, 30_000])
def test_image_too_large_is_told_by_its_header(side: int, refused: Refused, tmp_path: Path) -> None:
    (tmp_path / "huge.png").write_bytes(png_header(side, side))
    error = refused(tmp_path / "huge.png")
    assert error.code == "image_too_large"
    assert "50 megapixels" in error.message


@pytest.mark.parametrize(
    "content",
    [b"", b"Not a picture, but a letter.\n" * 20, bytes(range(256)) * 40, b"\x89PNG\r\n\x1a\n", b"<svg/>"],
    ids=["empty", "text", "bytes", "signature", "svg"],
)
def test_image_unreadable(content: bytes, refused: Refused, tmp_path: Path) -> None:
    (tmp_path / "portrait.png").write_bytes(content)
    error = refused(tmp_path / "portrait.png")
    assert error.code == "image_unreadable"
    assert "PNG" in error.next_step


def test_image_missing(refused: Refused, tmp_path: Path) -> None:
    error = refused(tmp_path / "nowhere.png")
    assert error.code == "image_unreadable"
    assert "does not exist" in error.message


@pytest.mark.parametrize("form", ["png", "jpeg", "webp", "gif", "tiff", "bmp"])
@pytest.mark.parametrize("share", [0.3, 0.8])
def test_image_cut_short(form: str, share: float, refused: Refused, tmp_path: Path) -> None:
    path = tmp_path / f"cut.{form}"
    drawn_portrait().save(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    assert refused(path).code == "image_unreadable"


def as_cmyk(image: Image.Image, path: Path) -> None:
    image.convert("CMYK").save(path.with_suffix(".jpg"), quality=95)


def as_jpeg(image: Image.Image, path: Path) -> None:
    image.save(path.with_suffix(".jpg"), quality=95)


def as_rotated(image: Image.Image, path: Path) -> None:
    """Stored lying on its side, with the note that says so."""
    exif = Image.Exif()
    exif[0x0112] = 6
    image.transpose(Image.Transpose.ROTATE_90).save(path.with_suffix(".jpg"), quality=95, exif=exif)


def as_cutout(image: Image.Image, path: Path) -> None:
    """Transparent where the background was, with a glaring colour under the transparency."""
    pixels = np.asarray(image)
    background = (pixels == BACKGROUND).all(axis=2)
    colours = np.where(background[..., None], np.array((255, 0, 255), np.uint8), pixels)
    alpha = np.where(background, 0, 255).astype(np.uint8)
    Image.fromarray(np.dstack([colours, alpha])).save(path.with_suffix(".png"))


def as_palette(image: Image.Image, path: Path) -> None:
    image.quantize(255).save(path.with_suffix(".png"))


def as_animation(image: Image.Image, path: Path) -> None:
    others = [Image.new("RGB", image.size, colour) for colour in ("black", "white")]
    image.save(path.with_suffix(".gif"), save_all=True, append_images=others, duration=80)


def as_webp(image: Image.Image, path: Path) -> None:
    image.save(path.with_suffix(".webp"), quality=95)


def as_avif(image: Image.Image, path: Path) -> None:
    image.save(path.with_suffix(".avif"), quality=90)


def as_bmp(image: Image.Image, path: Path) -> None:
    image.save(path.with_suffix(".bmp"))


def as_tiff(image: Image.Image, path: Path) -> None:
    image.save(path.with_suffix(".tiff"), compression="tiff_lzw")


def as_two_pictures(image: Image.Image, path: Path) -> None:
    """As cameras write it: a JPEG that a second picture follows."""
    image.save(path.with_suffix(".jpg"), "MPO", save_all=True, append_images=[image], quality=95)


def as_grey(image: Image.Image, path: Path) -> None:
    image.convert("L").save(path.with_suffix(".png"))


def as_deep_grey(image: Image.Image, path: Path) -> None:
    grey = np.asarray(image.convert("L")).astype(np.uint16) * 257
    Image.fromarray(grey).save(path.with_suffix(".png"))


def as_grey_with_alpha(image: Image.Image, path: Path) -> None:
    image.convert("LA").save(path.with_suffix(".png"))


Save = Callable[[Image.Image, Path], None]


def first_picture(filmer: Filmer, word: Speech, image: Path) -> Picture:
    clip = filmer.film(word.audio, image, aspect_ratio="1:1", head_motion=0.0)
    assert clip.outcome.warnings == ()
    return next(pictures(clip.video))


@pytest.fixture(scope="module")
def expected(filmer: Filmer, word: Speech, portrait: Path) -> Picture:
    return first_picture(filmer, word, portrait)


@pytest.mark.parametrize(
    "save",
    [
        as_cmyk,
        as_jpeg,
        as_rotated,
        as_cutout,
        as_palette,
        as_animation,
        as_webp,
        as_avif,
        as_bmp,
        as_tiff,
        as_two_pictures,
    ],
    ids=lambda save: save.__name__,
)
def test_coloured_pictures_of_every_kind(
    save: Save, expected: Picture, filmer: Filmer, word: Speech, tmp_path: Path
) -> None:
    save(drawn_portrait(), tmp_path / "portrait")
    (image,) = tmp_path.iterdir()
    shown = first_picture(filmer, word, image)
    assert np.abs(shown.astype(np.int16) - expected).mean() < 4


@pytest.mark.parametrize("save", [as_grey, as_deep_grey, as_grey_with_alpha], ids=lambda save: save.__name__)
def test_grey_pictures_of_every_kind(
    save: Save, expected: Picture, filmer: Filmer, word: Speech, tmp_path: Path
) -> None:
    save(drawn_portrait(), tmp_path / "portrait")
    (image,) = tmp_path.iterdir()
    shown = first_picture(filmer, word, image).astype(np.float64)
    grey = expected @ np.array([0.299, 0.587, 0.114])
    assert np.abs(shown.mean(axis=2) - grey).mean() < 4
    # Lips and mouth aside, grey stays grey.
    assert np.median(np.ptp(shown, axis=2)) <= 4


@pytest.mark.parametrize(("large_x", "small_x", "place"), [(480, 40, "on the right"), (0, 580, "on the left")])
def test_the_largest_of_several_faces_speaks(
    large_x: int, small_x: int, place: str, filmer: Filmer, word: Speech, tmp_path: Path
) -> None:
    group = Image.new("RGB", (960, 480), BACKGROUND)
    group.paste(drawn_portrait(300), (small_x, 180))
    group.paste(drawn_portrait(480), (large_x, 0))
    group.save(tmp_path / "group.png")
    clip = filmer.film(word.audio, tmp_path / "group.png", timings_path=word.timings, head_motion=0.0)
    (warning,) = clip.outcome.warnings
    assert "2 faces" in warning
    assert f"largest one, {place}," in warning


@pytest.mark.parametrize(
    "turn", [Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_270]
)
def test_a_portrait_that_does_not_stand_is_turned_upright(
    turn: Image.Transpose, expected: Picture, filmer: Filmer, word: Speech, tmp_path: Path
) -> None:
    drawn_portrait().transpose(turn).save(tmp_path / "lying.png")
    clip = filmer.film(word.audio, tmp_path / "lying.png", aspect_ratio="1:1", head_motion=0.0)
    (warning,) = clip.outcome.warnings
    assert "turned upright" in warning
    shown = next(pictures(clip.video)).astype(np.int16)
    assert np.abs(shown - expected).mean() < 4


def test_a_leaning_head_is_animated_with_a_warning(filmer: Filmer, word: Speech, tmp_path: Path) -> None:
    leaning = drawn_portrait().rotate(-42, Image.Resampling.BICUBIC, fillcolor=BACKGROUND)
    leaning.save(tmp_path / "leaning.png")
    (warning,) = filmer.film(word.audio, tmp_path / "leaning.png").outcome.warnings
    degrees = int(warning.split("leans by ")[1].split()[0])
    assert degrees == pytest.approx(42, abs=5)
