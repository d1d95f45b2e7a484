"""The schemas that are published: flat, in the few words of JSON Schema that every client can read.

No reference, union, `const`, title or `additionalProperties` is left.
"""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal, cast

from pydantic import BaseModel, BeforeValidator, Field

Schema = dict[str, Any]

_DROPPED = {"title", "additionalProperties", "$defs"}


def _whole(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value


WHOLE = BeforeValidator(_whole)
"""To JSON Schema 5.0 is an integer, as 5 is."""

_KINDS: dict[str, Any] = {"string": str, "number": float, "integer": int, "boolean": bool}


def portable(model: type[BaseModel]) -> Schema:
    """The JSON schema of `model`, its references put in place, without what some client cannot read."""
    schema = model.model_json_schema()
    return cast("Schema", _plain(schema, schema.get("$defs", {})))


def _plain(node: Any, definitions: Mapping[str, Schema]) -> Any:
    if isinstance(node, list):
        return [_plain(item, definitions) for item in cast("list[Any]", node)]
    if not isinstance(node, dict):
        return node
    schema = cast("Schema", node)
    if reference := schema.get("$ref"):
        target = definitions[str(reference).rpartition("/")[2]]
        schema = {**target, **{key: value for key, value in schema.items() if key != "$ref"}}
    plain: Schema = {}
    for key, value in schema.items():
        if key == "properties":
            plain[key] = {name: _plain(field, definitions) for name, field in value.items()}
        elif key == "const":
            plain["enum"] = [value]
        elif key == "enum":
            plain[key] = [choice for choice in value if choice != ""]
        elif key not in _DROPPED:
            # 1 says the same as 1.0 and is shorter.
            plain[key] = (
                int(value) if isinstance(value, float) and value.is_integer() else _plain(value, definitions)
            )
    # Some clients refuse an empty choice, and with it every tool. Leaving the argument out means the same.
    if plain.get("default") == "":
        del plain["default"]
    if "properties" in plain:
        plain.pop("description", None)
    return plain


def promised(schema: Schema, promises: Iterable[str]) -> Schema:
    """What `schema` of a result says of its `promises`: names, of the fields of a field as `assets.url`.

    A model reads the published schema with each tool, before any call. It tells what a caller goes on with; all
    else that a result holds comes without being told.
    """
    if schema.get("type") == "array":
        return {"type": "array", "items": promised(schema["items"], promises)}
    inner: dict[str, list[str]] = {}
    for promise in promises:
        name, _, rest = promise.partition(".")
        inner.setdefault(name, []).extend([rest] if rest else [])
    if not inner:
        told = ("type", "enum") if "properties" not in schema else ("type",)
        return {key: schema[key] for key in told if key in schema}
    needed = [name for name in schema.get("required", []) if name in inner]
    properties = {name: promised(schema["properties"][name], names) for name, names in inner.items()}
    return {"type": "object", "properties": properties, **({"required": needed} if needed else {})}


def range_words(field: Schema) -> str:
    """What a field takes, for people: `0.5 to 2`, `one of mp3, wav`, `up to 5,000 characters`."""
    if choices := field.get("enum"):
        return "one of " + ", ".join(str(choice) for choice in choices if choice != "")
    low, high = field.get("minimum"), field.get("maximum")
    if low is not None and high is not None:
        return f"{low:g} to {high:g}"
    if items := field.get("items"):
        least, most = field.get("minItems", 0), field.get("maxItems")
        each = range_words(items)
        kind = "texts" if items.get("type") == "string" else "numbers"
        if most is None:
            return kind
        many = f"{most}" if least == most else f"{least} to {most}" if least else f"up to {most}"
        return f"{many} {kind}, each {each}" if each else f"{many} {kind}"
    longest = field.get("maxLength")
    if longest is not None and field.get("minLength"):
        return f"{field['minLength']:,} to {longest:,} characters"
    return f"up to {longest:,} characters" if longest is not None else ""


def argument(field: Schema) -> Any:
    """The type that checks an argument as `field` publishes it."""
    if choices := field.get("enum"):
        return Literal[tuple(choices)]
    if field["type"] == "array":
        limits = Field(min_length=field.get("minItems"), max_length=field.get("maxItems"))
        return Annotated[list[argument(field["items"])], limits]
    limits = Field(
        ge=field.get("minimum"),
        le=field.get("maximum"),
        min_length=field.get("minLength"),
        max_length=field.get("maxLength"),
    )
    kind = _KINDS[field["type"]]
    return Annotated[kind, limits, WHOLE] if kind is int else Annotated[kind, limits]
