"""The embedded engine's folders, of which none outlives its job."""

from pathlib import Path

import anyio
import anyio.lowlevel

from soundstage.providers.local.engine import Engine
from soundstage.providers.local.jobs import SpeechJob


async def test_a_release_that_a_server_s_end_meets_in_the_middle_is_seen_through(tmp_path: Path) -> None:
    engine = Engine(tmp_path)
    async with engine.running():
        job_id = await engine.begin(
            "speech", lambda folder: SpeechJob("Hello.", "hibari", folder / "audio.mp3", folder / "timings.json")
        )
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(engine.release, job_id)
            await anyio.lowlevel.checkpoint()
            tasks.cancel_scope.cancel()
        assert list(tmp_path.iterdir()) == []
