"""A provider that another distribution brings, with no line of ours."""

import os
import subprocess
import sys
from pathlib import Path

PLUGIN = """
from pathlib import Path
from soundstage.settings import Settings
from tone import ToneProvider

def provide(settings: Settings) -> ToneProvider:
    tone = ToneProvider(settings.home)
    tone.finish.set()
    return tone
"""


def test_an_entry_point_adds_a_provider(tmp_path: Path) -> None:
    metadata = tmp_path / "tone_plugin-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: tone-plugin\nVersion: 1.0\n", encoding="utf-8"
    )
    (metadata / "entry_points.txt").write_text(
        "[soundstage.providers]\ntone = tone_plugin:provide\n", encoding="utf-8"
    )
    (tmp_path / "tone_plugin.py").write_text(PLUGIN, encoding="utf-8")
    tests = Path(__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-m", "soundstage", "call", "synthesize_speech", "text=hi", "voice_id=tone:low"],
        capture_output=True,
        text=True,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(tmp_path), str(tests)]),
            "SOUNDSTAGE_HOME": str(tmp_path / "home"),
        },
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.splitlines()[-1]).read_bytes()[:4] == b"RIFF"
