"""What Hedra's list proves of an order whose answer was lost: what it leaves open is never ordered again."""

import time
import uuid
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from mcp import Client

from connecting import Connected
from emulators.chaos import Rule
from emulators.clock import stamp
from emulators.server import Emulator, emulating
from facts import called, finished
from hedra_calls import STOCK_VOICE, SWIFT
from soundstage.providers.hedra.listing import PAGE
from soundstage.providers.hedra.provider import HedraProvider
from soundstage.settings import Access
from soundstage_tools.errors import OutcomeUnknown, Unavailable

ORDER, LIST = "POST /generations", "GET /generations"
TEXT = "Pay me once."
SPEECH = {"type": "text_to_speech", "voice_id": STOCK_VOICE, "text": TEXT}
OTHER = SPEECH | {"text": "Of the team."}
ARRIVED = Rule(match=ORDER, nth=(1,), do="drop", when="after")
DAY, YEAR = 24 * 3600.0, 365 * 24 * 3600.0


@pytest.fixture
def hedra() -> Generator[Emulator]:
    with emulating("hedra", switches={"scripts": {"*": SWIFT}}) as emulator:
        yield emulator


async def spoken(agent: Client) -> dict[str, Any]:
    begun = await called(agent, "synthesize_speech", voice_id=f"hedra:{STOCK_VOICE}", text=TEXT)
    return await finished(agent, begun)


def entry(ago: float = 0.0, order: object = SPEECH, **members: object) -> dict[str, Any]:
    """A generation in the list, made so many seconds ago."""
    return {
        "id": str(uuid.uuid4()),
        "type": "audio",
        "input": order,
        "status": "processing",
        "progress": 0.0,
        "created_at": stamp(time.time() - ago),
        **members,
    }


def listing(*entries: object, offset: int = 0, **which: Any) -> Rule:
    """The list is this, with the order in it or not."""
    page = {"page_info": {"limit": PAGE, "offset": offset}, "data": list(entries)}
    return Rule(match=LIST, do="edit", replace=page, **which)


def pages(*each: Sequence[object]) -> list[Rule]:
    """The list comes in these pages, and then ends."""
    offsets = [sum(map(len, each[:number])) for number in range(len(each) + 1)]
    return [
        listing(*page, offset=offset, nth=(number,))
        for number, (page, offset) in enumerate(zip([*each, []], offsets, strict=True), 1)
    ]


async def sought(hedra: Emulator, folder: Path, ago: float = 60.0, order: Mapping[str, object] = SPEECH) -> str:
    """The id of the generation of an order that was sent so many seconds ago; empty where there is none."""
    provider = HedraProvider(Access(hedra.base_url, hedra.key), folder)
    async with provider.running():
        return await provider.find(order, set(), time.time() - ago)


def others(*ago: float) -> list[dict[str, Any]]:
    return [entry(seconds, OTHER) for seconds in ago]


VIDEO = {
    "type": "video",
    "start_keyframe_id": "a",
    "audio_id": "b",
    "generated_video_inputs": {"text_prompt": "c"},
}
INLINE = {"type": "video", "start_keyframe_id": "a", "audio_generation": SPEECH}


def with_more(order: dict[str, Any], **more: object) -> dict[str, Any]:
    return order | {"generated_video_inputs": order["generated_video_inputs"] | more}


WIDE = with_more(VIDEO, aspect_ratio="16:9")


