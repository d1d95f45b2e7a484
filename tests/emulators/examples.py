"""The providers' example bodies, and how an answer is held against one."""

import json
from pathlib import Path
from typing import Any, cast


def example(name: str) -> Any:
    return json.loads(Path(__file__).with_name("examples.json").read_text(encoding="utf-8"))[name]


def shape(value: object) -> object:
    """Keys and JSON types of a body; of a list, those of its first item."""
    if isinstance(value, dict):
        return {key: shape(member) for key, member in cast("dict[str, object]", value).items()}
    if isinstance(value, list):
        return [shape(item) for item in cast("list[object]", value)[:1]]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return "number"
    return type(value).__name__
