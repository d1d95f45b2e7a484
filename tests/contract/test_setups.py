"""The set-ups that the README has for six clients: each in the client's own format, and each one booted."""

import json
import os
import re
import shlex
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mcp import Client, StdioServerParameters

from facts import called

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
SECTION = README.partition("## Use it from a client\n")[2].partition("\n## ")[0]
INSTALLED = "/path/to/soundstage/.venv/bin/soundstage"
KEYS = {"HEDRA_API_KEY", "USEAPI_API_TOKEN", "SPEECHGEN_API_KEY"}
ROWS = dict(re.findall(r"^\| ([A-Z][^|]+) \| (.+) \|$", SECTION, re.MULTILINE))
COMMON, VS_CODE = (json.loads(block) for block in re.findall(r"```json\n(.+?)```", SECTION, re.DOTALL))
[CODEX] = (tomllib.loads(block) for block in re.findall(r"```toml\n(.+?)```", SECTION, re.DOTALL))

PLACES = {
    "Claude Desktop": "`claude_desktop_config.json`",
    "Claude Code": "`.mcp.json`",
    "Cursor": "`~/.cursor/mcp.json`",
    "Gemini CLI": "`~/.gemini/settings.json`",
    "VS Code": "`.vscode/mcp.json`",
    "Codex": "`~/.codex/config.toml`",
}
"""Where each client reads its servers from."""


def of_common() -> Mapping[str, Any]:
    """The server in the JSON that Claude Desktop, Claude Code, Cursor and Gemini CLI read alike."""
    assert set(COMMON) == {"mcpServers"}
    server = COMMON["mcpServers"]["soundstage"]
    # Claude Desktop knows these alone.
    assert set(server) <= {"command", "args", "env"}
    assert all(isinstance(value, str) for value in server["env"].values())
    return server


def of_vs_code() -> Mapping[str, Any]:
    """The server in VS Code's own form, its questions answered with nothing."""
    assert set(VS_CODE) == {"inputs", "servers"}
    server = VS_CODE["servers"]["soundstage"]
    assert set(server) == {"type", "command", "env"}
    assert server["type"] == "stdio"
    questions = {question["id"]: question for question in VS_CODE["inputs"]}
    for question in questions.values():
        assert set(question) == {"type", "id", "description", "password"}
        assert (question["type"], question["password"]) == ("promptString", True)
    asked = {name: re.fullmatch(r"\$\{input:(\w+)\}", said) for name, said in server["env"].items()}
    assert {reference[1] for reference in asked.values() if reference} == set(questions)
    assert all(asked.values())
    return {"command": server["command"], "env": dict.fromkeys(asked, "")}


def of_codex() -> Mapping[str, Any]:
    """The server in Codex's table, with what Codex hands on of an environment that has no keys."""
    assert set(CODEX) == {"mcp_servers"}
    server = CODEX["mcp_servers"]["soundstage"]
    known = {"command", "args", "env", "env_vars", "cwd", "startup_timeout_sec", "tool_timeout_sec", "required"}
    assert set(server) <= known
    # Codex gives a server 10 s by default; ours may wait for a busy machine.
    assert server["startup_timeout_sec"] > 10
    assert set(server["env_vars"]) == KEYS
    return {"command": server["command"], "env": {}}


def of_claude_code() -> Mapping[str, Any]:
    """The server as the command of Claude Code adds it."""
    [words] = re.findall(r"`(claude mcp add [^`]+)`", ROWS["Claude Code"])
    options, dashes, command = words.partition(" -- ")
    # Options come before the name; what comes after the dashes is the command.
    assert shlex.split(options) == ["claude", "mcp", "add", "--scope", "user", "soundstage"]
    assert dashes
    program, *arguments = shlex.split(command)
    return {"command": program, "args": arguments, "env": {}}


FORMS = (of_common, of_vs_code, of_codex, of_claude_code)


def test_each_client_has_a_row_that_names_the_file_it_reads() -> None:
    assert {client: place for client, place in PLACES.items() if not ROWS[client].startswith(place)} == {}
    assert set(ROWS) == set(PLACES)


def test_the_keys_are_those_of_the_providers() -> None:
    assert set(COMMON["mcpServers"]["soundstage"]["env"]) == KEYS
    assert set(VS_CODE["servers"]["soundstage"]["env"]) == KEYS


def test_what_stands_for_a_variable_is_in_the_words_of_that_client() -> None:
    assert set(re.findall(r"\$\{[^}]+\}", ROWS["Cursor"])) == {"${env:HEDRA_API_KEY}"}
    assert set(re.findall(r"\$\{[^}]+\}", ROWS["Gemini CLI"])) == {"${HEDRA_API_KEY}"}


async def test_the_server_starts_as_each_form_of_the_set_up_says(tmp_path: Path) -> None:
    forms = [form() for form in FORMS]
    started = {json.dumps([[one["command"], *one.get("args", [])], one["env"]], sort_keys=True) for one in forms}
    for number, start in enumerate(sorted(started)):
        (home := tmp_path / str(number)).mkdir()
        await boots(home, *json.loads(start))


async def boots(home: Path, command: list[str], environment: Mapping[str, str]) -> None:
    """Start `command` as a desktop client does, in /, with this installation where the README has its own."""
    assert command[0] == INSTALLED
    program, arguments = str(Path(sys.executable).parent / "soundstage"), command[1:]
    apart = {"HOME": str(home), "XDG_DATA_HOME": str(home), "PATH": os.environ["PATH"]}
    parameters = StdioServerParameters(command=program, args=arguments, env={**apart, **environment}, cwd="/")
    async with Client(parameters) as connected:
        assert len((await connected.list_tools()).tools) == 9
        report = await called(connected, "list_providers")
    assert [one["provider"] for one in report["providers"] if one["configured"]] == ["local"]
