"""Requests to a provider that may be repeated: how often, when, and with what in the error at the end."""

import hashlib
import socket
import tracemalloc
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import anyio
import pytest

from emulators.chaos import Rule
from emulators.media import png
from emulators.server import Emulator, emulating
from soundstage.http.api import Api
from soundstage.http.patience import asked_seconds
from soundstage.settings import Access
from soundstage_tools.errors import NotFound, StudioError, Unavailable

KEY = "CANARY/speech+gen=1f9c27ab04e8"
VOICES = "GET /voices"


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with emulating("speechgen", keys=[KEY]) as running:
        yield running


@pytest.fixture
def hedra() -> Iterator[Emulator]:
    with emulating("hedra") as running:
        yield running


def way(emulator: Emulator, **changes: Any) -> Api:
    options: dict[str, Any] = {
        "header": "Authorization",
        "scheme": "Bearer",
        "key_setting": "SPEECHGEN_API_KEY",
        "url_setting": "SPEECHGEN_BASE_URL",
        "base_seconds": 0.001,
        **changes,
    }
    return Api("SpeechGen", Access(emulator.base_url, emulator.key), **options)


@asynccontextmanager
async def running(emulator: Emulator, *rules: Rule, **changes: Any) -> AsyncGenerator[Api]:
    emulator.control.add_rules(*rules)
    api = way(emulator, **changes)
    with anyio.fail_after(60):
        async with api.running():
            yield api


def requests(emulator: Emulator, match: str = "*") -> int:
    return len(emulator.control.ledger(match))


async def failure(api: Api, path: str = "/voices", **options: Any) -> StudioError:
    with pytest.raises(StudioError) as caught:
        await api.read(path, **options)
    return caught.value


@pytest.mark.parametrize(
    "rule",
    [
        *(Rule(do="status", status=status) for status in (408, 425, 429, 500, 502, 503, 504, 522)),
        Rule(do="html", status=200),
        Rule(do="html", status=502),
        Rule(do="malformed"),
        Rule(do="edit", replace="a text", headers={"Content-Encoding": "gzip"}),
        Rule(do="drop", when="before"),
        Rule(do="drop", when="during"),
        Rule(do="drop", when="after"),
        Rule(do="drop", when="head"),
        Rule(do="cut_answer", size=5),
        *(Rule(do="retry_after", form=form) for form in ("absent", "past_date", "zero", "negative", "garbage")),
    ],
    ids=lambda rule: "-".join(str(v) for v in rule.model_dump(exclude_defaults=True).values() if v)[:40],
)
async def test_a_read_is_tried_up_to_five_times(rule: Rule, emulator: Emulator) -> None:
    async with running(emulator, rule.model_copy(update={"match": VOICES, "nth": (1, 2, 3, 4)})) as api:
        assert len((await api.read("/voices"))["voices"]) == 3
        assert requests(emulator) == 5
        emulator.control.add_rules(rule)
        failed = await failure(api)
        assert isinstance(failed, Unavailable)
        assert "SpeechGen" in failed.message
        assert requests(emulator) == 10
        assert isinstance(await failure(api, patient=False), Unavailable)
        assert requests(emulator) == 11


@pytest.mark.parametrize(
    ("value", "form", "least"), [("0.4", "seconds", 0.4), ("", "date", 0.0), ("1", "seconds", 1.0)]
)
async def test_a_read_is_never_repeated_earlier_than_asked(
    value: str, form: Any, least: float, emulator: Emulator
) -> None:
    rule = Rule(match=VOICES, nth=(1,), do="retry_after", form=form, value=value, seconds=1)
    async with running(emulator, rule) as api:
        async with anyio.create_task_group() as group:
            group.start_soon(api.read, "/voices")
            await anyio.to_thread.run_sync(emulator.control.wait_for)
            group.start_soon(api.read, "/models")
        refused, *others = emulator.control.ledger()
        # An HTTP date has no fraction of a second.
        asked = least or int(refused["at"] + 1) - refused["at"]
        assert len(others) == 2
        assert min(entry["at"] for entry in others if entry["path"] == "/voices") >= refused["at"] + asked


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        (Rule(do="retry_after", form="huge"), 600.0),
        (Rule(do="retry_after", form="huge", status=503), 600.0),
        (Rule(do="retry_after", seconds=30), 30.0),
        (Rule(do="retry_after", value="inf"), 600.0),
    ],
)
async def test_a_provider_that_wants_to_be_left_alone_is(rule: Rule, told: float, emulator: Emulator) -> None:
    async with running(emulator, rule) as api:
        for path in ("/voices", "/voices", "/models"):
            busy = await failure(api, path)
            assert isinstance(busy, Unavailable)
            assert busy.code == "provider_busy"
            assert told - 10 < busy.retry_after_seconds <= told
        assert requests(emulator) == 1


async def test_a_poll_does_not_wait(emulator: Emulator) -> None:
    async with running(emulator, Rule(do="retry_after", seconds=5, nth=(1,))) as api:
        busy = await failure(api, patient=False)
        assert isinstance(busy, Unavailable)
        assert busy.retry_after_seconds == 5
        assert (await failure(api, patient=False)).code == "provider_busy"
        assert requests(emulator) == 1


