"""What HeyGen answers for a part of a text, none of which is trusted."""

from collections.abc import Sequence
from dataclasses import dataclass

from soundstage.http.api import Refused
from soundstage.http.quotation import plain, wrote
from soundstage.providers.heygen.profile import TITLE
from soundstage.providers.reading import bodies_of, body_of, number_of, web_url
from soundstage_tools.errors import OutcomeUnknown

_MARKS = {"<start>", "<end>"}


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it was spoken, with its start and end in seconds."""

    word: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Spoken:
    """A part of a text, spoken: where its audio is, and how long it and each word lasts, where that was told."""

    audio_url: str
    duration: float | None
    words: Sequence[Word]


def spoken(answer: object, said: str) -> Spoken:
    """The answer of `POST /tts/create`, all of whose members are optional. `said` is a quotation of its words.

    Raises:
        Refused: it was not made, or cannot be had.
        OutcomeUnknown: it says nothing.
    """
    body = body_of(answer)
    url, job = web_url(body.get("audio_url")), body.get("job_id")
    if body.get("error") and not url and job is None:
        raise Refused(
            code="provider_refused",
            message=f"{TITLE} refused the request.{wrote(TITLE, said)}",
            next_step=f"Change what {TITLE} objects to.",
            status=200,
            said=said,
            may_be_charged=body.get("is_pass") is False,
        )
    if body.get("is_pass") is False:
        raise Refused(
            code="provider_failed",
            message=f"{TITLE} says that the speech did not pass, and not why.",
            next_step="Change the text or the voice. Whether it was charged is not known.",
            status=200,
            may_be_charged=True,
        )
    if url:
        return Spoken(url, number_of(body.get("duration")), _words(body.get("word_timestamps")))
    if job is not None:
        raise Refused(
            code="unresolvable_job",
            message=f"{TITLE} answered with the job {plain(str(job))} in place of audio, and has no way to ask "
            "what became of it.",
            next_step="It may be charged, and may be found in the HeyGen account. Change the text by a space to "
            "have it spoken anew.",
            status=200,
            may_be_charged=True,
        )
    raise OutcomeUnknown(
        code="outcome_unknown",
        message=f"{TITLE} took the request, and answered with nothing that can be used.",
    )


def _words(told: object) -> list[Word]:
    words: list[Word] = []
    for item in bodies_of(told):
        word, start, end = item.get("word"), number_of(item.get("start")), number_of(item.get("end"))
        if isinstance(word, str) and word not in _MARKS and start is not None and end is not None and end >= start:
            words.append(Word(plain(word), start, end))
    return sorted(words, key=lambda word: word.start)
