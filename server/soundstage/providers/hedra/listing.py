"""Hedra's list of generations: where a lost order is looked for, and what proves that it began nothing."""

import math
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import cast

from soundstage.http.api import Answer, Api
from soundstage.providers.hedra import answers
from soundstage.providers.hedra.profile import TITLE
from soundstage.providers.reading import Body, body_of, number_of, unreadable
from soundstage_tools.errors import OutcomeUnknown

PAGE, MOST_PAGES = 100, 20
MARGIN_SECONDS = 24 * 3600.0
"""A generation that began so long before an order was sent is not that order's, however wrong the clocks are."""

MOST_NAMED = 3
_SPEECH: Body = {"stability": 1.0, "speed": 1.0, "language": "auto"}
_VIDEO: Body = {"aspect_ratio": "9:16", "resolution": "720p", "duration_ms": 0, "bounding_box_target": None}
"""What Hedra takes where an order does not say it (`hedra audio guide`, `hedra avatar guide`)."""
_MADE_BY = {"text_to_speech": "audio", "voice_clone": "voice", "video": "video"}
_KINDS = {"image", "audio", "video", "voice", "text", "three_d", "rich_text"}


@dataclass(frozen=True, slots=True)
class Listed:
    """A generation as the list shows it. `order` is what it echoes of its order, maybe nothing.

    `created_at` is in seconds since 1970 by Hedra's clock; endlessly late where that is not told.
    """

    job_id: str
    kind: str
    order: Body
    created_at: float


class Listing:
    """The generations of an account, the newest first."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def find(self, order: Body, taken: Collection[str], submitted_at: float) -> str:
        """The newest generation that is of `order` and not `taken`; empty where there is none.

        There is none where the list has come to its end, or to what is older than the order, which was sent at
        `submitted_at`: in seconds since 1970 by the clock of this machine, which may have been set meanwhile.

        Raises:
            OutcomeUnknown: the list shows one that may be it, or is too long.
            Unavailable: the list cannot be read now.
        """
        seen: list[Listed] = []
        oldest: float | None = None
        for _ in range(MOST_PAGES):
            answer, page = await self._page(len(seen))
            oldest = _oldest(answer, submitted_at) if oldest is None else oldest
            free = [one for one in page if one.job_id not in taken]
            if found := next((one for one in free if order and is_of(one.order, order)), None):
                return found.job_id
            seen += page
            if not page or _has_passed(seen, oldest):
                break
        else:
            raise _unknown("lists too many others to look through")
        recent = [one for one in seen if one.job_id not in taken and one.created_at >= oldest]
        if perhaps := [one.job_id for one in recent if may_be(one, order)]:
            raise _unclear(list(dict.fromkeys(perhaps)))
        return ""

    async def generation(self, job_id: str) -> Listed | None:
        """The generation of this id; None where the list does not show it.

        Raises:
            Unavailable: the list cannot be read now.
        """
        _, page = await self._page(0, [("ids", job_id)])
        return next((one for one in page if one.job_id.lower() == job_id), None)

    async def _page(self, offset: int, query: Sequence[tuple[str, str]] = ()) -> tuple[Answer, list[Listed]]:
        answer = await self._api.look("/generations", [("limit", str(PAGE)), ("offset", str(offset)), *query])
        return answer, _listed(answer.json(), offset)


def _listed(answer: object, offset: int) -> list[Listed]:
    """The generations of one page, which has all that is after so many.

    Raises:
        Unavailable: it is not of the documented form, and so proves nothing.
    """
    page = answers.body(answer)
    data = page.get("data")
    if number_of(body_of(page.get("page_info")).get("offset")) != offset or not isinstance(data, list):
        raise unreadable(TITLE)
    return [_one(answers.body(item)) for item in cast("list[object]", data)]


def _one(item: Body) -> Listed:
    if not answers.is_uuid(item.get("id")):
        raise unreadable(TITLE)
    return Listed(item["id"], str(item.get("type")), body_of(item.get("input")), _time(item.get("created_at")))


def _time(told: object) -> float:
    try:
        time_ = datetime.fromisoformat(told if isinstance(told, str) else "")
        return (time_ if time_.tzinfo else time_.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return math.inf


def _oldest(answer: Answer, submitted_at: float) -> float:
    """When, by Hedra's clock, the generation of an order began at the earliest."""
    ago = time.time() - submitted_at
    # A clock that was set back since then cannot tell how long ago that was.
    return answer.at - ago - MARGIN_SECONDS if answer.at is not None and ago >= 0 else -math.inf


def _has_passed(seen: Sequence[Listed], oldest: float) -> bool:
    """Whether what comes next is older than that. Only a list that was in order so far says so."""
    in_order = all(one.created_at >= other.created_at for one, other in pairwise(seen))
    return in_order and seen[-1].created_at < oldest


def is_of(echoed: Body, order: Body) -> bool:
    """Whether a generation echoes `order`, and otherwise what Hedra takes where nothing is said."""
    return _echoes(_said(echoed), _said(order)) and not _chosen(echoed) - _chosen(order)


def _said(order: Body) -> Body:
    """An order with what its speech leaves unsaid."""
    told = {name: value for name, value in order.items() if value is not None}
    if told.get("type") == "text_to_speech":
        return {**_SPEECH, **told}
    inline = body_of(told.get("audio_generation"))
    return {**told, "audio_generation": _said(inline)} if inline else told


def _chosen(order: Body) -> set[str]:
    """What an order asks of its video that need not be asked, but for what Hedra would have chosen itself."""
    asked = body_of(order.get("generated_video_inputs"))
    return {name for name, usual in _VIDEO.items() if asked.get(name) is not None and asked[name] != usual}


def _echoes(echoed: object, order: object) -> bool:
    if isinstance(order, Mapping) and isinstance(echoed, Mapping):
        members, known = cast("Body", order), cast("Body", echoed)
        return all(name in known and _echoes(known[name], value) for name, value in members.items())
    return echoed == order


def may_be(one: Listed, order: Body) -> bool:
    """Whether nothing that is told of a generation says that another order began it."""
    of_another_kind = one.kind in _KINDS and one.kind != _MADE_BY.get(str(order.get("type")), one.kind)
    return not of_another_kind and not _differ(one.order, order)


def _differ(echoed: object, ordered: object) -> bool:
    """Whether these are plainly two: not where one is left out, rounded, or written with other spaces."""
    match echoed, ordered:
        case Mapping(), Mapping():
            known = cast("Body", echoed)
            members = cast("Body", ordered).items()
            return any(_differ(known[name], value) for name, value in members if name in known)
        case str(), str():
            return echoed.split() != ordered.split()
        case ((int() | float()), (int() | float())):
            return not math.isclose(echoed, ordered, rel_tol=1e-3)
        case _:
            return False


def _unclear(perhaps: Sequence[str]) -> OutcomeUnknown:
    more = " and others" if len(perhaps) > MOST_NAMED else ""
    return _unknown(
        f"lists {', '.join(perhaps[:MOST_NAMED])}{more} without all that was ordered: one of them may be this"
    )


def _unknown(what: str) -> OutcomeUnknown:
    return OutcomeUnknown(
        code="outcome_unknown",
        message=f"The answer to the order was lost, and {TITLE} {what}.",
    )
