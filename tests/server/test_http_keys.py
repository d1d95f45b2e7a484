"""The key of a provider: where it goes, and that it comes back to nobody."""

import base64
import logging
from collections.abc import Iterator
from urllib.parse import quote

import anyio
import pytest

from emulators.chaos import Rule
from emulators.server import Emulator, emulating
from soundstage.http.api import Api
from soundstage.http.origin import problem_with
from soundstage.settings import Access
from soundstage_tools.errors import NotConfigured, StudioError

KEY = "CANARY/speech+gen=1f9c27ab04e8"


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with emulating("speechgen", keys=[KEY]) as running:
        yield running


async def failures(access: Access, times: int) -> list[StudioError]:
    """What becomes of as many reads."""
    api = Api("SpeechGen", access, header="Authorization", scheme="Bearer", key_setting="SPEECHGEN_API_KEY")
    found: list[StudioError] = []
    with anyio.fail_after(60):
        async with api.running():
            for _ in range(times):
                with pytest.raises(StudioError) as caught:
                    await api.read("/voices", patient=False)
                found.append(caught.value)
    return found


def encodings(key: str) -> list[str]:
    return [
        key,
        quote(key, safe=""),
        key.upper(),
        f"{key[:5]}\u200b{key[5:]}",
        *(base64.b64encode(b"abc"[:shift] + key.encode() + b"xyz").decode() for shift in range(3)),
        *(base64.urlsafe_b64encode(b"abc"[:shift] + key.encode()).decode() for shift in range(3)),
        *(key[at : at + 12] for at in range(len(key) - 11)),
    ]


def parts_of(key: str) -> set[str]:
    """Every twelve characters of any spelling of the key."""
    return {
        spelling[at : at + 12].lower() for spelling in encodings(key) for at in range(max(1, len(spelling) - 11))
    }


@pytest.mark.parametrize("status", [400, 401, 402, 500])
async def test_the_key_is_in_no_error_and_in_no_log(
    status: int, emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    emulator.control.add_rules(Rule(do="echo_key", status=status))
    [told] = await failures(Access(emulator.base_url, KEY), 1)
    texts = [str(told), repr(told), caplog.text]
    assert "[removed]" in told.message
    said = "\n".join(texts).lower()
    assert [part for part in parts_of(KEY) if part in said] == []


async def test_the_key_is_known_in_every_spelling(emulator: Emulator) -> None:
    rules = [
        Rule(nth=(number,), do="status", status=422, body=f"See: {spelling} (bad)")
        for number, spelling in enumerate(encodings(KEY), 1)
    ]
    emulator.control.add_rules(*rules)
    told = [str(one) for one in await failures(Access(emulator.base_url, KEY), len(rules))]
    assert all("[removed]" in text and "(bad)" in text for text in told)
    said = "\n".join(told).lower()
    assert [part for part in parts_of(KEY) if part in said] == []


@pytest.mark.parametrize(
    ("base_url", "fine"),
    [
        ("https://api.speechgen.com/v1", True),
        ("https://api.speechgen.com:8443/v1/", True),
        ("http://127.0.0.1:8080", True),
        ("http://127.9.9.9", True),
        ("http://[::1]:80/v1", True),
        ("http://localhost:80", True),
        ("http://api.speechgen.com/v1", False),
        ("http://127.0.0.1.example.com/v1", False),
        ("http://localhost.example.com", False),
        ("http://10.0.0.1/", False),
        ("http://0.0.0.0/", False),
        ("ftp://127.0.0.1/", False),
        ("api.speechgen.com/v1", False),
        ("https://", False),
        ("https://user:word@api.speechgen.com", False),
        ("https://api.speechgen.com/v1?key=1", False),
        ("https://api.speechgen.com:0/", False),
        ("https://exa mple.com", False),
        ("", False),
    ],
)
def test_the_base_url_keeps_the_key_off_the_open_network(base_url: str, fine: bool) -> None:
    problem = problem_with(Access(base_url, KEY), "X_API_KEY", "X_BASE_URL")
    assert ("" if fine else "X_BASE_URL") in problem
    assert bool(problem) != fine


@pytest.mark.parametrize("key", ["", "has space", "ключ-from-a-page", "tab\tbed", "line\nbreak", "\x7f"])
def test_a_key_that_no_header_carries_is_not_repeated(key: str) -> None:
    problem = problem_with(Access("https://api.speechgen.com/v1", key), "X_API_KEY", "X_BASE_URL")
    assert "X_API_KEY" in problem
    assert not key or key not in problem


async def test_a_key_that_will_not_do_is_sent_nowhere(emulator: Emulator) -> None:
    for access in (
        Access(emulator.base_url, "ключ"),
        Access(emulator.base_url),
        Access("http://example.com", KEY),
    ):
        [told] = await failures(access, 1)
        assert isinstance(told, NotConfigured)
        assert "SPEECHGEN_API_KEY" in told.next_step
    assert emulator.control.ledger() == []
