from collections.abc import Sequence
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field

from soundstage_tools.envelopes import MANY_CHOICES, neutral, offered
from soundstage_tools.studio import Offer


class Narrow(BaseModel):
    text: Annotated[str, Field(min_length=1, max_length=100, description="Words")]
    speed: Annotated[float, Field(ge=0.7, le=1.2, description="Rate")] = 1.0
    pitch: Annotated[float, Field(ge=-6, le=6, description="Semitones")] = 0.0
    stability: Annotated[float, Field(ge=0, le=1, description="Evenness")] = 1.0
    format: Annotated[Literal["mp3"], Field(description="File format")] = "mp3"
    language: Annotated[str, Field(max_length=9, description="Such as English")] = "auto"


class Wide(BaseModel):
    text: Annotated[str, Field(min_length=2, max_length=900, description="Words, or marks")]
    speed: Annotated[float, Field(ge=0.5, le=1.1, description="Rate")] = 1.0
    pitch: Annotated[float, Field(ge=-100, le=100, description="Own scale")] = 0.0
    format: Annotated[Literal["wav", "mp3"], Field(description="File format")] = "wav"
    box: Annotated[
        list[Annotated[float, Field(ge=0, le=1)]],
        Field(default_factory=list[float], min_length=2, max_length=2, description="A point"),
    ]


class Free(BaseModel):
    text: Annotated[str, Field(description="Words")]
    format: Annotated[str, Field(description="File format")] = ""
    language: Annotated[str, Field(max_length=35, description="Such as en-US")] = ""


NARROW, WIDE, FREE = Offer("narrow", Narrow), Offer("wide", Wide), Offer("free", Free)


def properties(*offers: Offer) -> dict[str, Any]:
    return offered([*offers])[0]


def test_one_offer_is_published_with_its_own_range_and_default() -> None:
    fields, required = offered([NARROW])
    assert required == ["text"]
    assert fields["speed"] == {
        "type": "number",
        "minimum": 0.7,
        "maximum": 1.2,
        "default": 1.0,
        "description": "Rate: 0.7 to 1.2.",
    }
    assert (fields["text"]["minLength"], fields["text"]["maxLength"]) == (1, 100)


def test_a_range_that_differs_is_told_as_the_envelope_in_words() -> None:
    fields = properties(NARROW, WIDE)
    assert fields["speed"] == {
        "type": "number",
        "default": 1.0,
        "description": "Rate: 0.5 to 1.2 by provider.",
    }
    assert fields["text"] == {
        "type": "string",
        "description": "Words: 1 to 900 characters by provider; wide or marks.",
    }


def test_a_range_of_another_unit_is_told_of_each() -> None:
    assert (
        properties(NARROW, WIDE)["pitch"]["description"] == "narrow -6 to 6 semitones; wide -100 to 100 own scale."
    )


def test_what_all_agree_on_is_published() -> None:
    twin = Offer("twin", Narrow)
    assert properties(NARROW, twin)["speed"] == properties(NARROW)["speed"]
    assert properties(NARROW, twin)["text"] == properties(NARROW)["text"]


def test_choices_are_joined_and_a_default_that_differs_is_not_published() -> None:
    field = properties(NARROW, WIDE)["format"]
    assert field["enum"] == ["mp3", "wav"]
    assert "default" not in field
    assert field["description"] == "File format: narrow mp3."


def test_a_choice_that_some_provider_leaves_open_is_open_for_all() -> None:
    fields = properties(WIDE, FREE)
    assert "enum" not in fields["format"]
    assert "maxLength" not in fields["text"]


def test_many_choices_that_only_some_provider_has_are_left_to_the_voices() -> None:
    class Choosy(BaseModel):
        engine: Annotated[
            Literal["a", "b", "c", "d", "e", "f", "g", "h", "i"], Field(description="One the voice has")
        ] = "a"

    assert len(properties(Offer("choosy", Choosy))["engine"]["enum"]) > MANY_CHOICES
    assert properties(Offer("choosy", Choosy), FREE)["engine"] == {
        "type": "string",
        "description": "choosy: One the voice has.",
    }


def test_a_field_of_some_providers_says_whose_it_is_and_publishes_no_bounds() -> None:
    fields, required = offered([NARROW, WIDE])
    assert fields["stability"] == {
        "type": "number",
        "default": 1.0,
        "description": "narrow: Evenness, 0 to 1.",
    }
    assert fields["box"] == {"type": "array", "items": {"type": "number"}, "description": "wide: A point."}
    assert "stability" not in required


def test_words_that_differ_are_told_of_each() -> None:
    assert properties(NARROW, WIDE, FREE)["language"] == {
        "type": "string",
        "description": "Such as: narrow English; free en-US.",
    }


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("text", ()),
        ("speed", [1.0]),
        ("stability", [1.0]),
        ("format", ()),
        ("language", ["auto"]),
        ("box", [list[float]()]),
    ],
)
def test_the_default_of_all_says_no_more_than_leaving_it_out(name: str, values: Sequence[object]) -> None:
    assert neutral([NARROW, WIDE])[name] == list(values)