@pytest.mark.parametrize(
    ("order", "equal", "other"),
    [
        (SPEECH, SPEECH | {"speed": 1.0, "stability": 1.0, "language": "auto"}, SPEECH | {"speed": 0.7}),
        (SPEECH | {"speed": 0.7}, SPEECH | {"speed": 0.7, "language": None}, SPEECH),
        (SPEECH, SPEECH, SPEECH | {"language": "Japanese"}),
        (INLINE, INLINE, INLINE | {"audio_generation": SPEECH | {"speed": 0.7}}),
        (VIDEO, with_more(VIDEO, resolution=None, aspect_ratio="9:16"), with_more(VIDEO, aspect_ratio="16:9")),
        (WIDE, WIDE, VIDEO),
        (VIDEO, VIDEO, with_more(VIDEO, bounding_box_target=[0.5, 0.5])),
    ],
)
async def test_of_two_orders_that_differ_in_what_one_leaves_unsaid_each_finds_its_own(
    hedra: Emulator, tmp_path: Path, order: dict[str, Any], equal: dict[str, Any], other: dict[str, Any]
) -> None:
    kind = "video" if order["type"] == "video" else "audio"
    newer, own = entry(10, other, type=kind), entry(20, equal, type=kind)
    hedra.control.add_rules(*pages([newer, own]))
    assert await sought(hedra, tmp_path, order=order) == own["id"]


async def test_an_order_that_asked_for_more_is_not_taken_for_the_lost_one(hedra: Emulator, tmp_path: Path) -> None:
    hedra.control.add_rules(*pages([entry(10, SPEECH | {"speed": 0.7, "language": "Japanese"})]))
    with pytest.raises(OutcomeUnknown):
        await sought(hedra, tmp_path)


@pytest.mark.parametrize(
    "body",
    [
        {"message": "Service temporarily degraded"},
        {"data": None},
        {"data": []},
        {"page_info": {"limit": 100, "offset": 100}, "data": []},
        {"page_info": {"limit": 100, "offset": 0}, "data": {"items": []}},
        {"page_info": {"limit": 100, "offset": 0}, "data": [None]},
        {"page_info": {"limit": 100, "offset": 0}, "data": [{"id": "the one"}]},
        [],
    ],
    ids=str,
)
async def test_a_list_that_is_not_of_its_form_proves_nothing(
    hedra: Emulator, tmp_path: Path, body: object
) -> None:
    hedra.control.add_rules(Rule(match=LIST, do="edit", replace=body))
    with pytest.raises(Unavailable, match="provider_unreadable"):
        await sought(hedra, tmp_path)


async def test_a_list_that_proves_nothing_is_read_again_and_the_order_stands(
    client: Connected, hedra: Emulator
) -> None:
    hedra.control.add_rules(ARRIVED, Rule(match=LIST, nth=(1,), do="edit", replace={"data": None}))
    async with client() as agent:
        done = await spoken(agent)
    assert (done["status"], done["charged"]) == ("succeeded", "yes")
    assert len(hedra.control.ledger(ORDER)) == 1


@pytest.mark.parametrize(
    "told",
    [
        {"order": None},
        {"order": {}},
        {"order": {"type": "text_to_speech", "voice_id": STOCK_VOICE}},
        {"order": SPEECH | {"text": f" {TEXT}\n"}},
        {"order": SPEECH | {"text": None}},
        {"order": SPEECH | {"speed": 1.1000000238}},
        {"order": None, "type": "something new"},
        {"order": None, "created_at": None},
        {"order": None, "created_at": "yesterday"},
        {"order": None, "ago": 3600.0},
    ],
    ids=str,
)
async def test_a_generation_that_may_be_the_lost_order_leaves_it_open(
    hedra: Emulator, tmp_path: Path, told: dict[str, Any]
) -> None:
    one = entry(**told)
    hedra.control.add_rules(*pages([one]))
    with pytest.raises(OutcomeUnknown, match=one["id"]):
        await sought(hedra, tmp_path, order=SPEECH | {"speed": 1.1})


async def test_an_order_that_is_left_open_is_handed_to_the_user_and_not_made_again(
    client: Connected, hedra: Emulator
) -> None:
    one = entry(order=None)
    hedra.control.add_rules(ARRIVED, *pages([one]))
    async with client() as agent:
        done = await spoken(agent)
    assert (done["status"], done["charged"]) == ("needs_attention", "unknown")
    assert done["error"]["code"] == "outcome_unknown"
    assert one["id"] in done["error"]["message"]
    assert f"soundstage attach {done['generation_id']} ITS_ID" in done["next_step"]
    assert len(hedra.control.ledger(ORDER)) == 1


