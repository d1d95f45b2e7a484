from typing import Literal

import pytest
from pydantic import BaseModel

from soundstage_tools.schemas import portable, promised, range_words


class Inner(BaseModel):
    """Inside."""

    kind: Literal["only"]
    size: int = 0


class Outer(BaseModel):
    name: str
    state: Literal["on", "off"]
    inner: list[Inner]
    tags: list[str] = []


def test_a_portable_schema_holds_no_reference_const_or_title() -> None:
    schema = portable(Outer)
    assert schema["properties"]["inner"]["items"]["properties"]["kind"] == {"enum": ["only"], "type": "string"}
    assert "$ref" not in str(schema)
    assert "title" not in str(schema)


def test_what_is_promised_is_told_and_no_more() -> None:
    assert promised(portable(Outer), ["name", "state", "inner.kind", "tags"]) == {
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "state": {"type": "string", "enum": ["on", "off"]},
            "inner": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"kind": {"type": "string", "enum": ["only"]}},
                    "required": ["kind"],
                },
            },
            "tags": {"type": "array", "items": {"type": "string"}},
        },
        "required": ["name", "state", "inner"],
    }


def test_a_field_that_is_promised_whole_is_told_by_its_type_alone() -> None:
    assert promised(portable(Outer), ["inner"])["properties"] == {
        "inner": {"type": "array", "items": {"type": "object"}}
    }


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ({"minimum": 0.5, "maximum": 2.0}, "0.5 to 2"),
        ({"enum": ["", "mp3", "wav"]}, "one of mp3, wav"),
        ({"minLength": 1, "maxLength": 20000}, "1 to 20,000 characters"),
        ({"maxLength": 255}, "up to 255 characters"),
        (
            {"type": "array", "minItems": 2, "maxItems": 2, "items": {"minimum": 0, "maximum": 1}},
            "2 numbers, each 0 to 1",
        ),
        (
            {"type": "array", "maxItems": 20, "items": {"type": "string", "minLength": 1, "maxLength": 9}},
            "up to 20 texts, each 1 to 9 characters",
        ),
        ({"type": "array", "maxItems": 20, "items": {"type": "string"}}, "up to 20 texts"),
        ({}, ""),
    ],
)
def test_a_range_in_words(field: dict[str, object], words: str) -> None:
    assert range_words(field) == words
