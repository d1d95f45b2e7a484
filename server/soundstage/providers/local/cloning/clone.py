"""The clone job: a sample in, a voice out. The entry of the engine's child process."""

import shutil
from collections.abc import Mapping

from soundstage.providers.local.clones import ClonedVoice, Gender, to_json
from soundstage.providers.local.cloning.adaptation import adapt, reached, traits_of
from soundstage.providers.local.cloning.encoder import SpeakerEncoder
from soundstage.providers.local.cloning.sample import RATE, read_sample
from soundstage.providers.local.cloning.screening import screen
from soundstage.providers.local.cloning.trial import Trial
from soundstage.providers.local.jobs import CloneJob, Outcome, Report

_READ, _HEARD, _ADAPTED = 0.05, 0.15, 0.75


def clone(job: CloneJob, report: Report) -> Outcome:
    """Write the voice's file.

    Raises `EngineError`: what `read_sample`, `screen` and `weights.load` raise. Then there is no file.
    """
    report(0.0)
    samples = read_sample(job.sample_path)
    report(_READ)
    encoder, trial = SpeakerEncoder(), Trial()
    screened = screen(samples, encoder)
    wanted = traits_of(screened.speech, screened.pitch, encoder)
    report(_HEARD)
    voicing = adapt(wanted, trial, encoder)
    report(_ADAPTED)
    voice = ClonedVoice(
        name=job.name,
        language=_accent(voicing.mix),
        gender=_gender(voicing.mix),
        voicing=voicing,
        reached=reached(voicing, wanted, trial, encoder),
        created_at=job.created_at,
        description=job.description,
        consent=job.consent,
    )
    if job.keep_sample:
        shutil.copyfile(job.sample_path, job.voice_path.with_suffix(job.sample_path.suffix))
    job.voice_path.write_text(to_json(voice), encoding="utf-8")
    report(1.0)
    return Outcome(len(samples) / RATE, screened.warnings)


def _accent(mix: Mapping[str, float]) -> str:
    """That of most of the English voices in the mixture: the first letter of a voice's name stands for it."""
    british = sum(share for voice, share in mix.items() if voice[0] == "b")
    american = sum(share for voice, share in mix.items() if voice[0] == "a")
    return "en-GB" if british > american else "en-US"


def _gender(mix: Mapping[str, float]) -> Gender:
    """The second letter of a voice's name stands for it."""
    return "female" if sum(share for voice, share in mix.items() if voice[1] == "f") >= 0.5 else "male"
