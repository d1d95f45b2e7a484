"""How media is taken in from each kind of source, how it is kept, and that a failure leaves nothing behind."""

import base64
import hashlib
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Protocol

import anyio
import pytest

from soundstage.media.intake import Intake
from soundstage_tools.errors import BadRequest, StudioError, Unavailable


class Place(Protocol):
    root: Path
    inputs: Path
    intake: Intake
    innocent: bytes

    def kept(self) -> list[bytes]: ...


MakePng = Callable[..., bytes]


def data_uri(content: bytes, header: str = "data:image/png;base64") -> str:
    return f"{header},{base64.b64encode(content).decode()}"


async def refusal(intake: Intake, source: str) -> StudioError:
    with anyio.fail_after(30), pytest.raises(StudioError) as caught:
        await intake.take(source, "image")
    return caught.value


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """The authority of a web server on loopback, and the folder that it serves."""
    folder = tmp_path / "site"
    folder.mkdir()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = (folder / self.path[1:]).read_bytes()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(content)

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            del code, size

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"127.0.0.1:{server.server_address[1]}", folder
        server.shutdown()
        thread.join()


async def test_every_kind_of_source_gives_the_same_private_copy(place: Place, site: tuple[str, Path]) -> None:
    authority, folder = site
    (folder / "any.bin").write_bytes(place.innocent)
    intake = Intake(place.inputs, [place.root], insecure_hosts=[authority])
    sources = [
        "face.png",
        (place.root / "face.png").as_uri(),
        f"http://{authority}/any.bin",
        data_uri(place.innocent),
    ]
    taken = {await intake.take(source, "image") for source in sources}
    assert len(taken) == 1
    copy = taken.pop()
    sha256 = hashlib.sha256(place.innocent).hexdigest()
    assert copy.path == place.inputs / f"{sha256}.png"
    assert (copy.sha256, copy.bytes, copy.mime_type) == (sha256, len(place.innocent), "image/png")
    assert copy.path.read_bytes() == place.innocent
    assert list(place.inputs.iterdir()) == [copy.path]
    assert stat.S_IMODE(copy.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(place.inputs.stat().st_mode) == 0o700


async def test_the_copy_outlives_its_source(place: Place) -> None:
    taken = await place.intake.take("face.png", "image")
    (place.root / "face.png").write_bytes(b"something else")
    assert taken.path.read_bytes() == place.innocent


async def test_a_copy_that_is_there_stays_and_counts_as_asked_for_again(place: Place) -> None:
    first = await place.intake.take("face.png", "image")
    os.utime(first.path, (1.0, 1.0))
    before = first.path.stat()
    assert await place.intake.take("face.png", "image") == first
    after = first.path.stat()
    assert after.st_ino == before.st_ino
    assert after.st_mtime_ns > before.st_mtime_ns


async def test_a_copy_that_a_crash_cut_off_is_made_again(place: Place) -> None:
    first = await place.intake.take("face.png", "image")
    first.path.write_bytes(place.innocent[:20])
    assert await place.intake.take("face.png", "image") == first
    assert first.path.read_bytes() == place.innocent


async def test_many_at_once_make_one_copy(place: Place) -> None:
    async with anyio.create_task_group() as group:
        for _ in range(50):
            group.start_soon(place.intake.take, "face.png", "image")
    assert place.kept() == [place.innocent]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"<html>Sign in to continue</html>" * 9, "media_type_not_accepted"),
        (b"", "media_damaged"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x08\0\0\0\x08\x08\2\0\0\0", "media_damaged"),
        (bytes(26 * 2**20), "download_too_large"),
    ],
    ids=["a page", "nothing", "cut off, without a length", "too large"],
)
async def test_a_download_that_is_no_image_leaves_nothing_behind(
    content: bytes, code: str, place: Place, site: tuple[str, Path]
) -> None:
    authority, folder = site
    (folder / "face.png").write_bytes(content)
    intake = Intake(place.inputs, [], insecure_hosts=[authority])
    assert (await refusal(intake, f"http://{authority}/face.png")).code == code
    assert not place.kept()


async def test_a_download_has_one_deadline(place: Place) -> None:
    async def never(host: str, port: int) -> list[str]:
        del host, port
        await anyio.sleep_forever()
        return []

    intake = Intake(place.inputs, [], resolve=never, deadline_seconds=0.1)
    late = await refusal(intake, "https://media.example/face.png")
    assert isinstance(late, Unavailable)
    assert late.code == "download_timed_out"
    assert not place.kept()


async def test_a_cancelled_download_leaves_nothing_behind(place: Place) -> None:
    asked = anyio.Event()

    async def never(host: str, port: int) -> list[str]:
        del host, port
        asked.set()
        await anyio.sleep_forever()
        return []

    async with anyio.create_task_group() as group:
        group.start_soon(Intake(place.inputs, [], resolve=never).take, "https://media.example/face.png", "image")
        await asked.wait()
        assert len(place.kept()) == 1
        group.cancel_scope.cancel()
    assert not place.kept()


