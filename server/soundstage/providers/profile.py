"""A provider's facts as data: what it serves, which fields with which ranges, and what it costs.

A field's range, unit, default and wording are written once, in the models named here. The published schemas,
the check at call time and the engine's job all come from them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict

from soundstage_tools.results import GenerationKind


def _not_blank(text: str) -> str:
    if text and not text.strip():
        raise ValueError("is blank: give it words")
    return text


WrittenText = Annotated[str, AfterValidator(_not_blank)]
"""Text that is not made of blanks alone."""


def _spoken(text: str) -> str:
    if not text.strip():
        raise ValueError("is empty: give the words to be spoken")
    if any(ord(character) < 32 and character not in "\n\r\t" for character in text):
        raise ValueError("holds control characters: send plain text")
    return text


SpokenText = Annotated[str, AfterValidator(_spoken)]
"""Text to be spoken: not blank, and free of control characters other than line breaks and tabs."""


class Fields(BaseModel):
    """The base of a provider's fields for one tool: strict, closed, finite."""

    model_config = ConfigDict(
        extra="forbid", strict=True, allow_inf_nan=False, hide_input_in_errors=True, frozen=True
    )


MAX_TEXT_CHARACTERS = 20_000
"""Soundstage's own limit where a provider publishes none: a runaway text must not cost a month's credits."""


class SpeechFields(Fields):
    """What every provider of speech takes at least."""

    text: SpokenText


@dataclass(frozen=True, slots=True)
class Model:
    """A model that animates. `native_id` is the provider's own; `longest_seconds` of audio are its limit."""

    name: str
    description: str = ""
    native_id: str = ""
    longest_seconds: float | None = None
    needs_image: bool = False


@dataclass(frozen=True, slots=True)
class Profile:
    """What one provider is.

    `title`: its name for people.
    `offers`: by tool, the fields that the provider takes there, whether or not it is set up.
    `charges`: whether work with it costs money. `account`: the fingerprint of the key that pays.
    `former_accounts`: other names that older generations have for the same account.
    `settled`: by field, what the settings say where a request does not; a generation keeps it.
    `serves`: the tools among them that it serves on this machine with these settings.
    `missing`: what is not there on this machine or in these settings, each with how to add it.
    `on_this_machine`: nothing that it is given leaves this machine.
    `names_jobs`: the kinds of work whose jobs the user can find by an id at the provider.
    `speaks_inline`: a video may be given a text of its own voices instead of audio.
    `repeats`: how often work whose submission or job was lost may be submitted again.
    `max_in_flight`: the most submissions and jobs that may be there at once; 0 for no limit.
    `poll_seconds`, `slowest_poll_seconds`: between two looks at running work, at first and at last.
    `waits_seconds`: for so long work that is not accepted now is offered again.
    `settling_seconds`: for so long a job that is there may be denied, after its submission or over a hiccup.
    `deadline_seconds`: a job that was watched for so long, and is not done, is given up.
    `listing_seconds`: for so long after a submission was lost its job may be missing in the provider's lists.
    `keeps_seconds`: a finished result that is refused, or of no use, is fetched anew for so long. What only the
    network, the provider or the disk is in the way of is fetched for as long as it takes.
    """

    name: str
    title: str
    description: str
    cost: str
    offers: Mapping[str, type[Fields]]
    serves: frozenset[str]
    repeats: int
    charges: bool
    account: str
    poll_seconds: float
    slowest_poll_seconds: float
    deadline_seconds: float
    waits_seconds: float = 0.0
    settling_seconds: float = 0.0
    listing_seconds: float = 0.0
    keeps_seconds: float = 0.0
    max_in_flight: int = 0
    models: tuple[Model, ...] = ()
    default_voice: str = ""
    on_this_machine: bool = False
    names_jobs: frozenset[GenerationKind] = frozenset()
    speaks_inline: bool = False
    missing: tuple[str, ...] = ()
    former_accounts: frozenset[str] = frozenset()
    settled: Mapping[str, object] = field(default_factory=dict[str, object])

    @property
    def configured(self) -> bool:
        """Whether it serves anything on this machine with these settings."""
        return bool(self.serves)
