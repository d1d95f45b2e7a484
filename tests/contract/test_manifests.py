"""The manifests: what each reader of them is promised, and that all of them start the server."""

import copy
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from mcp import Client, StdioServerParameters

import soundstage
from conformance.node import evaluate, needs_node, node
from facts import called
from soundstage.settings import Settings

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SCHEMA = ROOT / "tests/contract/schemas/server-2025-12-11.json"


def manifest(path: str) -> dict[str, Any]:
    return json.loads((ROOT / path).read_text(encoding="utf-8"))


[MCP_JSON] = manifest("mcp.json")["mcpServers"].values()
SERVER_JSON = manifest("server.json")
[PACKAGE] = SERVER_JSON["packages"]
VARIABLES = {variable["name"]: variable for variable in PACKAGE["environmentVariables"]}
BUNDLE = manifest("mcpb/manifest.json")
SECRETS = {"HEDRA_API_KEY", "USEAPI_API_TOKEN", "SPEECHGEN_API_KEY"}


def test_all_of_them_name_the_variables_of_the_settings() -> None:
    source = (ROOT / "server/soundstage/settings.py").read_text(encoding="utf-8")
    settings = set(re.findall(r"\"((?:SOUNDSTAGE|HEDRA|USEAPI|SPEECHGEN)_\w+\w)\"", source))
    table = README.partition("\n## Settings\n")[2].partition("\n## ")[0]
    assert len(settings) >= 13
    assert set(re.findall(r"`([A-Z]+_[A-Z_]+)`", table)) == settings
    assert set(VARIABLES) == settings
    assert set(MCP_JSON["env"]) == settings
    assert set(BUNDLE["server"]["mcp_config"]["env"]) == settings
    assert {name.upper() for name in BUNDLE["user_config"]} == settings


FORMS = (
    "${{{0}}}",
    "${{{0}:-}}",
    "{{{{{0}}}}}",
    "${{env:{0}}}",
    "${{input:{0}}}",
    "${{user_config.{0}}}",
    "",
    " ",
)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("variable", VARIABLES)
def test_a_reference_that_a_client_left_as_it_was_counts_as_unset(variable: str, form: str) -> None:
    said = form.format(variable)
    assert variable in said or not said.strip()
    assert Settings.from_environment({variable: said}) == Settings.from_environment({})


def test_the_defaults_that_are_stated_are_those_of_the_settings() -> None:
    told = {name: one["default"] for name, one in VARIABLES.items() if "default" in one}
    assert len(told) == 5
    assert Settings.from_environment(told) == Settings.from_environment({})
    for name, option in BUNDLE["user_config"].items():
        assert option.get("default") == told.get(name.upper())


def test_the_secrets_are_marked_and_nothing_is_required() -> None:
    assert {name for name, one in VARIABLES.items() if one["isSecret"]} == SECRETS
    assert {name.upper() for name, one in BUNDLE["user_config"].items() if one.get("sensitive")} == SECRETS
    assert not any(one["isRequired"] for one in VARIABLES.values())
    assert not any(one["required"] for one in BUNDLE["user_config"].values())


def test_the_versions_and_the_words_agree() -> None:
    assert SERVER_JSON["version"] == PACKAGE["version"] == BUNDLE["version"] == soundstage.__version__
    assert SERVER_JSON["description"] == BUNDLE["description"]
    assert [one["value"] for one in PACKAGE["runtimeArguments"]] == [
        f"soundstage[local]=={soundstage.__version__}"
    ]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert BUNDLE["compatibility"]["runtimes"]["python"] == project["requires-python"]
    assert PACKAGE["identifier"] == BUNDLE["name"] == project["name"]
    for name, one in VARIABLES.items():
        assert BUNDLE["user_config"][name.lower()]["description"] == one["description"]


def judged(server: Mapping[str, Any]) -> list[str]:
    judge: Any = jsonschema.Draft7Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
    return [error.message for error in judge.iter_errors(server)]


def test_server_json_keeps_the_rules_of_the_registry() -> None:
    assert judged(SERVER_JSON) == []
    # By this line in the package's description the registry knows that both have one owner.
    assert f"<!-- mcp-name: {SERVER_JSON['name']} -->" in README


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (["description"], "x" * 101),
        (["name"], "soundstage"),
        (["version"], ">=0.1.0"),
        (["packages", 0, "version"], "latest"),
        (["packages", 0, "transport"], {"type": "pipe"}),
        (["packages", 0, "runtimeHint"], 3),
        (["packages", 0, "runtimeArguments", 0], {"type": "named", "value": "soundstage"}),
        (["packages", 0, "environmentVariables", 0, "name"], None),
        (["packages", 0, "environmentVariables", 0, "secret"], True),
        (["packages", 0, "environmentVariables", 0, "format"], "path"),
    ],
)
def test_the_judge_of_server_json_finds_what_is_wrong(place: list[str | int], value: object) -> None:
    wrong: Any = copy.deepcopy(SERVER_JSON)
    inner = wrong
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = value
    assert judged(wrong)


def installed(folder: Path) -> Path:
    """A checkout in `folder` as far as a start needs it, with the installation that runs this."""
    (folder / "mcpb").mkdir()
    for part in ("mcpb/start.py", "pyproject.toml"):
        shutil.copy(ROOT / part, folder / part)
    borrow_installation(folder)
    return folder


