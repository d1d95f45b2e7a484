import math
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field

from soundstage_tools.arguments import checked
from soundstage_tools.errors import BadRequest


class Arguments(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)

    text: Annotated[str, Field(min_length=1, max_length=10)]
    speed: Annotated[float, Field(ge=0.5, le=2)] = 1.0
    limit: Annotated[int, Field(ge=1, le=100)] = 25
    kind: Literal["", "stock", "cloned"] = ""
    loud: bool = False


def words(**values: object) -> str:
    with pytest.raises(BadRequest) as refused:
        checked(Arguments, values, of="a_tool")
    assert refused.value.code == "invalid_arguments"
    return refused.value.message


def test_the_edges_of_each_range_are_accepted() -> None:
    for values in ({"speed": 0.5}, {"speed": 2}, {"limit": 1}, {"limit": 100}, {"kind": "cloned"}):
        checked(Arguments, {"text": "0123456789", **values}, of="a_tool")


@pytest.mark.parametrize("speed", [0.49, 2.01, "1", True, math.nan, math.inf, None, [1]])
def test_a_number_out_of_range_or_of_another_type_is_told_the_range(speed: object) -> None:
    assert "`speed` must be a number from 0.5 to 2" in words(text="hi", speed=speed)


@pytest.mark.parametrize("limit", [0, 101, 1.5, "5", True])
def test_a_whole_number(limit: object) -> None:
    assert "`limit` must be a whole number from 1 to 100." in words(text="hi", limit=limit)


def test_a_missing_argument_is_named_with_what_it_takes() -> None:
    assert words() == "`text` is required: text of 1 to 10 characters."


def test_a_text_that_is_too_long_is_told_its_length_and_not_repeated() -> None:
    said = words(text="x" * 1234)
    assert said == "`text` must be text of 1 to 10 characters; it has 1,234."


def test_a_choice_that_is_none_is_told_the_choices() -> None:
    assert words(text="hi", kind="robot") == "`kind` must be one of stock, cloned."


def test_an_unknown_argument_is_told_the_nearest_and_all() -> None:
    said = words(text="hi", sped=1.0)
    assert "`sped` is not an argument of a_tool. Did you mean `speed`?" in said
    assert "It takes: text, speed, limit, kind, loud." in said


def test_where_there_is_no_argument_that_is_said() -> None:
    class Nothing(BaseModel):
        model_config = ConfigDict(extra="forbid", strict=True)

    with pytest.raises(BadRequest) as refused:
        checked(Nothing, {"x": 1}, of="a_tool")
    assert refused.value.message == "`x` is not an argument of a_tool. It takes none."


def test_a_hostile_argument_name_is_cleaned_and_cut() -> None:
    said = words(text="hi", **{"\x1b[31mred\n" + "y" * 500: 1})
    assert "\x1b" not in said
    assert "y" * 41 not in said


def test_every_fault_is_told_at_once() -> None:
    said = words(text="", speed=9, volume=1)
    assert all(name in said for name in ("`text`", "`speed`", "`volume`"))
