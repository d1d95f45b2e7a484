"""Let the programs that people use run our server, as the README sets them up, with a scripted model in their ear.

    .venv/bin/python tests/clients_apart/programs.py

installs Codex, Gemini CLI and Claude Code by npm, 1 GB together, in a temporary folder. Each speaks, animates and
looks the results up through the embedded engine; a row tells what the model was shown and told.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from scripted_model import DONE, ScriptedModel, answering

from conformance.node import install_apart

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
IN_README = "/path/to/soundstage/.venv/bin/soundstage"
SERVER = str(Path(sys.executable).parent / "soundstage")
CALLS: list[tuple[str, dict[str, Any]]] = [
    ("list_providers", {}),
    ("list_voices", {"provider": "local", "limit": 3}),
    ("synthesize_speech", {"text": "Hello from a terminal.", "wait_seconds": 50}),
    ("create_avatar_video", {"text": "Hello from a terminal.", "aspect_ratio": "1:1", "wait_seconds": 50}),
    ("list_generations", {"status": "succeeded"}),
    ("synthesize_speech", {"text": "Too fast.", "speed": 9}),
]
SAID = [
    "local:portrait",
    "local:hibari",
    r"audio-\S+\.mp3",
    r"video-\S+\.mp4",
    "avatar_video",
    "0.5 to 2|must be <= 2",
]


@dataclass(frozen=True)
class Program:
    """A client: its npm package, where its set-up goes below its home, and what runs one prompt."""

    package: str
    set_up: Callable[[Path, ScriptedModel], None]
    command: list[str]
    environment: Mapping[str, str]


def block(language: str, begins: str) -> str:
    """The set-up in the README that is in this language and begins so."""
    [found] = [one for one in re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL) if one.startswith(begins)]
    return found.replace(IN_README, SERVER)


def codex(home: Path, model: ScriptedModel) -> None:
    provider = {"name": "here", "base_url": model.url, "wire_api": "responses"}
    lines = [f"{key} = {json.dumps(value)}" for key, value in provider.items()]
    config = ['model = "scripted"', 'model_provider = "here"', 'approval_policy = "never"']
    config += ['sandbox_mode = "danger-full-access"', "[features]", "plugins = false", "[model_providers.here]"]
    (home / ".codex").mkdir()
    text = "\n".join([*config, *lines, block("toml", "[mcp_servers.soundstage]")])
    (home / ".codex" / "config.toml").write_text(text, encoding="utf-8")


def gemini(home: Path, _: ScriptedModel) -> None:
    more = {"security": {"auth": {"selectedType": "gemini-api-key"}}, "privacy": {"usageStatisticsEnabled": False}}
    (home / ".gemini").mkdir()
    settings = json.loads(block("json", '{\n  "mcpServers"')) | more
    (home / ".gemini" / "settings.json").write_text(json.dumps(settings), encoding="utf-8")


def claude(home: Path, _: ScriptedModel) -> None:
    (home / ".mcp.json").write_text(block("json", '{\n  "mcpServers"'), encoding="utf-8")


PROGRAMS = {
    "codex": Program("@openai/codex@0.169.0", codex, ["codex", "exec", "--skip-git-repo-check", "Speak."], {}),
    "gemini": Program(
        "@google/gemini-cli@0.61.0",
        gemini,
        ["gemini", "--yolo", "--model", "gemini-2.5-pro", "--prompt", "Speak."],
        {"GEMINI_API_KEY": "none", "GEMINI_CLI_TRUST_WORKSPACE": "true", "GOOGLE_GEMINI_BASE_URL": "{url}"},
    ),
    "claude": Program(
        "@anthropic-ai/claude-code@2.1.330",
        claude,
        [
            "claude",
            "-p",
            "Speak.",
            "--mcp-config=.mcp.json",
            "--strict-mcp-config",
            "--allowedTools=mcp__soundstage",
        ],
        {
            "ANTHROPIC_API_KEY": "none",
            "ANTHROPIC_BASE_URL": "{url}",
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
            "DISABLE_AUTOUPDATER": "1",
            "DISABLE_TELEMETRY": "1",
            "ENABLE_TOOL_SEARCH": "false",
        },
    ),
}


def tried(name: str, program: Program, folder: Path) -> bool:
    """Run one program to its end, and print its row."""
    home = folder / f"{name}-home"
    home.mkdir()
    model = ScriptedModel(CALLS)
    with answering(model):
        program.set_up(home, model)
        environment = {key: value.format(url=model.url) for key, value in program.environment.items()}
        environment |= {"HOME": str(home), "PATH": os.environ["PATH"], "TERM": "dumb", "NO_COLOR": "1"}
        done = subprocess.run(
            [folder / "node_modules" / ".bin" / program.command[0], *program.command[1:]],
            cwd=home,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
    fit = [re.search(said, told) is not None for said, told in zip(SAID, model.told, strict=False)]
    is_well = len(model.shown) == 9 and fit == [True] * len(CALLS) and DONE in done.stdout
    print(
        f"{program.package:34} {len(model.shown)} tools shown, {sum(fit)} of {len(CALLS)} calls told", flush=True
    )
    if not is_well:
        print(*model.told, done.stdout[-1000:], done.stderr[-1000:], sep="\n")
    return is_well


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        install_apart(Path(folder), [program.package for program in PROGRAMS.values()])
        return [tried(name, program, Path(folder)) for name, program in PROGRAMS.items()].count(False)


if __name__ == "__main__":
    sys.exit(main())