def borrow_installation(folder: Path) -> None:
    """Give a folder the packages that run this, as if they had been installed from it."""
    packages = Path(sysconfig.get_path("purelib"))
    own = folder / ".venv" / packages.relative_to(sys.prefix)
    own.mkdir(parents=True)
    for name in ("bin", "pyvenv.cfg"):
        (folder / ".venv" / name).symlink_to(Path(sys.prefix) / name)
    for entry in packages.iterdir():
        if not entry.name.startswith("soundstage-"):
            (own / entry.name).symlink_to(entry)
            continue
        shutil.copytree(entry, own / entry.name)
        origin = {"url": folder.as_uri(), "dir_info": {"editable": True}}
        (own / entry.name / "direct_url.json").write_text(json.dumps(origin), encoding="utf-8")


@asynccontextmanager
async def started(
    home: Path, command: str, arguments: list[str], environment: Mapping[str, str], cwd: Path
) -> AsyncGenerator[Client]:
    """A client of the server that a manifest starts, in a home of its own."""
    apart = {"HOME": str(home), "XDG_DATA_HOME": str(home), "PATH": os.environ["PATH"]}
    parameters = StdioServerParameters(command=command, args=arguments, env={**apart, **environment}, cwd=cwd)
    async with Client(parameters) as client:
        yield client


async def test_mcp_json_starts_the_server_though_nothing_is_expanded(tmp_path: Path) -> None:
    checkout = installed(tmp_path)
    async with started(tmp_path, MCP_JSON["command"], MCP_JSON["args"], MCP_JSON["env"], checkout) as client:
        tools = (await client.list_tools()).tools
        report = await called(client, "list_providers")
    assert len(tools) == 9
    assert [one["provider"] for one in report["providers"] if one["configured"]] == ["local"]
    assert not list(tmp_path.glob("*{*"))


async def test_mcp_json_hands_on_a_key_where_the_client_expands(tmp_path: Path) -> None:
    known = {"HEDRA_API_KEY": "hk-1", "HEDRA_BASE_URL": "http://127.0.0.1:9"}
    environment = {
        name: re.sub(r"\$\{(\w+):-(.*)\}", lambda reference: known.get(reference[1], reference[2]), said)
        for name, said in MCP_JSON["env"].items()
    }
    checkout = installed(tmp_path)
    async with started(tmp_path, MCP_JSON["command"], MCP_JSON["args"], environment, checkout) as client:
        report = await called(client, "list_providers")
    assert [one["provider"] for one in report["providers"] if one["configured"]] == ["local", "hedra"]


def unpacked(folder: Path) -> Path:
    """The bundle as Claude Desktop unpacks it, built by the command that the README names."""
    command = re.findall(r"`python3 (mcpb/\S+)`", README)[0]
    built = subprocess.run(
        [sys.executable, str(ROOT / command), str(folder)], capture_output=True, text=True, check=True
    )
    with zipfile.ZipFile(built.stdout.strip()) as bundle:
        bundle.extractall(folder / "bundle")
    return folder / "bundle"


def test_the_bundle_holds_what_an_installation_from_it_needs(tmp_path: Path) -> None:
    bundle = unpacked(tmp_path)
    tracked = [path for part in ("server", "tools") for path in (ROOT / part).rglob("*") if path.is_file()]
    wanted = {path.relative_to(ROOT) for path in tracked if "__pycache__" not in path.parts}
    assert wanted <= {path.relative_to(bundle) for path in bundle.rglob("*")}
    assert all((bundle / name).is_file() for name in ("pyproject.toml", "README.md", "LICENSE", "NOTICE"))
    assert (bundle / BUNDLE["server"]["entry_point"]).is_file()


CONFIGURATION = """
import { readFileSync } from "node:fs";
import { getMcpConfigForManifest } from "@anthropic-ai/mcpb";
const [folder, userConfig] = process.argv.slice(-2);
const manifest = JSON.parse(readFileSync(`${folder}/manifest.json`, "utf-8"));
const given = { manifest, extensionPath: folder, systemDirs: {}, pathSeparator: "/" };
console.log(JSON.stringify(await getMcpConfigForManifest({ ...given, userConfig: JSON.parse(userConfig) })));
"""


@needs_node
async def test_the_bundle_is_accepted_and_starts_as_its_manifest_says(tmp_path: Path) -> None:
    bundle = unpacked(tmp_path)
    for words in (["validate", str(bundle)], ["pack", str(bundle), str(tmp_path / "again.mcpb")]):
        done = node("mcpb", *words, home=tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr
    given = {"speechgen_api_key": "sg-1", "speechgen_base_url": "http://127.0.0.1:9"}
    made = json.loads(evaluate(CONFIGURATION, str(bundle), json.dumps(given), home=tmp_path))
    borrow_installation(bundle)
    async with started(tmp_path, made["command"], made["args"], made["env"], Path("/")) as client:
        report = await called(client, "list_providers")
    assert [one["provider"] for one in report["providers"] if one["configured"]] == ["local", "speechgen"]


@needs_node
def test_the_inspector_starts_mcp_json_and_finds_every_schema_portable(tmp_path: Path) -> None:
    checkout = installed(tmp_path)
    words = ["--cli", "--config", str(ROOT / "mcp.json"), "--server", "soundstage"]
    done = node(
        "inspector", *words, "--method", "tools/list", "--strict", "--format", "json", home=tmp_path, cwd=checkout
    )
    assert done.returncode == 0, done.stdout + done.stderr
