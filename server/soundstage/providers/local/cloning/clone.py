"""The clone job: a sample in, a voice out. The entry of the engine's child process."""

import shutil
from collections.abc import Mapping

from soundstage.providers.local.clones import ClonedVoice, Gender, Reached, to_json
from soundstage.providers.local.cloning.adaptation import Traits, adapt, reached
from soundstage.providers.local.cloning.channels import check_channels
from soundstage.providers.local.cloning.encoder import SpeakerEncoder
from soundstage.providers.local.cloning.pitch import median_pitch
from soundstage.providers.local.cloning.sample import RATE, read_channels, read_sample
from soundstage.providers.local.cloning.screening import screen
from soundstage.providers.local.cloning.spectrum import long_term_spectrum
from soundstage.providers.local.cloning.trial import Trial
from soundstage.providers.local.jobs import CloneJob, EngineError, Outcome, Report

_HEARD, _LOADED, _SPOKEN = 0.08, 0.58, 0.95
"""Shares of the time that it takes, from which the time that is left is reckoned. Half of it goes by before the
first phrase is spoken: the model is loaded, and the voices are mixed."""
_LITTLE_LIKENESS = 0.7
"""Voices of people reach 0.7 to 0.9."""


def clone(job: CloneJob, report: Report) -> Outcome:
    """Write the voice's file.

    Raises `EngineError`: what `read_sample`, `check_channels`, `screen` and `weights.load` raise, and
    `voice_not_written`. Then there is no file.
    """
    report(0.0)
    samples = read_sample(job.sample_path)
    encoder, trial = SpeakerEncoder(), Trial(lambda share: report(_LOADED + share * (_SPOKEN - _LOADED)))
    check_channels(read_channels(job.sample_path), encoder)
    screened = screen(samples, encoder)
    wanted = Traits(screened.embedding, median_pitch(screened.pitch), long_term_spectrum(screened.speech))
    report(_HEARD)
    voicing = adapt(wanted, trial, encoder)
    voice = ClonedVoice(
        name=job.name,
        language=_accent(voicing.mix),
        gender=_gender(voicing.mix),
        voicing=voicing,
        reached=reached(voicing, wanted, trial, encoder),
        created_at=job.created_at,
        consent=job.consent,
    )
    try:
        if job.keep_sample:
            shutil.copyfile(job.sample_path, job.voice_path.with_suffix(job.sample_path.suffix))
        job.voice_path.write_text(to_json(voice), encoding="utf-8")
    except OSError:
        raise EngineError(
            "voice_not_written",
            "The voice was made, but could not be written into Soundstage's home.",
            "Have space freed there, or have it made writable, and clone it once more.",
        ) from None
    report(1.0)
    return Outcome(len(samples) / RATE, (*screened.warnings, *_warnings(voice.reached)))


def _warnings(reached: Reached) -> tuple[str, ...]:
    if reached.similarity >= _LITTLE_LIKENESS:
        return ()
    return (
        f"The voice came out little like the speaker: a similarity of {reached.similarity:.2f}, where 0.7 to 0.9 "
        "is usual. The engine's voices are those of adults; a longer or cleaner recording may help.",
    )


def _accent(mix: Mapping[str, float]) -> str:
    """That of most of the English voices in the mixture: the first letter of a voice's name stands for it."""
    british = sum(share for voice, share in mix.items() if voice[0] == "b")
    american = sum(share for voice, share in mix.items() if voice[0] == "a")
    return "en-GB" if british > american else "en-US"


def _gender(mix: Mapping[str, float]) -> Gender:
    """The second letter of a voice's name stands for it."""
    return "female" if sum(share for voice, share in mix.items() if voice[1] == "f") >= 0.5 else "male"
