"""The schemas that are published: flat, in the few words of JSON Schema that every client can read.

No reference, union, `const`, title or `additionalProperties` is left. A field that several providers offer is
published with the envelope of their ranges, and the description states each provider's own.
"""

from collections.abc import Mapping
from typing import Any, Literal, cast

from pydantic import BaseModel, Field

from soundstage_tools.studio import Offer

Schema = dict[str, Any]

_DROPPED = {"title", "additionalProperties", "$defs"}


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
            plain[key] = _plain(value, definitions)
    # Some clients refuse an empty choice, and with it every tool. Leaving the argument out means the same.
    if "enum" in plain and plain.get("default") == "":
        del plain["default"]
    if "properties" in plain:
        plain.pop("description", None)
    return plain


def of_result(model: type[BaseModel]) -> Schema:
    """The schema of what a tool returns. A default is of no use to the one who reads it."""
    return cast("Schema", _without_defaults(portable(model)))


def _without_defaults(node: Any) -> Any:
    if isinstance(node, list):
        return [_without_defaults(item) for item in cast("list[Any]", node)]
    if not isinstance(node, dict):
        return node
    return {key: _without_defaults(value) for key, value in cast("Schema", node).items() if key != "default"}


def range_words(field: Schema) -> str:
    """What a field takes, for people: `0.5 to 2`, `one of mp3, wav`, `up to 5,000 characters`."""
    if choices := field.get("enum"):
        return "one of " + ", ".join(str(choice) for choice in choices if choice != "")
    low, high = field.get("minimum"), field.get("maximum")
    if low is not None and high is not None:
        return f"{low:g} to {high:g}"
    longest = field.get("maxLength")
    if longest is not None and field.get("minLength"):
        return f"{field['minLength']:,} to {longest:,} characters"
    return f"up to {longest:,} characters" if longest is not None else ""


def _with_default(field: Schema) -> str:
    words = range_words(field)
    default = field.get("default")
    if default in (None, ""):
        return words
    shown = f"{default:g}" if isinstance(default, float) else str(default)
    return f"{words}, default {shown}" if words else f"default {shown}"


def offered(offers: list[Offer]) -> tuple[Schema, list[str]]:
    """The properties that `offers` define together, and the names that all of them require."""
    schemas = {offer.provider: portable(offer.fields) for offer in offers}
    names = list(dict.fromkeys(name for schema in schemas.values() for name in schema["properties"]))
    properties = {
        name: envelope(
            {
                provider: schema["properties"][name]
                for provider, schema in schemas.items()
                if name in schema["properties"]
            },
            everywhere=len(schemas),
        )
        for name in names
    }
    required = [name for name in names if all(name in s.get("required", []) for s in schemas.values())]
    return properties, required


def envelope(by_provider: Mapping[str, Schema], everywhere: int) -> Schema:
    """One property that admits whatever any provider admits, and says what each one takes."""
    fields = list(by_provider.values())
    merged = dict(fields[0])
    for bound, widest in (("minimum", min), ("maximum", max), ("minLength", min), ("maxLength", max)):
        values = [field[bound] for field in fields if bound in field]
        if len(values) == len(fields):
            merged[bound] = widest(values)
        else:
            merged.pop(bound, None)
    if any("enum" in field for field in fields):
        merged["enum"] = list(dict.fromkeys(choice for field in fields for choice in field.get("enum", [])))
    if any(field.get("default") != merged.get("default") for field in fields):
        merged.pop("default", None)
    said = {_with_default(field) for field in fields}
    if len(said) == 1 and len(fields) == everywhere:
        words = said.pop()
    else:
        words = "; ".join(f"{provider}: {_with_default(field)}" for provider, field in by_provider.items())
    about = str(merged.get("description", "")).rstrip(".")
    merged["description"] = f"{about}: {words}." if words and "enum" not in merged else f"{about}."
    return merged


def argument(field: Schema) -> tuple[Any, Any]:
    """The type and the pydantic field that check an argument as `field` publishes it."""
    if choices := field.get("enum"):
        return Literal[tuple(choices)], Field()
    kinds: dict[str, Any] = {"string": str, "number": float, "integer": int, "boolean": bool}
    return kinds[field["type"]], Field(
        ge=field.get("minimum"),
        le=field.get("maximum"),
        min_length=field.get("minLength"),
        max_length=field.get("maxLength"),
    )