NOW = datetime(2026, 2, 14, 10, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        (" 7 ", 7.0),
        ("0", 0.0),
        ("-1", 0.0),
        ("1000000000", 1e9),
        ("soon", None),
        ("nan", None),
        ("", None),
        (None, None),
        (format_datetime(NOW + timedelta(seconds=90), usegmt=True), 90.0),
        (format_datetime(NOW - timedelta(days=400), usegmt=True), 0.0),
        ("Sat, 14 Feb 2026 25:99:00 GMT", None),
    ],
)
def test_a_retry_after_is_read_in_every_form(value: str | None, seconds: float | None) -> None:
    assert asked_seconds(value, format_datetime(NOW, usegmt=True)) == seconds


async def test_repeats_stay_within_a_tenth_of_the_requests(emulator: Emulator) -> None:
    asked = 400
    async with running(emulator, Rule(do="status", status=503, probability=0.6)) as api:
        outcomes: list[bool] = []

        async def ask() -> None:
            for _ in range(asked // 8):
                try:
                    await api.read("/voices")
                except Unavailable:
                    outcomes.append(False)
                else:
                    outcomes.append(True)

        async with anyio.create_task_group() as group:
            for _ in range(8):
                group.start_soon(ask)
    assert len(outcomes) == asked
    assert {True, False} == set(outcomes)
    assert asked + 20 <= requests(emulator) <= asked * 1.1


@pytest.mark.parametrize("do", ["oversize", "gzip_bomb"])
async def test_a_bomb_ends_as_an_error_in_little_memory(do: Any, emulator: Emulator) -> None:
    async with running(emulator, Rule(do=do, size=1 << 28)) as api:
        tracemalloc.start()
        try:
            failed = await failure(api)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert failed.code == "provider_failing"
    assert peak < 64 * 2**20
    assert requests(emulator) == 1


async def test_the_deadline_is_for_the_whole_answer(emulator: Emulator) -> None:
    async with running(emulator, Rule(do="drip", size=1, seconds=0.02), read_seconds=0.2) as api:
        assert (await failure(api, patient=False)).message == "SpeechGen did not answer within 0.2 seconds."


async def test_what_is_no_number_is_read_as_nothing(emulator: Emulator) -> None:
    async with running(emulator, Rule(do="progress_nan")) as api:
        assert (await api.read("/voices"))["progress"] is None


async def test_uploads_are_repeated(hedra: Emulator, tmp_path: Path) -> None:
    picture = tmp_path / "face.png"
    picture.write_bytes(png(600, 600) + bytes(600_000))
    rule = Rule(match="POST *", nth=(1, 3), do="drop", when="before")
    async with running(hedra, rule, header="X-API-Key", scheme="") as api:
        asset = await api.put_up("/assets", json={"name": "Gesicht ☺", "type": "image"})
        await api.put_up(f"/assets/{asset['id']}/upload", file=('fa"ce\r\n.png', picture))
    entries = hedra.control.ledger()
    assert [entry["status"] for entry in entries] == [None, 200, None, 200]
    assert entries[1]["json"] == {"name": "Gesicht ☺", "type": "image"}
    (part,) = entries[3]["parts"]
    assert (part["name"], part["filename"], part["content_type"]) == ("file", "fa%22ce%0D%0A.png", "image/png")
    assert part["sha256"] == hashlib.sha256(picture.read_bytes()).hexdigest()


async def test_what_is_removed_stays_removed(emulator: Emulator) -> None:
    async with running(emulator) as api:
        with pytest.raises(NotFound):
            await api.remove("/models/vm_none")
        # The second try finds nothing: the first one had done it, and its answer was lost.
        emulator.control.add_rules(
            Rule(match="DELETE *", nth=(1,), do="status", status=503, when="after"),
        )
        await api.remove("/models/vm_none")
    assert requests(emulator) == 3


async def test_a_provider_that_is_not_there_is_unreachable(emulator: Emulator) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    for base_url in (f"http://127.0.0.1:{port}", emulator.base_url.replace("http:", "https:")):
        api = Api("X", Access(base_url, KEY), header="X-API-Key", key_setting="X_API_KEY", base_seconds=0.001)
        async with api.running():
            assert (await failure(api)).code == "provider_unreachable"
    assert requests(emulator) == 0


async def test_no_proxy_hears_of_it(emulator: Emulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as canary:
        canary.setblocking(False)
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{canary.getsockname()[1]}")
            monkeypatch.setenv(name.upper(), f"http://127.0.0.1:{canary.getsockname()[1]}")
        monkeypatch.delenv("no_proxy", raising=False)
        async with running(emulator) as api:
            await api.read("/voices")
            speech = {"text": "Hi", "voice": "en-US-Neural2-A"}
            await api.order("/text-to-speech", json=speech, deadline_seconds=9, body_to=tmp_path / "speech.mp3")
        with pytest.raises(BlockingIOError):
            canary.accept()
