"""What an agent is told to do about a generation, and what it waits for."""

from collections.abc import Mapping

from soundstage.generations.record import Record, State
from soundstage.providers.port import NamesJobs, Provider
from soundstage_tools.results import GenerationStatus

GONE = (
    "What it made is no longer kept: it was removed to make room, or by hand. Ask for it again with the tool that "
    "made it, with a new idempotency_key if you use one."
)
_DOING: Mapping[State, str] = {
    State.QUEUED: "it waits for its turn at {title}",
    State.SUBMITTING: "it is being handed to {title}",
    State.UNCERTAIN: "the answer of {title} was lost, and its lists are searched for the job",
    State.RUNNING: "{title} is making it",
    State.FETCHING: "the result is being fetched from {title}",
}


def next_step(
    record: Record, awaited: Record | None, status: GenerationStatus, providers: Mapping[str, Provider]
) -> str:
    """What to do now. `awaited` is the speech that it needs; `status` the one that is shown."""
    if record.error:
        return record.error.next_step + _attachable(record, providers)
    if record.state is State.CANCELED:
        return _stopped(record, awaited, providers)
    if record.finished and record.voice_id:
        return "Done. Pass voice_id to synthesize_speech or create_avatar_video."
    if record.finished:
        return "Done. Give the user the asset URL."
    return _still(record, awaited, status, providers)


def is_reachable(record: Record, providers: Mapping[str, Provider]) -> bool:
    """Whether this server has the account that pays for a generation, and so can go on with it."""
    provider = providers.get(record.provider)
    return provider is not None and provider.profile.account == record.account


def obstacle(record: Record, awaited: Record | None, providers: Mapping[str, Provider]) -> str:
    """Why this server cannot go on with an unfinished generation, and what to set; empty if it can."""
    one = _at_work(record, awaited)
    if is_reachable(one, providers):
        return ""
    provider = providers.get(one.provider)
    if provider is None:
        return f"no provider {one.provider} is installed here. Install the package that brings it."
    profile = provider.profile
    if not profile.configured:
        return f"{profile.title} lacks {'; '.join(profile.missing)}."
    return f"another account's key for {profile.title} began it. Start Soundstage with that key."


def _still(
    record: Record, awaited: Record | None, status: GenerationStatus, providers: Mapping[str, Provider]
) -> str:
    ahead = "it is to be stopped" if record.cancel_requested else f"still {status}"
    if hindered := obstacle(record, awaited, providers):
        return (
            f"Nothing failed; {ahead}, but not by this server: {hindered} "
            "A Soundstage that has it goes on with this; do not ask for it anew."
        )
    one = _at_work(record, awaited)
    doing = _DOING[one.state].format(title=_title(one, providers))
    if one is not record:
        doing = f"its speech {one.generation_id} comes first, and {doing}"
    return f"Nothing failed; {ahead}: {doing}. Call get_generation_status again, with wait_seconds."


def _attachable(record: Record, providers: Mapping[str, Provider]) -> str:
    """How the user goes on with what was made although its answer was lost; empty where that cannot be."""
    if record.state is not State.NEEDS_ATTENTION or not is_reachable(record, providers):
        return ""
    provider = providers[record.provider]
    if not isinstance(provider, NamesJobs) or record.kind not in provider.profile.names_jobs:
        return ""
    return f" If it is there, the user can go on with it: `soundstage attach {record.generation_id} ITS_ID`."


def _at_work(record: Record, awaited: Record | None) -> Record:
    """Which of the two is being made now."""
    return awaited if awaited and not awaited.finished else record


def _stopped(record: Record, awaited: Record | None, providers: Mapping[str, Provider]) -> str:
    parts = [record, *paid_with(record, awaited)]
    asked = dict.fromkeys(_title(one, providers) for one in parts if one.charged != "no")
    if asked:
        return (
            f"It was stopped here. {' and '.join(asked)} was asked already; it cannot be stopped there and may "
            "be billed."
        )
    return "It was stopped on request, and nothing was charged. Ask again to make it anew."


def paid_with(record: Record, awaited: Record | None) -> list[Record]:
    """The speech that was made for this generation alone, and whose price is a part of its own."""
    return [awaited] if awaited and awaited.made_for == record.generation_id else []


def _title(record: Record, providers: Mapping[str, Provider]) -> str:
    provider = providers.get(record.provider)
    title = provider.profile.title if provider else record.provider
    return title.replace("The ", "the ", 1) if title.startswith("The ") else title
