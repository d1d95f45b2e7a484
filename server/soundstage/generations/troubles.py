"""How a generation ends that went wrong, in words for the agent."""

from soundstage.generations.record import Record, State
from soundstage.providers.profile import Profile
from soundstage_tools.errors import StudioError, Unavailable
from soundstage_tools.results import GenerationError


def as_error(refusal: StudioError) -> GenerationError:
    """The error of a generation that met this refusal."""
    return GenerationError(
        code=refusal.code,
        message=refusal.message,
        retryable=isinstance(refusal, Unavailable),
        next_step=refusal.next_step,
    )


def submission_lost(profile: Profile) -> GenerationError:
    """The answer to the request that begins the work never came."""
    return _open("outcome_unknown", f"The answer to the request was lost: {profile.title} may have the work.")


def made_in_part(profile: Profile) -> list[str]:
    """The warning that work was broken off between two of the requests that it takes."""
    if not profile.charges:
        return []
    return [f"{profile.title} has made a part of it, which is charged. The rest was not ordered yet."]


def job_vanished(profile: Profile) -> GenerationError:
    """The provider denies a job that it had accepted."""
    return _open("job_vanished", f"{profile.title} accepted the work, and no longer knows of it.")


def job_taken(profile: Profile) -> GenerationError:
    """The provider answered with the id of a job of another generation."""
    return _open(
        "job_id_taken",
        f"{profile.title} answered with the id of another generation's job, so its result is not to be trusted.",
    )


def never_finished(profile: Profile, provider_status: str) -> GenerationError:
    """The work outlived every deadline."""
    said = f' It still says "{provider_status}".' if provider_status else ""
    hours = profile.deadline_seconds / 3600
    return _open("never_finished", f"{profile.title} has not finished within {hours:g} hours.{said}")


def broke_off(profile: Profile) -> GenerationError:
    """A step broke in a way that nobody foresaw."""
    return GenerationError(
        code="internal_error",
        message=f"Soundstage broke off its work on this with {profile.title}: a fault of ours.",
        retryable=False,
        next_step="Report it with the server's log.",
    )


def speech_is_missing(awaited: Record) -> GenerationError:
    """The speech that a video was to say has come to nothing, as yet. What to do hangs on what becomes of that."""
    came_to = {State.NEEDS_ATTENTION: "needed attention", State.FAILED: "failed"}
    told = f"{came_to.get(awaited.state, 'was canceled')}{f': {awaited.error.message}' if awaited.error else '.'}"
    return GenerationError(
        code=awaited.error.code if awaited.error else "speech_canceled",
        message=f"The speech that this video was to say, {awaited.generation_id}, {told}",
        retryable=awaited.error.retryable if awaited.error else True,
        next_step="",
    )


def _open(code: str, message: str) -> GenerationError:
    """An outcome that is open: what there is to do is the same for all, and told where they are shown."""
    return GenerationError(code=code, message=message, retryable=False, next_step="")
