"""The definitions of the tools as they go over the wire, held against committed files.

`SOUNDSTAGE_SNAPSHOTS=write pytest tests/contract/test_snapshots.py` writes the files anew.
"""

import json
import os
from pathlib import Path

import pytest

from configured import ALL, definition, listed
from connecting import ERAS

SNAPSHOTS = Path(__file__).with_name("snapshots")
SERVERS = {"none": ((), False), "one": ((), True), "all": (ALL, True)}


@pytest.mark.parametrize("mode", ERAS)
@pytest.mark.parametrize("name", SERVERS)
async def test_the_tools_are_those_of_the_snapshot(tmp_path: Path, name: str, mode: str) -> None:
    configured, local = SERVERS[name]
    tools = [definition(tool) for tool in await listed(tmp_path, configured, local=local, mode=mode)]
    path = SNAPSHOTS / f"tools_{name}.json"
    if os.environ.get("SOUNDSTAGE_SNAPSHOTS") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(tools, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    assert json.loads(path.read_text(encoding="utf-8")) == tools
