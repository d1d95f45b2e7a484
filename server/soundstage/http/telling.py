"""What came of a request, in words for an agent: ours, and the provider's as a quotation."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from soundstage.http.patience import LONGEST_BACK_OFF_SECONDS, moment
from soundstage.http.quotation import quotation, wrote
from soundstage.http.words import parsed, words_of
from soundstage_tools.errors import NotConfigured, OutcomeUnknown, StudioError, Unavailable

_NO_CREDITS = {402, 412}
_NO_ACCESS = {401, 403}


class Refused(StudioError):
    """A provider refused a request, and did nothing. `said` are its words, cleaned; maybe none."""

    def __init__(
        self,
        *,
        code: str,
        message: str,
        next_step: str,
        status: int,
        said: str = "",
        may_be_charged: bool = False,
    ) -> None:
        super().__init__(code=code, message=message, next_step=next_step)
        self.may_be_charged = may_be_charged
        self.status = status
        self.said = said


@dataclass(frozen=True, slots=True)
class Answer:
    """What a provider answered; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def at(self) -> float | None:
        """When it was given, in seconds since 1970 by the provider's own clock; None where it does not say."""
        date = moment(self.headers.get("date", ""))
        return date.timestamp() if date else None

    def json(self) -> Any:
        """The body, read as JSON.

        Raises:
            ValueError: it is none.
        """
        return parsed(self.body)


@dataclass(frozen=True, slots=True)
class Telling:
    """The errors that requests to one provider end in. `url_setting` is empty where its name is not known."""

    title: str
    key: str = field(repr=False)
    key_setting: str
    url_setting: str

    def quoted(self, body: bytes, content_type: str) -> str:
        """The provider's words in an answer, cleaned; maybe none."""
        return quotation(words_of(body, content_type), [self.key])

    def refusal(self, status: int, said: str) -> StudioError:
        """The provider answered with this status, and did nothing."""
        words = wrote(self.title, said)
        if status in _NO_ACCESS:
            return NotConfigured(
                code="key_refused",
                message=f"{self.title} refused the API key ({status}).{words}",
                next_step=f"Check {self.key_setting} and what your plan allows, then restart the server.",
            )
        if status in _NO_CREDITS:
            return Refused(
                code="insufficient_credits",
                message=f"{self.title} wants more credits or another plan ({status}).{words}",
                next_step=f"Look at your account at {self.title}, or ask for less.",
                status=status,
                said=said,
            )
        if 300 <= status < 400:
            return Refused(
                code="provider_refused",
                message=f"The API of {self.title} answers with a redirect ({status}), which is not followed.",
                next_step=f"Its base URL redirects; check {self.url_setting or 'its base URL'}.",
                status=status,
            )
        return Refused(
            code="provider_refused",
            message=f"{self.title} refused the request ({status}).{words}",
            next_step=f"Change what {self.title} objects to.",
            status=status,
            said=said,
        )

    def not_set_up(self) -> NotConfigured:
        """The settings will not do, so nothing was sent."""
        return NotConfigured(
            code="not_configured",
            message=f"{self.title} is not set up.",
            next_step=f"Set {self.key_setting}, and restart the server; list_providers tells what is wrong.",
        )

    def failing(self, status: int, said: str, asked: float | None) -> Unavailable:
        """The provider cannot serve a request now, which asks for nothing that it charges for."""
        return Unavailable(
            code="provider_busy" if status == 429 or asked else "provider_failing",
            message=f"{self.title} cannot answer now ({status}).{wrote(self.title, said)}",
            next_step=_later(asked or 0.0),
            retry_after_seconds=min(asked or 0.0, LONGEST_BACK_OFF_SECONDS),
        )

    def left_alone(self, seconds: float) -> Unavailable:
        """The provider asked, not long ago, to be left alone for so long yet."""
        return Unavailable(
            code="provider_busy",
            message=f"{self.title} asks to be left alone.",
            next_step=_later(seconds),
            retry_after_seconds=min(seconds, LONGEST_BACK_OFF_SECONDS),
        )

    def unreachable(self) -> Unavailable:
        """No connection came about."""
        return Unavailable(
            code="provider_unreachable",
            message=f"{self.title} cannot be reached, or its certificate is not valid; nothing was sent.",
            next_step=f"Check the network and {self.url_setting or 'the base URL'}, then try again.",
        )

    def broken(self, what: str) -> Unavailable:
        """No answer, or none of use, to a request for nothing that is charged. `what` follows the title."""
        return Unavailable(
            code="provider_failing",
            message=f"{self.title} {what}.",
            next_step=_later(0.0),
        )

    def outcome_unknown(self, what: str, said: str = "") -> OutcomeUnknown:
        """The answer to an order is lost. `what` follows the title."""
        return OutcomeUnknown(code="outcome_unknown", message=f"{self.title} {what}.{wrote(self.title, said)}")


def _later(seconds: float) -> str:
    wait = f"in {min(seconds, LONGEST_BACK_OFF_SECONDS):.0f} seconds" if seconds >= 1 else "in a minute"
    return f"Try again {wait}."