@pytest.mark.parametrize(
    "told",
    [
        {"order": OTHER},
        {"order": {"text": OTHER["text"]}},
        {"order": SPEECH | {"speed": 1.2}},
        {"order": None, "type": "video"},
        {"order": None, "ago": 2 * DAY},
    ],
    ids=str,
)
async def test_a_generation_that_is_plainly_another_leaves_nothing_open(
    hedra: Emulator, tmp_path: Path, told: dict[str, Any]
) -> None:
    hedra.control.add_rules(*pages([entry(**told)]))
    assert await sought(hedra, tmp_path, order=SPEECH | {"speed": 1.1}) == ""


async def test_an_order_is_found_behind_pages_that_are_shorter_than_was_asked_for(
    hedra: Emulator, tmp_path: Path
) -> None:
    hers = entry(30)
    hedra.control.add_rules(*pages(others(1, 2), [hers]))
    assert await sought(hedra, tmp_path) == hers["id"]


async def test_an_order_is_absent_where_the_list_has_come_to_what_is_older(
    hedra: Emulator, tmp_path: Path
) -> None:
    hedra.control.add_rules(*pages(others(1, 50, 100), others(200, DAY + 59, DAY + 120)))
    assert await sought(hedra, tmp_path) == ""
    assert len(hedra.control.ledger(LIST)) == 2


async def test_an_order_is_not_absent_where_newer_generations_fill_every_page_that_is_read(
    hedra: Emulator, tmp_path: Path
) -> None:
    hedra.control.add_rules(*pages(*[others(1, 1)] * 30))
    with pytest.raises(OutcomeUnknown, match="too many others"):
        await sought(hedra, tmp_path)


@pytest.mark.parametrize("dates", [(2 * DAY, 2 * DAY - 1), (1, 3 * DAY, 2 * DAY)], ids=["oldest-first", "mixed"])
async def test_a_list_in_another_order_is_read_to_its_end(
    hedra: Emulator, tmp_path: Path, dates: Sequence[float]
) -> None:
    hers = entry(30)
    hedra.control.add_rules(*pages(others(*dates), [hers]))
    assert await sought(hedra, tmp_path) == hers["id"]


@pytest.mark.parametrize("date", ["", "soon"])
async def test_without_the_providers_date_only_the_end_of_the_list_proves_anything(
    hedra: Emulator, tmp_path: Path, date: str
) -> None:
    undated = [rule.model_copy(update={"headers": {"Date": date}}) for rule in pages(others(2 * DAY), [entry(30)])]
    hedra.control.add_rules(*undated)
    assert await sought(hedra, tmp_path)


async def test_a_clock_that_was_set_back_since_proves_nothing(hedra: Emulator, tmp_path: Path) -> None:
    hedra.control.add_rules(*pages(others(2 * DAY), [entry(30)]))
    assert await sought(hedra, tmp_path, ago=-3600.0)


@pytest.fixture(params=[YEAR, -YEAR], ids=["a-year-on", "a-year-back"])
def wrong(request: pytest.FixtureRequest) -> Generator[tuple[Emulator, float]]:
    """A Hedra whose clock is so many seconds ahead."""
    with emulating("hedra", start=time.time() + request.param) as emulator:
        yield emulator, request.param


async def test_the_age_of_a_generation_is_told_by_the_providers_clock(
    wrong: tuple[Emulator, float], tmp_path: Path
) -> None:
    hedra, ahead = wrong
    hers = entry(30 - ahead, None)
    hedra.control.add_rules(*pages([hers, *others(2 * DAY - ahead)]))
    with pytest.raises(OutcomeUnknown, match=hers["id"]):
        await sought(hedra, tmp_path)
    assert len(hedra.control.ledger(LIST)) == 1


async def test_an_order_of_which_nothing_is_known_is_no_other_generation(hedra: Emulator, tmp_path: Path) -> None:
    hedra.control.add_rules(*pages(others(1)))
    with pytest.raises(OutcomeUnknown):
        await sought(hedra, tmp_path, order={})
