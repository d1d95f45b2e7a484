"""What the finished file is: streams, lengths, order of its parts, labels, and that a job repeats itself."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest

from portraits import Clip, Filmer, Speech
from soundstage.providers.local.avatar.faces import FaceFinder
from soundstage.providers.local.jobs import AspectRatio, Resolution
from watching import FPS, pictures, sound

SIZES: tuple[tuple[AspectRatio, Resolution, int, int], ...] = (
    ("16:9", "540p", 960, 540),
    ("16:9", "720p", 1280, 720),
    ("9:16", "540p", 540, 960),
    ("9:16", "720p", 720, 1280),
    ("1:1", "540p", 540, 540),
    ("1:1", "720p", 720, 720),
)


@pytest.fixture(scope="module")
def clip(filmer: Filmer, speech: Speech) -> Clip:
    return filmer.film(speech.audio, timings_path=speech.timings)


@pytest.fixture(scope="module")
def calm(filmer: Filmer, speech: Speech) -> Clip:
    return filmer.film(speech.audio, timings_path=speech.timings, head_motion=0.0)


def boxes(file: Path) -> Iterator[str]:
    """The kinds of the top-level boxes of an mp4, in order."""
    with file.open("rb") as stream:
        while header := stream.read(8):
            size = int.from_bytes(header[:4])
            assert size >= 8
            yield header[4:].decode("ascii")
            stream.seek(size - 8, 1)


def picture_sum(video: Path) -> str:
    digest = hashlib.sha256()
    for picture in pictures(video):
        digest.update(picture.tobytes())
    return digest.hexdigest()


def test_streams(clip: Clip) -> None:
    with av.open(clip.video) as container:
        assert "mp4" in container.format.name
        assert [stream.type for stream in container.streams] == ["video", "audio"]
        video, audio = container.streams.video[0], container.streams.audio[0]
        assert video.codec_context.name == "h264"
        assert video.codec_context.pix_fmt == "yuv420p"
        assert video.average_rate == FPS
        assert audio.codec_context.name == "aac"
        assert audio.codec_context.sample_rate == 48_000
        assert audio.codec_context.channels == 1


def test_picture_and_sound_last_as_long_as_the_audio(clip: Clip, speech: Speech) -> None:
    assert clip.outcome.duration_seconds == pytest.approx(speech.seconds, abs=0.001)
    shown = sum(1 for _ in pictures(clip.video)) / FPS
    heard = sound(clip.video, 48_000).size / 48_000
    assert 0 <= shown - speech.seconds < 1 / FPS
    assert heard == pytest.approx(speech.seconds, abs=1 / FPS)
    with av.open(clip.video) as container:
        assert container.duration is not None
        assert container.duration / av.time_base == pytest.approx(speech.seconds, abs=1 / FPS)


def test_sound_starts_where_it_did(clip: Clip, speech: Speech) -> None:
    said, heard = sound(speech.audio, 16_000), sound(clip.video, 16_000)
    size = 2 ** int(np.ceil(np.log2(said.size + heard.size)))
    likeness = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(said, size)))
    offset = int(np.argmax(likeness))
    assert min(offset, size - offset) / 16_000 < 0.005
    assert likeness.max() > 0.95 * np.linalg.norm(said) * np.linalg.norm(heard)


def test_plays_before_it_is_loaded(clip: Clip) -> None:
    order = list(boxes(clip.video))
    assert order.index("moov") < order.index("mdat")


def test_says_that_it_is_synthetic(clip: Clip) -> None:
    with av.open(clip.video) as container:
        assert "synthetic" in container.metadata["comment"].lower()
        assert "Soundstage" in container.metadata["comment"]


def test_progress_never_falls_and_ends_at_one(clip: Clip) -> None:
    assert list(clip.reports) == sorted(clip.reports)
    assert clip.reports[0] >= 0.0
    assert clip.reports[-1] == 1.0
    assert all(share < 1.0 for share in clip.reports[:-1])


def test_nothing_but_the_video_is_left(clip: Clip) -> None:
    assert not [path.name for path in clip.video.parent.iterdir() if path.suffix != ".mp4"]
    assert clip.outcome.warnings == ()


@pytest.mark.parametrize(("aspect_ratio", "resolution", "width", "height"), SIZES)
def test_size(
    aspect_ratio: AspectRatio,
    resolution: Resolution,
    width: int,
    height: int,
    filmer: Filmer,
    word: Speech,
    portrait: Path,
) -> None:
    film = filmer.film(word.audio, portrait, aspect_ratio=aspect_ratio, resolution=resolution)
    first = next(pictures(film.video))
    assert first.shape == (height, width, 3)
    assert FaceFinder().find(first)[0].height > 0.3 * min(width, height)


def test_the_same_job_gives_the_same_picture(filmer: Filmer, word: Speech, portrait: Path) -> None:
    sums = {picture_sum(filmer.film(word.audio, portrait, timings_path=word.timings).video) for _ in range(2)}
    assert len(sums) == 1


def test_a_calm_head_stays_where_it_is(clip: Clip, calm: Clip) -> None:
    def unrest(film: Clip) -> float:
        """The share of the pixels around the face that ever change by more than a tenth of the whole range."""
        frames = pictures(film.video)
        first = next(frames)
        face = FaceFinder().find(first)[0].landmarks[:, :2]
        (left, top), (right, bottom) = face.min(axis=0), face.max(axis=0)
        margin = 0.3 * (bottom - top)
        around = np.ones(first.shape[:2], np.bool_)
        around[int(top - margin) : int(bottom + margin), int(left - margin) : int(right + margin)] = False
        low, high = first.copy(), first.copy()
        for frame in frames:
            np.minimum(low, frame, out=low)
            np.maximum(high, frame, out=high)
        return float(((high - low)[around].max(axis=1) > 25).mean())

    assert unrest(calm) < 0.0002
    assert unrest(clip) > 0.002


def test_head_motion_grows(calm: Clip, clip: Clip, filmer: Filmer, speech: Speech) -> None:
    def travel(film: Clip) -> float:
        """How far the nose bridge strays, in pixels."""
        finder = FaceFinder()
        face = None
        places: list[tuple[float, float]] = []
        for index, picture in enumerate(pictures(film.video)):
            if index % 5 == 0:
                face = (finder.track(picture, face) if face else None) or finder.find(picture)[0]
                x, y = face.landmarks[[168, 6, 197], :2].mean(axis=0)
                places.append((float(x), float(y)))
        return float(np.linalg.norm(np.std(places, axis=0)))

    lively = filmer.film(speech.audio, timings_path=speech.timings, head_motion=2.0)
    still, usual, much = travel(calm), travel(clip), travel(lively)
    assert usual > 2 * still
    assert much > 1.4 * usual
