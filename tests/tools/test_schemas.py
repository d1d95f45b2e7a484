from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, Field

from soundstage_tools.schemas import offered, portable, range_words
from soundstage_tools.studio import Offer


class Narrow(BaseModel):
    text: Annotated[str, Field(min_length=1, max_length=100, description="Words")]
    speed: Annotated[float, Field(ge=0.7, le=1.2, description="Rate")] = 1.0
    stability: Annotated[float, Field(ge=0, le=1, description="Evenness")] = 1.0
    format: Annotated[Literal["mp3"], Field(description="File format")] = "mp3"


class Wide(BaseModel):
    text: Annotated[str, Field(min_length=2, max_length=900, description="Words")]
    speed: Annotated[float, Field(ge=0.5, le=1.1, description="Rate")] = 1.0
    format: Annotated[Literal["wav", "mp3"], Field(description="File format")] = "wav"


def test_one_offer_is_published_with_its_own_range_and_default() -> None:
    properties, required = offered([Offer("narrow", Narrow)])
    assert required == ["text"]
    assert properties["speed"] == {
        "type": "number",
        "minimum": 0.7,
        "maximum": 1.2,
        "default": 1.0,
        "description": "Rate: 0.7 to 1.2.",
    }


def test_several_offers_are_published_with_their_envelope_and_each_range_in_words() -> None:
    properties, required = offered([Offer("narrow", Narrow), Offer("wide", Wide)])
    assert required == ["text"]
    assert (properties["speed"]["minimum"], properties["speed"]["maximum"]) == (0.5, 1.2)
    assert properties["speed"]["description"] == "Rate: narrow 0.7 to 1.2; wide 0.5 to 1.1."
    assert (properties["text"]["minLength"], properties["text"]["maxLength"]) == (1, 900)


def test_choices_are_joined_and_a_default_that_differs_is_not_published() -> None:
    properties, _ = offered([Offer("narrow", Narrow), Offer("wide", Wide)])
    assert properties["format"]["enum"] == ["mp3", "wav"]
    assert "default" not in properties["format"]
    assert properties["format"]["description"] == "File format: narrow one of mp3; wide any."


class Free(BaseModel):
    text: Annotated[str, Field(description="Words")]
    format: Annotated[str, Field(description="File format")] = ""


def test_a_choice_that_some_provider_leaves_open_is_open_for_all() -> None:
    properties, _ = offered([Offer("wide", Wide), Offer("free", Free)])
    assert "enum" not in properties["format"]
    assert "maxLength" not in properties["text"]


def test_a_field_of_one_provider_says_whose_it_is() -> None:
    properties, required = offered([Offer("narrow", Narrow), Offer("wide", Wide)])
    assert properties["stability"]["description"] == "Evenness: narrow only, 0 to 1."
    assert "stability" not in required


class Inner(BaseModel):
    """Inside."""

    kind: Literal["only"]


class Outer(BaseModel):
    inner: list[Inner]


def test_a_portable_schema_holds_no_reference_const_or_title() -> None:
    schema = portable(Outer)
    assert schema["properties"]["inner"]["items"]["properties"]["kind"] == {"enum": ["only"], "type": "string"}
    assert "$ref" not in str(schema)
    assert "title" not in str(schema)


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
        ({}, ""),
    ],
)
def test_a_range_in_words(field: dict[str, object], words: str) -> None:
    assert range_words(field) == words