@pytest.mark.parametrize(
    "url", ["http://example.com/a.png", "https://127.0.0.1/a.png", "https:/a.png", "HTTPS://0/"]
)
async def test_a_url_is_guarded(url: str, place: Place) -> None:
    assert (await refusal(place.intake, url)).code in {"url_not_https", "url_not_public", "url_invalid"}
    assert not place.kept()


async def test_a_data_uri_may_state_any_type(place: Place) -> None:
    for header in ("data:image/jpeg;base64", "DATA:;BASE64", "data:text/plain;charset=utf-8;base64"):
        assert (await place.intake.take(data_uri(place.innocent, header), "image")).mime_type == "image/png"
    escaped = data_uri(place.innocent).replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")
    header, _, payload = escaped.partition("%2Fpng")
    assert (await place.intake.take(f"{header}/png{payload}", "image")).bytes == len(place.innocent)


@pytest.mark.parametrize(
    "uri",
    [
        "data:",
        "data:image/png;base64",
        "data:image/png;base64,####",
        "data:image/png;base64,iVBORw0KG",
        "data:image/png;base64,iVBORw0K\n",
        "data:image/png;base64,été",
        "data:image/png;base64,\udc80",
        "data:image/png,%89PNG",
        "data:image/svg+xml,<svg/>",
        "data://etc/passwd",
    ],
)
async def test_a_data_uri_that_holds_no_base64_is_refused(uri: str, place: Place) -> None:
    assert (await refusal(place.intake, uri)).code == "data_uri_invalid"
    assert not place.kept()


async def test_a_data_uri_holds_up_to_ten_mebibytes(place: Place, make_png: MakePng) -> None:
    limit = 10 * 2**20
    fits = make_png(text=bytes(limit - len(make_png())))
    assert len(fits) == limit
    assert (await place.intake.take(data_uri(fits), "image")).bytes == limit
    for over in (1, 3 * limit):
        assert (await refusal(place.intake, data_uri(fits + bytes(over)))).code == "media_too_large"
    assert (await refusal(place.intake, data_uri(b""))).code in {"media_damaged", "media_type_not_accepted"}


@pytest.mark.parametrize(
    "source",
    [
        "",
        "ftp://example.com/face.png",
        "s3://bucket/face.png",
        "gs://bucket/face.png",
        "smb://server/share/face.png",
        "javascript://example.com/%0aalert(1)",
        base64.b64encode(bytes(9000)).decode(),
    ],
)
@pytest.mark.parametrize("kind", ["image", "audio"])
async def test_an_unknown_form_is_answered_with_those_that_are_known(source: str, kind: str, place: Place) -> None:
    with pytest.raises(BadRequest) as caught:
        await place.intake.take(source, "image" if kind == "image" else "audio")
    refused = caught.value
    assert refused.code == "source_not_understood"
    assert kind in refused.message
    for form in ("/home/me/", "file:///", "https://", "data:"):
        assert form in refused.next_step


async def test_a_folder_that_cannot_be_made_is_told_in_our_words(place: Place, site: tuple[str, Path]) -> None:
    authority, folder = site
    (folder / "face.png").write_bytes(place.innocent)
    blocked = place.root / "face.png" / "inputs"
    intake = Intake(blocked, [place.root], insecure_hosts=[authority])
    for source in ("face.png", data_uri(place.innocent), f"http://{authority}/face.png"):
        failed = await refusal(intake, source)
        assert isinstance(failed, Unavailable)
        assert failed.code == "home_unwritable"
        assert str(blocked) in failed.message


async def test_what_is_no_media_is_never_written_to_disk(place: Place) -> None:
    (place.root / "keys.png").write_bytes(b"-----BEGIN PRIVATE KEY-----")
    intake = Intake(place.root / "face.png" / "inputs", [place.root])
    for source in ("keys.png", data_uri(b"-----BEGIN PRIVATE KEY-----")):
        assert (await refusal(intake, source)).code == "media_type_not_accepted"


FULL_DISK = """
import resource, sys
from pathlib import Path
import anyio
from soundstage.media.intake import Intake
from soundstage_tools.errors import Unavailable

inputs, root, limit = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

async def take(source):
    try:
        await Intake(inputs, [root], insecure_hosts=[sys.argv[4]]).take(source, "image")
    except Unavailable as error:
        print(error.code, list(inputs.iterdir()))

for source in sys.stdin.read().split():
    anyio.run(take, source)
"""


@pytest.mark.parametrize("limit", [0, 4096, 200_000])
async def test_a_full_disk_is_told_in_our_words_and_nothing_is_left(
    limit: int, place: Place, site: tuple[str, Path], make_png: MakePng
) -> None:
    authority, folder = site
    content = make_png(text=os.urandom(300_000))
    for directory in (folder, place.root):
        (directory / "large.png").write_bytes(content)
    small = data_uri(place.innocent) if limit == 0 else data_uri(make_png(text=bytes(limit)))
    sources = ["large.png", f"http://{authority}/large.png", small]
    run = await anyio.to_thread.run_sync(
        lambda: subprocess.run(
            [sys.executable, "-c", FULL_DISK, str(place.inputs), str(place.root), str(limit), authority],
            input=" ".join(sources),
            capture_output=True,
            text=True,
            check=False,
        )
    )
    assert run.stderr == ""
    assert run.stdout.splitlines() == ["disk_full []"] * 3
