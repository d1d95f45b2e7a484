"""The command line, run as a person runs it."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

import soundstage


def run(home: Path, *words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "soundstage", *words],
        capture_output=True,
        text=True,
        cwd=cwd or home,
        env={**os.environ, "SOUNDSTAGE_HOME": str(home / "home")},
        check=False,
    )


def test_a_call_follows_the_generation_to_its_file(tmp_path: Path) -> None:
    done = run(tmp_path, "call", "synthesize_speech", "text=Hello there.", "format=wav")
    assert done.returncode == 0, done.stderr
    last = Path(done.stdout.splitlines()[-1])
    assert last.read_bytes()[:4] == b"RIFF"
    assert last.is_relative_to(tmp_path / "home")


def test_a_pipe_gets_plain_lines_and_no_control_characters(tmp_path: Path) -> None:
    done = run(tmp_path, "call", "synthesize_speech", "text=Hello there.")
    assert "\x1b" not in done.stdout + done.stderr
    assert "\r" not in done.stdout + done.stderr
    assert any("%" in line for line in done.stderr.splitlines())


def test_json_is_the_structured_result_and_nothing_else(tmp_path: Path) -> None:
    done = run(tmp_path, "call", "synthesize_speech", "text=Hello.", "--json")
    facts = json.loads(done.stdout)
    assert facts["status"] == "succeeded"
    assert facts["progress"] == 1.0


def test_the_output_option_names_the_file(tmp_path: Path) -> None:
    done = run(tmp_path, "call", "synthesize_speech", "text=Hello.", "format=flac", "-o", "said.flac")
    assert (tmp_path / "said.flac").read_bytes()[:4] == b"fLaC"
    assert done.stdout.splitlines()[-1] == str(tmp_path / "said.flac")


def test_numbers_reach_the_tool_as_numbers(tmp_path: Path) -> None:
    page = json.loads(run(tmp_path, "call", "list_voices", "limit=2", "--json").stdout)
    assert len(page["voices"]) == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["speak"], "There is no tool speak. The tools are: list_voices,"),
        (["synthesize_speech", "hello"], "'hello' is not name=value. synthesize_speech takes: text,"),
        (["synthesize_speech", "text=hi", "speed=fast"], "`speed` must be a number from 0.5 to 2."),
        (["synthesize_speech", "text=hi", "speed=9"], "`speed` must be a number from 0.5 to 2."),
        (["get_generation_status", "generation_id=gen_x"], "unknown_generation:"),
    ],
)
def test_a_refusal_is_told_on_stderr_with_exit_code_1(tmp_path: Path, words: list[str], said: str) -> None:
    done = run(tmp_path, "call", *words)
    assert done.returncode == 1
    assert said in done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr


def test_a_failed_generation_is_exit_code_1(tmp_path: Path) -> None:
    (tmp_path / "noise.mp3").write_bytes(b"\xff\xfb\x90\x00" + bytes(range(256)) * 40)
    done = run(tmp_path, "call", "create_avatar_video", "audio=noise.mp3", cwd=tmp_path)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_providers_says_what_is_set_up(tmp_path: Path) -> None:
    done = run(tmp_path, "providers")
    assert done.returncode == 0
    assert done.stdout.startswith("local: ready.")


def test_tools_lists_every_argument(tmp_path: Path) -> None:
    done = run(tmp_path, "tools")
    assert "synthesize_speech: Speak a text" in done.stdout
    assert "    text (required)" in done.stdout


def test_version_is_that_of_the_distribution(tmp_path: Path) -> None:
    assert run(tmp_path, "--version").stdout.split() == ["soundstage", soundstage.__version__]


def test_a_file_named_like_a_module_of_ours_changes_nothing(tmp_path: Path) -> None:
    for name in ("server.py", "tools.py", "soundstage_tools.py"):
        (tmp_path / name).write_text("raise SystemExit('shadowed')", encoding="utf-8")
    script = Path(sys.executable).with_name("soundstage")
    done = subprocess.run(
        [script, "call", "synthesize_speech", "text=Hello."],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "SOUNDSTAGE_HOME": str(tmp_path / "home")},
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_ctrl_c_stops_the_work_and_leaves_nothing(tmp_path: Path) -> None:
    text = "The quick brown fox jumps over the lazy dog. " * 30
    command = [sys.executable, "-m", "soundstage", "call", "synthesize_speech", f"text={text}"]
    with subprocess.Popen(
        [*command, "voice_id=local:af_heart"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "SOUNDSTAGE_HOME": str(tmp_path)},
    ) as process:
        assert process.stderr
        for line in process.stderr:
            if not line.startswith("0%"):
                break
        process.send_signal(signal.SIGINT)
        process.wait(20)
    assert process.returncode == 130
    assert list((tmp_path / "work").iterdir()) == []
    with sqlite3.connect(tmp_path / "state.db") as store:
        assert store.execute("SELECT state FROM generations").fetchall() == [("canceled",)]
    store.close()
