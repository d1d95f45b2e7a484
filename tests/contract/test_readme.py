"""What the README promises, held against the program."""

import re
import shlex
import subprocess
import tomllib
from pathlib import Path

import pytest

from connecting import Connect
from soundstage.app import providers
from soundstage.provider_table import provider_tables
from soundstage.settings import Settings

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"`soundstage call (.+?)`", README)


def test_each_variable_of_the_settings_is_in_the_readme_and_no_other() -> None:
    source = (ROOT / "server/soundstage/settings.py").read_text(encoding="utf-8")
    name = r"(?:SOUNDSTAGE|HEDRA|USEAPI|SPEECHGEN)_\w+\w"
    assert set(re.findall(name, README)) == set(re.findall(rf"\"({name})\"", source))


async def test_each_tool_is_in_the_readme_with_an_example(connect: Connect) -> None:
    async with connect() as client:
        tools = {tool.name for tool in (await client.list_tools()).tools}
    section = README.partition("## The tools")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `([a-z]+_[a-z_]+)` \|", section, re.MULTILINE)) == tools
    assert {example.split()[0] for example in EXAMPLES} == tools - {"list_providers"}


@pytest.mark.parametrize("example", EXAMPLES)
async def test_each_example_names_arguments_that_the_tool_takes(connect: Connect, example: str) -> None:
    tool, *words = shlex.split(example)
    async with connect() as client:
        schemas = {tool.name: tool.input_schema for tool in (await client.list_tools()).tools}
    assert {word.partition("=")[0] for word in words} <= set(schemas[tool]["properties"])


def test_the_extras_that_the_readme_names_exist() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = {extra for extras in re.findall(r"\[([\w,-]+)\]'", README) for extra in extras.split(",")}
    assert named
    assert named <= set(project["optional-dependencies"])


def test_the_picture_and_the_benchmarks_are_there() -> None:
    for path in [*re.findall(r"\]\((docs/[^)]+)\)", README), "requirements.lock", ".ci/run"]:
        assert (ROOT / path).is_file(), path
    named = set(re.findall(r"`(\w+\.py)`", README.split("benchmarks/")[1]))
    commands = [
        path for path in (ROOT / "benchmarks").glob("*.py") if "__main__" in path.read_text(encoding="utf-8")
    ]
    assert named == {path.name for path in commands}


def test_the_ci_runs_the_very_test_command_of_the_readme() -> None:
    [command] = re.findall(r"^Run the tests:\n\n```sh\n(.+)\n```$", README, re.MULTILINE)
    ci = (ROOT / ".ci/run").read_text(encoding="utf-8")
    [taken] = re.findall(r"^test_command=\$\((sed .+)\)$", ci, re.MULTILINE)
    found = subprocess.run(["bash", "-c", taken], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout == f"{command}\n"
    assert re.search(r"^bash -euo pipefail -c \"\$\{test_command:\?[^}]+\}\" \|\| failed=\$\?$", ci, re.MULTILINE)


def test_the_defaults_that_the_readme_states_are_those_of_the_settings() -> None:
    settings = Settings.from_environment({})
    for default in (
        settings.log_level,
        settings.hedra.base_url,
        settings.useapi.base_url,
        settings.speechgen.base_url,
    ):
        assert f"| `{default}` |" in README


def test_the_tables_of_the_providers_are_those_of_their_profiles(tmp_path: Path) -> None:
    profiles = [provider.profile for provider in providers(Settings(home=tmp_path, input_roots=()))]
    shown = README.partition("<!-- soundstage providers --markdown -->\n\n")[2].partition("\n\n<!-- end -->")[0]
    assert shown == provider_tables(profiles)
