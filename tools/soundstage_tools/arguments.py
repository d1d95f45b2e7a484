"""The check of a call's arguments, and the words in which it is refused."""

import re
from collections.abc import Iterator, Mapping, Sequence, Sized
from difflib import get_close_matches
from typing import Any, TypeVar, cast

from pydantic import BaseModel, ValidationError

from soundstage_tools.errors import BadRequest
from soundstage_tools.schemas import portable, range_words

Model = TypeVar("Model", bound=BaseModel)

INVALID = "invalid_arguments"
"""Not as the published schema says."""
UNUSABLE = "unusable_value"
"""As the schema says, and yet nothing can be made of it."""
LIMITS = "provider_limits"
"""As the schema says, which tells what all providers take together; not what the one that is asked takes."""

_UNREADABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffd]")
_LARGEST = 1e308
_MOST_SAID = 8

_KINDS = {
    "string": "text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list",
}


def checked(model: type[Model], values: Mapping[str, object], *, of: str, code: str = INVALID) -> Model:
    """`values` as `model`, which is strict and closed.

    `of` names what they are arguments of. `code` is that of a refusal of what `model` does not take.

    Raises:
        BadRequest: one or more values do not fit; the message names each with its range or its choices.
    """
    if unreadable := [name for name, value in values.items() if any(map(_UNREADABLE.search, _texts(value)))]:
        names = ", ".join(f"`{_shown(name)}`" for name in unreadable[:_MOST_SAID])
        raise _refused(UNUSABLE, [f"{names} must be plain text, without control characters or broken Unicode."])
    if immense := [name for name, value in values.items() if isinstance(value, int) and abs(value) > _LARGEST]:
        raise _refused(UNUSABLE, [f"`{_shown(name)}` is too large a number." for name in immense])
    try:
        return model.model_validate(values)
    except ValidationError as error:
        details = error.errors(include_url=False, include_context=True, include_input=False)
    properties = cast("dict[str, dict[str, Any]]", portable(model).get("properties", {}))
    said = [_words(detail, properties, values, of) for detail in details]
    unusable = all(detail["type"] == "value_error" for detail in details)
    raise _refused(UNUSABLE if unusable else code, said) from None


def _refused(code: str, said: Sequence[str]) -> BadRequest:
    told = list(dict.fromkeys(said))
    more = [f"So much for the first {_MOST_SAID} of {len(told):,} faults."] if len(told) > _MOST_SAID else []
    message = " ".join([*told[:_MOST_SAID], *more])
    return BadRequest(code=code, message=message, next_step="Correct this and call again.")


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in cast("list[object]", value):
            if isinstance(item, str):
                yield item


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
    close = get_close_matches(_shown(name), properties, n=1)
    guess = f" Did you mean `{close[0]}`?" if close else ""
    takes = f"It takes: {', '.join(properties)}." if properties else "It takes none."
    return f"`{_shown(name)}` is not an argument of {of}.{guess} {takes}"


def _shown(name: str) -> str:
    return "".join(character for character in name[:40] if character.isprintable())
