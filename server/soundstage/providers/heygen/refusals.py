"""What useapi.net refuses, told so that an agent knows what to do about it."""

import re
from collections.abc import Generator, Sequence
from contextlib import contextmanager

from soundstage.http.api import Refused
from soundstage.providers.heygen.profile import EMAIL_SETTING, RETIRED, TITLE
from soundstage_tools.errors import BadRequest, NotConfigured, StudioError

_DAILY_LIMIT = re.compile(r"\bdaily\b.*\blimit\b", re.IGNORECASE)
_NO_SUCH_ACCOUNT = re.compile(r"\bconfiguration not found\b", re.IGNORECASE)
_EMAIL_REQUIRED = re.compile(r"\bemail\b.*\brequired\b", re.IGNORECASE)
_GONE = {404, 410}
_SESSION_BROKEN = 596


@contextmanager
def explained() -> Generator[None]:
    """Raise in place of an error of the API the one that says what is behind it."""
    try:
        yield
    except StudioError as error:
        raise _explained(error) from None


def _explained(error: StudioError) -> StudioError:
    # The status of this one is not documented: the words decide, whatever it is.
    if _DAILY_LIMIT.search(error.message):
        return BadRequest(
            code="daily_limit",
            message=error.message,
            next_step="HeyGen speaks no more on this account today. Ask again tomorrow, send the email of another "
            "account, or take a voice of another provider.",
        )
    return _of_account(error) if isinstance(error, Refused) else error


def _of_account(refusal: Refused) -> StudioError:
    """A refusal that is about the account or the API itself, explained; any other as it is."""
    if _NO_SUCH_ACCOUNT.search(refusal.said):
        return NotConfigured(
            code="account_missing",
            message=refusal.message,
            next_step=f"Send the email of an account that is set up at useapi.net, or set {EMAIL_SETTING} to it.",
        )
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
    if _EMAIL_REQUIRED.search(refusal.said):
        return BadRequest(
            code="email_required",
            message=f"Several HeyGen accounts are set up at useapi.net, and none was chosen. {refusal.message}",
            next_step=f"Send `email`, or set {EMAIL_SETTING} to one of them and restart the server.",
        )
    return refusal


def unfit(field: str, whose: str, choices: Sequence[str]) -> BadRequest:
    """A value of a field that the voice, or the provider, does not take. Nobody was asked."""
    if not choices:
        message, next_step = f"{whose} takes no {field}.", f"Leave `{field}` out."
    else:
        message, next_step = f"`{field}` must be one of {', '.join(choices)} with {whose}.", "Send one of these."
    return BadRequest(code="provider_limits", message=message, next_step=next_step)


def not_offered() -> BadRequest:
    """Work that is not speech."""
    return BadRequest(
        code="not_supported",
        message=f"{TITLE} speaks, and does nothing else.",
        next_step="Choose another provider: list_providers shows what each one does.",
    )
