"""Tone as a provider at which the user can find jobs by their ids."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from soundstage.providers.port import SpeechWork
from soundstage_tools.errors import NotFound
from soundstage_tools.results import GenerationKind
from tone import ToneProvider


class KnownTone(ToneProvider):
    """Shows its jobs by their ids."""

    def __init__(self, folder: Path, account: str = "", **facts: Any) -> None:
        names_jobs = frozenset[GenerationKind]({"speech"})
        given = {"title": "Known", "waits_seconds": 600.0, **facts}
        super().__init__(folder, repeats=0, names_jobs=names_jobs, account=account, **cast("Any", given))
        self.finish.set()

    @property
    def jobs(self) -> Sequence[str]:
        """The ids of the jobs that it has."""
        return list(self._jobs)

    async def job_named(self, kind: GenerationKind, job_id: str, _trace: Mapping[str, object]) -> str:
        if kind != "speech" or not isinstance(self._jobs.get(job_id), SpeechWork):
            raise NotFound(code="unknown_job", message="No such beep.", next_step="Listen.")
        return job_id
