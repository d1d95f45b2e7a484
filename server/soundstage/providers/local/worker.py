"""The engine's child process: reads jobs as JSON lines, does them one by one, reports as JSON lines.

It works only as long as its parent holds the pipe. When the pipe closes, however the parent ended, the folder
of the job in hand is removed and the process is gone.
"""

import json
import os
import queue
import shutil
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any, TypeVar

from soundstage.providers.local.jobs import AvatarJob, CloneJob, EngineError, Outcome, Report, SpeechJob

Job = TypeVar("Job", SpeechJob, AvatarJob, CloneJob)
Lines = queue.SimpleQueue[dict[str, Any]]


def main() -> None:
    """Serve jobs until the parent closes the pipe."""
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8", buffering=1)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    if hasattr(os, "nice"):
        os.nice(10)
    folders: list[Path] = []
    lines: Lines = queue.SimpleQueue()
    threading.Thread(target=_read, args=(sys.stdin, lines, folders), daemon=True).start()
    engines = _Engines()
    while True:
        _serve(lines.get(), engines, folders, replies)


def _read(pipe: IO[str], lines: Lines, folders: list[Path]) -> None:
    for line in pipe:
        lines.put(json.loads(line))
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)


def _serve(order: dict[str, Any], engines: "_Engines", folders: list[Path], replies: IO[str]) -> None:
    folder = Path(order["folder"])
    folders.append(folder)

    def reply(**facts: object) -> None:
        replies.write(json.dumps({"id": order["id"], **facts}) + "\n")

    def report(progress: float) -> None:
        reply(progress=progress)

    try:
        outcome = engines.do(order["kind"], order["job"], report)
    except EngineError as error:
        reply(error={"code": error.code, "message": error.message, "next_step": error.next_step})
    except MemoryError:
        reply(
            error={
                "code": "out_of_memory",
                "message": "The engine ran out of memory.",
                "next_step": "Ask for less at a time: a shorter text, or 540p.",
            }
        )
    else:
        reply(outcome=asdict(outcome))
    folders.remove(folder)


class _Engines:
    """The engines, each imported with its first job: their libraries are heavy."""

    def __init__(self) -> None:
        self._speak: Callable[[SpeechJob, Report], Outcome] | None = None

    def do(self, kind: str, job: dict[str, Any], report: Report) -> Outcome:
        if kind == "speech":
            if self._speak is None:
                from soundstage.providers.local.speech.synthesis import Speaker

                self._speak = Speaker().speak
            return self._speak(_typed(SpeechJob, job), report)
        if kind == "clone":
            from soundstage.providers.local.cloning.clone import clone

            return clone(_typed(CloneJob, job), report)
        from soundstage.providers.local.avatar.render import animate

        return animate(_typed(AvatarJob, job), report)


def _typed(kind: type[Job], job: dict[str, Any]) -> Job:
    values: dict[str, Any] = {
        name: Path(value) if name.endswith("_path") and value else value for name, value in job.items()
    }
    return kind(**values)


if __name__ == "__main__":
    main()
