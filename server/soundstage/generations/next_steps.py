"""What an agent is told to do about a generation, and what it waits for."""

from collections.abc import Collection, Iterator, Mapping

from soundstage.generations.reach import is_reachable, is_stranded, names_its_job, obstacle
from soundstage.generations.record import Record, State
from soundstage.providers.port import Provider
from soundstage_tools.results import GenerationStatus

GONE = (
    "What it made is no longer kept: it was removed to make room, or by hand. Ask for it again with the tool that "
    "made it, with a new idempotency_key if you use one."
)
_SPEAK_ANEW = "Ask for the video again with its text, or with another speech as audio."
_DOING: Mapping[State, str] = {
    State.QUEUED: "it waits for its turn at {title}",
    State.SUBMITTING: "it is being handed to {title}",
    State.UNCERTAIN: "the answer of {title} was lost, and its lists are searched for the job",
    State.RUNNING: "{title} is making it",
    State.FETCHING: "the result is being fetched from {title}",
}


def next_step(
    record: Record,
    awaited: Record | None,
    status: GenerationStatus,
    gone: Collection[str],
    providers: Mapping[str, Provider],
) -> str:
    """What to do now.

    `awaited` is the speech that it needs; `status` the one that is shown; `gone` are the ids of the assets, of
    both, that are not there any more.
    """
    match record.state:
        case State.SUCCEEDED:
            return _done(record, gone)
        case State.NEEDS_ATTENTION:
            return _look(record, providers, _spoken(awaited, gone))
        case State.FAILED | State.CANCELED:
            return " ".join(_ended(record, awaited, gone, providers))
        case _:
            return _still(record, awaited, status, providers)


def _still(
    record: Record, awaited: Record | None, status: GenerationStatus, providers: Mapping[str, Provider]
) -> str:
    ahead = "it is to be stopped" if record.cancel_requested else f"still {status}"
    one = at_work(record, awaited)
    if hindered := obstacle(one, providers):
        return (
            f"Nothing failed; {ahead}, but not by this server: {hindered} "
            "A Soundstage that has it goes on with this; do not ask for it anew."
            f"{_carried_over(one, providers)}{_given_up(record, one, providers)}"
        )
    doing = _DOING[one.state].format(title=_title(one, providers))
    if one is not record:
        doing = f"its speech {one.generation_id} comes first, and {doing}"
    if one.warnings:
        doing = "it is held up for now, as its warnings say, and goes on by itself; do not ask for it anew"
    return f"Nothing failed; {ahead}: {doing}. Call get_generation_status again, with wait_seconds."


def _done(record: Record, gone: Collection[str]) -> str:
    if any(asset.asset_id in gone for asset in record.assets):
        return GONE
    if record.voice_id:
        return "Done. Pass voice_id to synthesize_speech or create_avatar_video."
    if record.kind == "voice_clone":
        again = "call clone_voice with a new idempotency_key" if record.has_key else "call clone_voice"
        return f"The voice that it cloned was deleted. To clone it again, {again}."
    return "Done. Give the user the asset URL."


def _look(record: Record, providers: Mapping[str, Provider], spoken: str = "") -> str:
    """What the user can do about what may have been made. Nothing else orders it again: no key, and no repeat.

    `spoken`: the speech of a video, which is there already.
    """
    # That something is to be tried again is no longer so.
    own = record.error.next_step if record.error and not record.error.retryable else ""
    anew = "force_new=true and a new idempotency_key"
    if spoken:
        anew += f', and audio="{spoken}" so that its speech is not made again'
    if record.charged == "no":
        return f"{own} Nothing was charged. Ask again with {anew}.".lstrip()
    look = f"ask the user to look at the account at {_title(record, providers)}."
    attach = _attach(record, providers)
    anew = f"Only if it is not to be had there, ask again with {anew}."
    return f"{own} It may have been made and charged: {look}{attach} {anew}".lstrip()


def _attach(record: Record, providers: Mapping[str, Provider]) -> str:
    """How the user goes on with what was made although its answer was lost; empty where that cannot be."""
    if record.job_id and is_reachable(record, providers):
        return f" To have it looked for and fetched once more: `soundstage attach {record.generation_id}`."
    if not names_its_job(record, providers):
        return ""
    return f" If it is there, they can go on with it: `soundstage attach {record.generation_id} ITS_ID`."


def _ended(
    record: Record, awaited: Record | None, gone: Collection[str], providers: Mapping[str, Provider]
) -> Iterator[str]:
    """What to do about what has ended without a result."""
    if record.state is State.CANCELED:
        yield _stopped(record, awaited, providers)
    elif record.error and record.error.next_step:
        yield record.error.next_step
    if awaited:
        yield from _about_speech(awaited, gone, providers)
    if record.has_key:
        yield "When you ask again, do so with a new idempotency_key."


def _about_speech(awaited: Record, gone: Collection[str], providers: Mapping[str, Provider]) -> Iterator[str]:
    """What to do about the speech of a video that has ended: it may have been paid for."""
    name = awaited.generation_id
    match awaited.state:
        case State.SUCCEEDED if _spoken(awaited, gone):
            again = "made" if awaited.charged == "no" else "paid for"
            yield f'Its speech is made: send audio="{name}" in place of text, so that it is not {again} again.'
        case State.SUCCEEDED:
            yield f"Its speech {name} was made, but its file is no longer kept."
        case State.NEEDS_ATTENTION:
            yield f"Its speech {name} needs attention. {_look(awaited, providers)}"
            if _attach(awaited, providers):
                yield f'Once it has succeeded after all, send audio="{name}" in place of text.'
        case State.FAILED if awaited.error:
            yield f"{awaited.error.next_step} {_SPEAK_ANEW}".lstrip()
        case State.FAILED | State.CANCELED:
            yield _SPEAK_ANEW
        case _:
            yield f'Its speech {name} is still being made: audio="{name}" makes a video of it.'


def _spoken(awaited: Record | None, gone: Collection[str]) -> str:
    """The id of the speech of a video, where its audio is there to be used again."""
    if awaited is None or awaited.state is not State.SUCCEEDED:
        return ""
    is_there = all(asset.asset_id not in gone for asset in awaited.assets)
    return awaited.generation_id if is_there else ""


def _carried_over(record: Record, providers: Mapping[str, Provider]) -> str:
    """How the user goes on with what was begun with a key that was replaced since; empty where that cannot be."""
    if not record.submitted_at or not is_stranded(record, providers) or not names_its_job(record, providers):
        return ""
    named = record.job_id or "ITS_ID"
    return (
        " If the key that is set now opens the same account, the user can go on with it here: "
        f"`soundstage attach {record.generation_id} {named}`."
    )


def _given_up(record: Record, one: Record, providers: Mapping[str, Provider]) -> str:
    if record.cancel_requested:
        return ""
    runs_on = (
        "" if one.charged == "no" else f", which does not stop it at {_title(one, providers)}: it may be billed"
    )
    return f" cancel_generation gives {record.generation_id} up{runs_on}. Then it can be asked for anew."


def at_work(record: Record, awaited: Record | None) -> Record:
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
    """The speech whose price counts in that of its video: made for it alone, or perhaps paid for in vain."""
    if awaited and (awaited.made_for == record.generation_id or awaited.charged == "unknown"):
        return [awaited]
    return []


def _title(record: Record, providers: Mapping[str, Provider]) -> str:
    provider = providers.get(record.provider)
    title = provider.profile.title if provider else record.provider
    return title.replace("The ", "the ", 1) if title.startswith("The ") else title
