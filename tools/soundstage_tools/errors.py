"""What an agent can be told when a call is not served.

StudioError
├── BadRequest       the call can be mended: the message names the range or the choices
├── NotFound         no such voice, generation or asset
├── NotConfigured    a provider or an extra is missing: the next step says how to add it
├── Unavailable      not now: disk, provider or engine; the next step says when to try again
│   └── Unusable     what the provider sent is of no use; it may send better another time
└── OutcomeUnknown   the provider may have begun, and may charge for it: never repeated on our own account
"""


class StudioError(Exception):
    """A call that could not be served, in words for the agent.

    `code` is stable and snake_case, `message` says what happened, `next_step` what to do about it.
    `may_be_charged`: a part of it was done before, which may cost.
    """

    may_be_charged = False

    def __init__(self, *, code: str, message: str, next_step: str) -> None:
        super().__init__(f"{code}: {message} {next_step}".rstrip())
        self.code = code
        self.message = message
        self.next_step = next_step


class BadRequest(StudioError):
    """The call itself is at fault; nothing was started and nothing was charged."""


class NotFound(StudioError):
    """The handle names nothing that this server knows."""


class NotConfigured(StudioError):
    """What was asked for needs a provider or an extra that is not set up."""


class Unavailable(StudioError):
    """The call is sound, but cannot be served now. Nothing was begun.

    `retry_after_seconds`: how long the provider asks to be left alone, where it says so.
    """

    def __init__(self, *, code: str, message: str, next_step: str, retry_after_seconds: float = 0.0) -> None:
        super().__init__(code=code, message=message, next_step=next_step)
        self.retry_after_seconds = retry_after_seconds


class Unusable(Unavailable):
    """A provider answered, and with nothing that can be used. Another try may bring better."""


class OutcomeUnknown(StudioError):
    """A provider was asked to begin work that it charges for, and its answer was lost.

    What to do about that is the same for all, and told with the generation; `next_step` is what there is besides.
    """

    may_be_charged = True

    def __init__(self, *, code: str, message: str, next_step: str = "") -> None:
        super().__init__(code=code, message=message, next_step=next_step)
