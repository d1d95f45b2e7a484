"""The speaker's consent, without which no voice is cloned.

A user who can be asked is asked: that answer is stronger than the word of a model. Where the client has no way to
ask, the model does so in the conversation, and says so in an argument.
"""

from soundstage_tools.asking import Question, User
from soundstage_tools.errors import BadRequest
from soundstage_tools.studio import CloneRequest, Confirmation

_LABEL = "It is my own voice, or the speaker has agreed"
_SHOWN_CHARACTERS = 80


class Consent:
    """Implements `soundstage_tools.studio.Consent`. `told`: the call says that the user has confirmed it."""

    def __init__(self, user: User, *, told: bool) -> None:
        self._user = user
        self._told = told

    def expect(self) -> None:
        """Refuse a call that nobody can confirm.

        Raises:
            BadRequest: `consent_required`.
        """
        if not (self._user.can_be_asked or self._told):
            raise BadRequest(
                code="consent_required",
                message="A voice is cloned with its speaker's consent alone, and your client has no way to ask.",
                next_step="Ask the user yourself whether the voice is their own or the speaker has agreed to "
                "its being cloned. Only after a yes, call again with consent=true.",
            )

    async def confirmed(self, request: CloneRequest, *, anew: bool = False) -> Confirmation:
        """How the user has confirmed `request`; `anew`, not by the answer that came with the call.

        Raises:
            BadRequest: they have not: `consent_declined`, `consent_canceled` or `consent_not_given`.
            Unavailable: they could not be asked.
        """
        if not self._user.can_be_asked:
            self.expect()
            return Confirmation("argument")
        question = Question(_question(request), _LABEL, request.fingerprint)
        answer = await self._user.answer(question, anew=anew)
        match answer.said:
            case "yes":
                return Confirmation("elicitation", answer.answer_id)
            case "no":
                raise BadRequest(
                    code="consent_not_given",
                    message="The user did not confirm that the speaker has agreed to the cloning.",
                    next_step="Use a voice of list_voices, or a recording whose speaker has agreed.",
                )
            case "declined":
                raise BadRequest(
                    code="consent_declined",
                    message="The user was asked, and does not want this voice cloned.",
                    next_step="Leave it at that, unless the user asks for it again.",
                )
            case "canceled":
                raise BadRequest(
                    code="consent_canceled",
                    message="The user or the client closed the question without an answer.",
                    next_step="Ask the user. Call again only if they want the voice cloned. If they saw no "
                    "question, their client shows none: they can use another, or run "
                    "`soundstage call clone_voice` themselves.",
                )


def _question(request: CloneRequest) -> str:
    where = f"is sent to {request.sent_to}" if request.sent_to else "stays on this machine"
    kept = ", and a copy of it is kept with the voice" if request.kept else ""
    stays = "" if request.removable else f" The voice can be removed in {request.sent_to}'s own app alone."
    return (
        f"Clone the voice in {_source(request.audio)} as {_quoted(request.name)}? "
        f"The recording {where}{kept}.{stays} "
        "Agree only if the voice is your own, or the person who speaks has given permission to clone it."
    )


def _source(audio: str) -> str:
    if audio[:5].lower() == "data:":
        return "the recording that came with the call"
    return f"{_quoted(audio)}, which was made here," if audio.startswith(("gen_", "asset_")) else _quoted(audio)


def _quoted(text: str) -> str:
    """A caller's words as one line that cannot be taken for ours."""
    plain = " ".join("".join(one if one.isprintable() and one not in "“”" else " " for one in text).split())
    if len(plain) > _SHOWN_CHARACTERS:
        half = _SHOWN_CHARACTERS // 2
        plain = f"{plain[:half]}…{plain[-half:]}"
    return f"“{plain}”"
