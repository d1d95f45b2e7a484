"""The command line, run as a person runs it."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import soundstage
from emulators import media
from soundstage.generations.record import Draft
from soundstage.generations.sqlite.store import SqliteStore


def run(home: Path, *words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "soundstage", *words],
        capture_output=True,
        text=True,
        cwd=cwd or home,
        env={**os.environ, "SOUNDSTAGE_HOME": str(home / "home")},
        check=False,
    )


def recorded(home: Path, draft: Draft) -> str:
    """The id of a generation that is asked for, and that no process has taken up yet."""

    async def record() -> str:
        store = SqliteStore(home / "home" / "state.db")
        created = await store.create(draft)
        await store.close()
        return created.record.generation_id

    return asyncio.run(record())


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


def test_a_file_that_there_will_not_be_is_refused_before_anything_is_done(tmp_path: Path) -> None:
    done = run(tmp_path, "call", "clone_voice", "audio=me.wav", "name=Me", "consent=true", "-o", "voice.wav")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "clone_voice makes no file that could be copied to voice.wav. Call it without -o.\n"
    assert not (tmp_path / "home").exists()


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
    (tmp_path / "grey.png").write_bytes(media.png(300, 300))
    done = run(tmp_path, "call", "create_avatar_video", "image=grey.png", "text=Hello.", "--json")
    assert done.returncode == 1
    facts = json.loads(done.stdout)
    assert (facts["status"], facts["error"]["code"]) == ("failed", "no_face_found")
    assert "Traceback" not in done.stderr


def test_several_generations_are_followed_together(tmp_path: Path) -> None:
    said = [run(tmp_path, "call", "synthesize_speech", f"text={n}", "--json").stdout for n in "abc"]
    first, second, third = [json.loads(one)["generation_id"] for one in said]
    for also in (f"{second}, {third}", json.dumps([second, third])):
        done = run(tmp_path, "call", "get_generation_status", f"generation_id={first}", f"also={also}")
        assert done.returncode == 0, done.stderr
        files = [Path(line) for line in done.stdout.splitlines() if line.startswith(str(tmp_path))]
        assert len(files) == 3
        assert all(file.is_file() for file in files)
    (tmp_path / "grey.png").write_bytes(media.png(300, 300))
    broken = run(tmp_path, "call", "create_avatar_video", "image=grey.png", "text=a", "--json")
    also = f"also={json.loads(broken.stdout)['generation_id']}"
    assert run(tmp_path, "call", "get_generation_status", f"generation_id={first}", also).returncode == 1


def test_a_generation_that_was_stopped_is_exit_code_0_for_the_one_who_stopped_it_alone(tmp_path: Path) -> None:
    generation_id = recorded(
        tmp_path, Draft("speech", "local", {"voice": "hibari", "fields": {"text": "Hello."}}, "hash")
    )
    stopped = run(tmp_path, "call", "cancel_generation", f"generation_id={generation_id}")
    assert stopped.returncode == 0, stopped.stderr
    assert "canceled; charged: no" in stopped.stdout
    assert run(tmp_path, "call", "get_generation_status", f"generation_id={generation_id}").returncode == 1


def test_what_cannot_be_advanced_here_is_not_waited_for(tmp_path: Path) -> None:
    generation_id = recorded(tmp_path, Draft("speech", "hedra", {}, "hash", account="another"))
    done = run(tmp_path, "call", "get_generation_status", f"generation_id={generation_id}")
    assert done.returncode == 0
    assert "HEDRA_API_KEY" in done.stdout


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
