"""Runs the engine's jobs in child processes: one of each kind at a time, each in its own folder."""

import secrets
import shutil
import time
from collections.abc import AsyncGenerator, Callable, Collection
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

import anyio
from anyio.abc import TaskGroup

from soundstage.providers.local.child import Child, ChildDied, child_for_one_job
from soundstage.providers.local.jobs import AvatarJob, CloneJob, EngineError, Outcome, SpeechJob
from soundstage.providers.local.pace import Pace

IDLE_SECONDS = 120.0
STALE_SECONDS = 24 * 3600.0

Kind = Literal["speech", "clone", "avatar"]
Job = SpeechJob | CloneJob | AvatarJob
Prepare = Callable[[Path], Job]


@dataclass(slots=True)
class EngineJob:
    """A job in the engine's hands, from the order to the files in its folder."""

    kind: Kind
    job: Job
    folder: Path
    scope: anyio.CancelScope = field(default_factory=anyio.CancelScope)
    started: bool = False
    ended: anyio.Event = field(default_factory=anyio.Event)
    progress: float = 0.0
    pace: Pace = field(default_factory=Pace)
    outcome: Outcome | None = None
    error: EngineError | None = None

    @property
    def eta_seconds(self) -> float | None:
        """Seconds until the job is done, once that can be told."""
        return self.pace.eta_seconds(time.monotonic())


class Engine:
    """The embedded engine as the server sees it. Jobs live only as long as this process does."""

    def __init__(self, work_folder: Path) -> None:
        self._work_folder = work_folder
        self._lanes: dict[Kind, anyio.Lock] = {kind: anyio.Lock() for kind in get_args(Kind)}
        self._jobs: dict[str, EngineJob] = {}
        self._speaker: Child | None = None
        self._spoke_at = 0.0
        self._tasks: TaskGroup | None = None

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Take jobs until left; then every job ends, its folder is removed and no process stays."""
        async with anyio.create_task_group() as tasks:
            self._tasks = tasks
            tasks.start_soon(self._unload_when_idle)
            try:
                yield
            finally:
                self._tasks = None
                tasks.cancel_scope.cancel()
                with anyio.CancelScope(shield=True):
                    for job_id in list(self._jobs):
                        await self.release(job_id)
                    await self._unload()

    async def begin(self, kind: Kind, prepare: Prepare) -> str:
        """Queue the job that `prepare` makes for its folder, and return its id.

        Raises:
            OSError: the work folder cannot be written.
        """
        assert self._tasks is not None, "the engine is used outside `running`"
        job_id = f"{kind}-{secrets.token_hex(8)}"
        folder = self._work_folder / job_id
        await anyio.to_thread.run_sync(self._open_folder, folder)
        job = EngineJob(kind, prepare(folder), folder)
        self._jobs[job_id] = job
        self._tasks.start_soon(self._do, job_id, job)
        return job_id

    def job(self, job_id: str) -> EngineJob | None:
        """The job, unless it was released or belongs to a process that is gone."""
        return self._jobs.get(job_id)

    async def release(self, job_id: str) -> None:
        """Stop the job if it is not done, and remove its folder."""
        if job := self._jobs.get(job_id):
            job.scope.cancel()
            # A server that ends now sees this through.
            with anyio.CancelScope(shield=True):
                # Not before the process is gone: it could still write into the folder.
                await job.ended.wait()
                await anyio.to_thread.run_sync(shutil.rmtree, job.folder, True)
            self._jobs.pop(job_id, None)

    async def sweep(self, needed: Collection[str]) -> None:
        """Remove the old folders of all jobs but these. Never fails.

        Only a process that could not clean up after itself leaves one behind: a power cut.
        """
        kept = {*needed, *self._jobs}
        await anyio.to_thread.run_sync(_sweep, self._work_folder, kept)

    def _open_folder(self, folder: Path) -> None:
        self._work_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.mkdir(mode=0o700)

    async def _do(self, job_id: str, job: EngineJob) -> None:
        try:
            with job.scope:
                async with self._lanes[job.kind]:
                    job.started = True
                    await self._start_and_talk(job_id, job)
        except (ChildDied, OSError):
            job.error = EngineError(
                "engine_stopped",
                "The local engine stopped in the middle of the work, or could not be started.",
                "Try once more; if it happens again, ask for less: a shorter text or audio, or 540p.",
            )
        finally:
            job.ended.set()

    async def _start_and_talk(self, job_id: str, job: EngineJob) -> None:
        if job.kind != "speech":
            async with child_for_one_job() as child:
                await self._talk(child, job_id, job)
            return
        if self._speaker is None or not self._speaker.alive:
            self._speaker = await Child.start()
        try:
            await self._talk(self._speaker, job_id, job)
        finally:
            self._spoke_at = time.monotonic()
            if job.outcome is None and job.error is None:
                await self._unload()

    async def _talk(self, child: Child, job_id: str, job: EngineJob) -> None:
        order: dict[str, object] = {
            "id": job_id,
            "kind": job.kind,
            "folder": str(job.folder),
            "job": {
                name: str(value) if isinstance(value, Path) else value for name, value in asdict(job.job).items()
            },
        }
        job.pace.note(time.monotonic(), 0.0)
        async for reply in child.replies(order):
            _take(reply, job)

    async def _unload_when_idle(self) -> None:
        while True:
            await anyio.sleep(IDLE_SECONDS / 4)
            idle = time.monotonic() - self._spoke_at >= IDLE_SECONDS
            if self._speaker and idle and not self._lanes["speech"].locked():
                await self._unload()

    async def _unload(self) -> None:
        speaker, self._speaker = self._speaker, None
        if speaker:
            await speaker.kill()


def _sweep(parent: Path, kept: Collection[str]) -> None:
    with suppress(OSError):
        for folder in parent.iterdir():
            # Others may go at any moment, as their jobs end.
            with suppress(OSError):
                if folder.name not in kept and time.time() - folder.stat().st_mtime > STALE_SECONDS:
                    shutil.rmtree(folder, ignore_errors=True)


def _take(reply: dict[str, Any], job: EngineJob) -> None:
    if "progress" in reply:
        job.progress = max(job.progress, min(float(reply["progress"]), 1.0))
        job.pace.note(time.monotonic(), job.progress)
    elif "error" in reply:
        job.error = EngineError(**reply["error"])
    else:
        job.outcome = Outcome(
            float(reply["outcome"]["duration_seconds"]), tuple(map(str, reply["outcome"]["warnings"]))
        )
