"""A command that is ended by a signal stops its work, and leaves nothing of it."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

TEXT = "The quick brown fox jumps over the lazy dog. " * 30


def ended(home: Path, signals: Sequence[signal.Signals], words: Sequence[str], **environment: str) -> int:
    """The exit code of a call that is sent signals when its work is under way."""
    command = [sys.executable, "-m", "soundstage", "call", *words]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "SOUNDSTAGE_HOME": str(home), **environment},
    ) as process:
        assert process.stderr
        for line in process.stderr:
            if not line.startswith("0%"):
                break
        for one in signals:
            process.send_signal(one)
        _, said = process.communicate(timeout=60)
    assert "Traceback" not in said
    return process.returncode


@pytest.mark.parametrize(
    "signals",
    [[signal.SIGINT], [signal.SIGINT, signal.SIGINT], [signal.SIGTERM], [signal.SIGHUP, signal.SIGTERM]],
    ids=["Ctrl-C", "Ctrl-C twice", "SIGTERM", "the terminal closed"],
)
def test_a_signal_stops_the_work_and_leaves_nothing(tmp_path: Path, signals: Sequence[signal.Signals]) -> None:
    words = ["synthesize_speech", f"text={TEXT}", "voice_id=local:af_heart"]
    assert ended(tmp_path, signals, words) - 128 in signals
    assert list((tmp_path / "work").iterdir()) == []
    with sqlite3.connect(tmp_path / "state.db") as store:
        assert store.execute("SELECT state FROM generations").fetchall() == [("canceled",)]
    store.close()
