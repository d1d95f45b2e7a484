"""The text of a result: a client that shows the model nothing else keeps no argument of a later call from it."""

from collections.abc import Sequence
from pathlib import Path

from connecting import Connect
from facts import text_of
from soundstage.providers.profile import Model
from soundstage_tools.results import Voice, VoicePage
from soundstage_tools.summaries import summary
from tone import ToneProvider

ENGINES = ["auto", "aws", "azure", "elevenLabs", "elevenLabsV3", "fish", "google", "openai", "panda", "starfish"]
EMOTIONS = [f"emotion {number}" for number in range(100)]


def voice(voice_id: str = "one:a", **facts: object) -> Voice:
    told = {"voice_id": voice_id, "name": "Ada", "language": "en-GB", "gender": "female", **facts}
    return Voice.model_validate(told)


def lines_of(voices: Sequence[Voice]) -> list[str]:
    """The lines that tell of the voices."""
    text = summary(VoicePage(voices=list(voices), total=len(voices), takes=[]))
    return text.splitlines()[1:]


def test_of_a_voice_is_told_what_it_takes_and_whether_it_is_a_clone() -> None:
    assert lines_of(
        [
            voice(),
            voice(kind="cloned"),
            voice(engines=["auto", "aws"]),
            voice(emotions=["calm", "in a rage"]),
            voice(kind="cloned", engines=["auto"], emotions=[]),
        ]
    ) == [
        "one:a  Ada, en-GB, female",
        "one:a  Ada, en-GB, female, cloned",
        "one:a  Ada, en-GB, female; engines auto, aws",
        "one:a  Ada, en-GB, female; emotions calm, in a rage",
        "one:a  Ada, en-GB, female, cloned; engines auto; emotions none",
    ]


def test_a_page_of_voices_that_take_much_stays_short() -> None:
    lines = lines_of([voice(f"heygen:{n:032x}", engines=ENGINES, emotions=EMOTIONS) for n in range(25)])
    assert len(lines) == 25
    assert sum(len(line) + 1 for line in lines) <= 25 * 280
    assert all("; engines auto, aws, " in line and line.endswith(", 92 more") for line in lines)


def test_eight_values_are_all_told() -> None:
    [line] = lines_of([voice(emotions=EMOTIONS[:8])])
    assert line.endswith("; emotions " + ", ".join(EMOTIONS[:8]))


async def test_of_a_provider_its_models_and_its_default_voice_are_told(connect: Connect, tmp_path: Path) -> None:
    full = ToneProvider(tmp_path, name="full", models=(Model("square"), Model("round")), default_voice="low")
    plain = ToneProvider(tmp_path, name="plain", animates=False)
    async with connect([full, plain]) as client:
        lines = text_of(await client.call_tool("list_providers", {})).splitlines()
    [first, second] = [line for line in lines if line.startswith("  tools: ")]
    assert first.endswith("; voices: 2; default voice: full:low; models: full:square, full:round")
    assert second.endswith("; voices: 2")
