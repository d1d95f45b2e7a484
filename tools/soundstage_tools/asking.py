"""Asks the user a yes-or-no question through the client, in the way of either era of the protocol.

Until 2025-11-25 the server sends the client a request, and the call waits for the answer. From 2026-07-28 on the
call ends with the question, and the client makes it again with the answer.
"""

import hashlib
import json
import secrets
from dataclasses import dataclass
from typing import Any, Literal

from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.server.mcpserver import Context
from mcp.shared.exceptions import MCPError
from mcp.types import ElicitRequest, ElicitRequestFormParams, ElicitResult, InputRequiredResult
from mcp.types.version import is_version_at_least
from pydantic import ValidationError

from soundstage_tools.errors import Unavailable

Said = Literal["yes", "no", "declined", "canceled"]
"""`no`: the form was sent without its tick; `declined` and `canceled`: it was refused, or closed."""

_ASKS_IN_RESULTS = "2026-07-28"
_KEY = "question"
_FIELD = "yes"
_REJECTED = {"reason": "invalid_request_state"}
"""How the SDK marks its refusal of an answer to a question that this server did not put so."""


@dataclass(frozen=True, slots=True)
class Question:
    """What the user reads, and the label of what is to be ticked.

    `subject` tells apart what reads the same: an answer holds for this question about this subject alone.
    """

    text: str
    label: str
    subject: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the user said.

    `answer_id` tells this answer from any other where a client can send it again; else it is empty.
    """

    said: Said
    answer_id: str = ""


class Unanswered(Exception):
    """The call ends here with a question; the client makes it again with the answer."""

    def __init__(self, result: InputRequiredResult) -> None:
        super().__init__("the user is to be asked first")
        self.result = result


class User:
    """The user behind the client that made a call."""

    def __init__(self, context: Context[Any, Any]) -> None:
        self._context = context

    @property
    def can_be_asked(self) -> bool:
        """Whether the client shows forms to its user."""
        capabilities = self._context.client_capabilities
        shows = capabilities.elicitation if capabilities else None
        # Before there were two kinds, a client that declared none of them showed forms.
        return shows is not None and (shows.form is not None or shows.url is None)

    async def answer(self, question: Question, *, anew: bool = False) -> Answer:
        """What the user says to `question`; `anew`, whatever answer came with the call.

        Raises:
            Unanswered: nobody has asked yet, and the client is to do so between two calls.
            Unavailable: the client did not ask, or its answer cannot be read.
        """
        form = ElicitRequestFormParams(
            message=question.text,
            requested_schema={
                "type": "object",
                "properties": {_FIELD: {"type": "boolean", "title": question.label}},
                "required": [_FIELD],
            },
        )
        if is_version_at_least(self._context.protocol_version or "", _ASKS_IN_RESULTS):
            return self._answered(form, question, anew)
        try:
            result = await self._context.session.elicit_form(
                form.message, form.requested_schema, self._context.request_id
            )
        except MCPError:
            raise _not_asked("The client did not put the question to the user.") from None
        except ValidationError:
            raise _unreadable() from None
        return Answer(_read(result))

    def _answered(self, form: ElicitRequestFormParams, question: Question, anew: bool) -> Answer:
        """The answer that came with the call; the SDK sees to it that the state is one that this server gave."""
        asked = hashlib.sha256(json.dumps([form.message, question.subject]).encode()).hexdigest()
        given = (self._context.input_responses or {}).get(_KEY)
        asked_then, _, answer_id = (self._context.request_state or "").partition(" ")
        if asked_then == asked and given is not None and not anew:
            if isinstance(given, ElicitResult):
                return Answer(_read(given), answer_id)
            raise _unreadable()
        raise Unanswered(
            InputRequiredResult(
                input_requests={_KEY: ElicitRequest(params=form)},
                request_state=f"{asked} {secrets.token_urlsafe(16)}",
            )
        )


async def saying_how_to_go_on(ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
    """Middleware: where the SDK rejects the answer to a question, say what to do.

    Raises:
        MCPError: as before, in other words.
    """
    try:
        return await call_next(ctx)
    except MCPError as refusal:
        if refusal.data != _REJECTED:
            raise
        raise MCPError(
            refusal.code,
            f"{refusal.message}: the question was put for other arguments, too long ago, or by a server that has "
            "ended since. Nothing was begun, and nothing was charged. Make the call again with its arguments "
            "alone: then the user is asked anew.",
            refusal.data,
        ) from None


def _not_asked(what: str) -> Unavailable:
    return Unavailable(
        code="user_not_asked",
        message=what,
        next_step="Tell the user, who has to see and answer it, and call again when they are ready.",
    )


def _unreadable() -> Unavailable:
    return _not_asked("What the client sent in answer to the question to the user cannot be read.")


def _read(result: ElicitResult) -> Said:
    match result.action:
        case "accept":
            return "yes" if (result.content or {}).get(_FIELD) is True else "no"
        case "decline":
            return "declined"
        case "cancel":
            return "canceled"
