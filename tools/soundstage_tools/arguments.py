"""The check of a call's arguments, and the words in which it is refused."""

from collections.abc import Mapping, Sequence, Sized
from difflib import get_close_matches
from typing import Any, TypeVar, cast

from pydantic import BaseModel, ValidationError

from soundstage_tools.errors import BadRequest
from soundstage_tools.schemas import portable, range_words

Model = TypeVar("Model", bound=BaseModel)

_KINDS = {
    "string": "text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list",
}


def checked(model: type[Model], values: Mapping[str, object], *, of: str) -> Model:
    """`values` as `model`, which is strict and closed.

    `of` names what they are arguments of.

    Raises:
        BadRequest: one or more values do not fit; the message names each with its range or its choices.
    """
    try:
        return model.model_validate(values)
    except ValidationError as error:
        details = error.errors(include_url=False, include_context=True, include_input=False)
    properties = cast("dict[str, dict[str, Any]]", portable(model).get("properties", {}))
    said = dict.fromkeys(_words(detail, properties, values, of) for detail in details)
    raise BadRequest(
        code="invalid_arguments",
        message=" ".join(said),
        next_step="Correct this and call again.",
    ) from None


def _words(
    detail: Mapping[str, Any], properties: Mapping[str, dict[str, Any]], values: Mapping[str, object], of: str
) -> str:
    name = str(detail["loc"][0]) if detail["loc"] else ""
    match detail["type"]:
        case "missing":
            return f"`{name}` is required: {_expected(properties[name])}."
        case "extra_forbidden":
            return _unknown(name, properties, of)
        case "value_error":
            return f"`{name}` {detail['ctx']['error']}."
        case "finite_number":
            return f"`{name}` must be {_expected(properties[name])}, not infinite or NaN."
        case "string_too_long" | "string_too_short" | "too_long" | "too_short":
            length = len(_at(detail["loc"], values))
            return f"`{name}` must be {_expected(properties[name])}; it has {length:,}."
        case _:
            return f"`{name}` must be {_expected(properties[name])}."


def _expected(field: Mapping[str, Any]) -> str:
    words = range_words(dict(field))
    if "enum" in field:
        return words
    kind = _KINDS.get(str(field.get("type")), "a value")
    if not words:
        return kind
    return f"{kind} from {words}" if field.get("type") in {"number", "integer"} else f"{kind} of {words}"


def _at(place: Sequence[str | int], values: Any) -> Sized:
    for step in place:
        values = values[step]
    return cast("Sized", values)


def _unknown(name: str, properties: Mapping[str, object], of: str) -> str:
    shown = "".join(character for character in name[:40] if character.isprintable())
    close = get_close_matches(name, properties, n=1)
    guess = f" Did you mean `{close[0]}`?" if close else ""
    return f"`{shown}` is not an argument of {of}.{guess} It takes: {', '.join(properties)}."
