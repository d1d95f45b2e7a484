"""Requests that a provider refuses: they are not repeated, and its words are told as a quotation."""

from collections.abc import Iterator

import anyio
import pytest

from emulators.chaos import Rule
from emulators.server import Emulator, emulating
from soundstage.http.api import Api, Refused
from soundstage.settings import Access
from soundstage_tools.errors import NotConfigured, StudioError

VOICES = "GET /voices"


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with emulating("speechgen") as running:
        yield running


async def failure(emulator: Emulator, rule: Rule) -> StudioError:
    """How a read of the voices ends under this rule."""
    emulator.control.add_rules(rule)
    api = Api(
        "SpeechGen",
        Access(emulator.base_url, emulator.key),
        header="Authorization",
        scheme="Bearer",
        key_setting="SPEECHGEN_API_KEY",
        url_setting="SPEECHGEN_BASE_URL",
    )
    with anyio.fail_after(60):
        async with api.running():
            with pytest.raises(StudioError) as caught:
                await api.read("/voices")
    return caught.value


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (400, Refused, "provider_refused"),
        (401, NotConfigured, "key_refused"),
        (402, Refused, "insufficient_credits"),
        (403, NotConfigured, "key_refused"),
        (404, Refused, "provider_refused"),
        (412, Refused, "insufficient_credits"),
        (422, Refused, "provider_refused"),
        (501, Refused, "provider_refused"),
        (596, Refused, "provider_refused"),
    ],
)
async def test_a_refusal_is_not_repeated_and_is_told_in_the_providers_words(
    status: int, kind: type[StudioError], code: str, emulator: Emulator
) -> None:
    body = '{"error": {"message": "Not \\"like\\"  this"}}'
    refused = await failure(emulator, Rule(do="status", status=status, body=body))
    assert type(refused) is kind
    assert refused.code == code
    assert refused.message.endswith("""SpeechGen wrote: "Not 'like' this\"""")
    assert str(status) in refused.message
    assert not isinstance(refused, Refused) or refused.status == status
    assert ("SPEECHGEN_API_KEY" in refused.next_step) == isinstance(refused, NotConfigured)
    assert len(emulator.control.ledger()) == 1


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('{"error": {"code": "x", "message": "one"}, "message": "two"}', "one"),
        ('{"error": "one", "messages": ["two"]}', "one"),
        ('{"messages": ["one", "two"], "detail": "three"}', "one; two"),
        ('{"detail": [{"loc": ["body", "speed"], "msg": "too fast"}, {"msg": "no"}]}', "body.speed: too fast; no"),
        ('{"detail": "one", "message": "two"}', "one"),
        ('{"message": "one", "error_message": "two"}', "one"),
        ('{"error": {"code": 7}, "error_message": "two"}', "two"),
        ('{"trace": 7}', "{'trace': 7}"),
        ("just text", "just text"),
        ("[" * 100_000, "[" * 199 + "…"),
        ("", ""),
        ("{}", ""),
        ("<html><body>one</body></html>", ""),
        ("  <?xml version='1.0'?><Error>one</Error>", ""),
        ("x" * 300, "x" * 199 + "…"),
        ("one\x1b[31m two\u202e\u200b three\x00\n\tfour", "one two three four"),
    ],
)
async def test_the_words_of_a_refusal(body: str, words: str, emulator: Emulator) -> None:
    refused = await failure(emulator, Rule(do="status", status=422, body=body))
    assert isinstance(refused, Refused)
    assert refused.said == words
    assert ("wrote" in refused.message) == bool(words)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_no_redirect_is_followed(status: int, emulator: Emulator) -> None:
    rule = Rule(match=VOICES, do="redirect", status=status, to=f"{emulator.asset_url}/media/x")
    refused = await failure(emulator, rule)
    assert isinstance(refused, Refused)
    assert "SPEECHGEN_BASE_URL" in refused.next_step
    assert [entry["event"] for entry in emulator.control.ledger()] == ["request"]
