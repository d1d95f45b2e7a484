"""What useapi.net refuses, told so that an agent knows what to do about it."""

import re
from collections.abc import Generator, Sequence
from contextlib import contextmanager

from soundstage.http.api import Refused
from soundstage.providers.heygen.profile import EMAIL_SETTING, RETIRED, TITLE
from soundstage_tools.errors import BadRequest, NotConfigured, OutcomeUnknown, StudioError, Unavailable
from soundstage_tools.results import GenerationError

_DAILY_LIMIT = re.compile(r"\bdaily\b.*\blimit\b", re.IGNORECASE)
_NO_SUCH_ACCOUNT = re.compile(r"\bconfiguration not found\b", re.IGNORECASE)
_EMAIL_REQUIRED = re.compile(r"\bemail\b.*\brequired\b", re.IGNORECASE)
_AT_FAULT = re.compile(
    r"\binvalid (?:emotion|engine|voice|language)|\bdoes not support emotions\b|\bparam \w+ (?:is|must|exceeds)\b",
    re.IGNORECASE,
)
_FAILING = {"provider_failing", "provider_unreachable", "outcome_unknown"}
_GONE = {404, 410}
_SESSION_BROKEN = 596
_CHOOSE_ACCOUNT = (
    f"set {EMAIL_SETTING} to its email and restart the server, or send that as `email` to synthesize_speech, "
    "the one tool that takes it."
)


@contextmanager
def explained() -> Generator[None]:
    """Raise in place of an error of the API the one that says what is behind it."""
    try:
        yield
    except StudioError as error:
        raise _explained(error) from None


def _explained(error: StudioError) -> StudioError:
    # The status of these is not documented, or any: the words decide, whatever it is.
    if _DAILY_LIMIT.search(error.message):
        return BadRequest(
            code="daily_limit",
            message=error.message,
            next_step="HeyGen speaks no more on this account today. Ask again tomorrow, take a voice of another "
            f"provider, or use another account: {_CHOOSE_ACCOUNT}",
        )
    if _NO_SUCH_ACCOUNT.search(error.message):
        return NotConfigured(
            code="account_missing",
            message=error.message,
            next_step=f"Use an account that is set up at useapi.net: {_CHOOSE_ACCOUNT}",
        )
    if _EMAIL_REQUIRED.search(error.message):
        return BadRequest(
            code="email_required",
            message=f"Several HeyGen accounts are set up at useapi.net, and none was chosen. {error.message}",
            next_step=f"Use one of them: {_CHOOSE_ACCOUNT}",
        )
    if isinstance(error, Refused):
        return _by_status(error)
    if isinstance(error, OutcomeUnknown) and _AT_FAULT.search(error.message):
        return Refused(
            code="provider_refused",
            message=error.message,
            next_step=f"Change what {TITLE} objects to.",
            status=0,
            may_be_charged=True,
        )
    return _perhaps_retired(error) if error.code in _FAILING else error


def _perhaps_retired(error: StudioError) -> StudioError:
    """An API that fails, or cannot be reached, may be one that is no more."""
    next_step = f"{error.next_step} If it stays so, take a voice of another provider: {RETIRED}."
    if isinstance(error, OutcomeUnknown):
        return OutcomeUnknown(code=error.code, message=error.message, next_step=next_step)
    asked = error.retry_after_seconds if isinstance(error, Unavailable) else 0.0
    return Unavailable(code=error.code, message=error.message, next_step=next_step, retry_after_seconds=asked)


def _by_status(refusal: Refused) -> StudioError:
    """A refusal that is about the account or the API itself, explained; any other as it is."""
    if refusal.status in _GONE:
        return NotConfigured(
            code="provider_retired",
            message=f"{refusal.message} {RETIRED[0].upper()}{RETIRED[1:]}.",
            next_step="Take a voice of another provider: list_providers shows which speak.",
        )
    if refusal.status == _SESSION_BROKEN:
        return NotConfigured(
            code="account_session_lost",
            message=refusal.message,
            next_step="The user has to set up this HeyGen account anew at useapi.net.",
        )
    return refusal


def unfit(field: str, whose: str, choices: Sequence[str]) -> BadRequest:
    """A value of a field that the voice, or the provider, does not take. Nobody was asked."""
    if not choices:
        message, next_step = f"{whose} takes no {field}.", f"Leave `{field}` out."
    else:
        message, next_step = f"`{field}` must be one of {', '.join(choices)} with {whose}.", "Send one of these."
    return BadRequest(code="provider_limits", message=message, next_step=next_step)


def no_room(longest: int) -> BadRequest:
    """Another take of a text that is not cut into parts, and too long for the blanks that make it another."""
    return BadRequest(
        code="provider_limits",
        message=f"Made anew, `text` may have {longest:,} characters at most with {TITLE}: equal requests come "
        "from its cache, and the rest tells this one from them.",
        next_step="Shorten it, or install soundstage[audio], with which long texts are spoken in parts.",
    )


def not_offered() -> BadRequest:
    """Work that is not speech."""
    return BadRequest(
        code="not_supported",
        message=f"{TITLE} speaks, and does nothing else.",
        next_step="Choose another provider: list_providers shows what each one does.",
    )


def link_expired() -> Unavailable:
    """What was spoken is there no more under the link to it. An equal order comes from HeyGen's cache."""
    return Unavailable(
        code="link_expired",
        message=f"The link of {TITLE} to the speech has expired.",
        next_step="The same is asked for again by itself, which HeyGen answers from what it keeps.",
    )


def incomplete() -> GenerationError:
    """Some of what was answered is not there, although it was asked for as often as that may be."""
    return GenerationError(
        code="result_missing",
        message=f"{TITLE} was asked for the speech, and not all of it can be had: links have expired, or answers "
        "are no longer in the work folder.",
        retryable=False,
        next_step="It may be charged; an equal order comes from HeyGen's cache while that has it.",
    )


def after(done: int, parts: int, refusal: StudioError) -> StudioError:
    """A refusal that came after other parts of the text had been spoken."""
    if not done:
        return refusal
    return Refused(
        code=refusal.code,
        message=f"{refusal.message} {done} of {parts} parts of the text had been spoken, and may be charged.",
        next_step=refusal.next_step,
        status=0,
        may_be_charged=True,
    )
