"""The schemas that are published: flat, in the few words of JSON Schema that every client can read.

No reference, union, `const`, title or `additionalProperties` is left. A field that several providers offer is
published with the envelope of their ranges, and the description states each provider's own.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, NamedTuple, cast

from pydantic import BaseModel, Field

from soundstage_tools.studio import Offer

Schema = dict[str, Any]

_KINDS: dict[str, Any] = {"string": str, "number": float, "integer": int, "boolean": bool}
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
    if items := field.get("items"):
        least, most = field.get("minItems", 0), field["maxItems"]
        many = f"{most}" if least == most else f"{least} to {most}" if least else f"up to {most}"
        return f"{many} {'texts' if items.get('type') == 'string' else 'numbers'}, each {range_words(items)}"
    longest = field.get("maxLength")
    if longest is not None and field.get("minLength"):
        return f"{field['minLength']:,} to {longest:,} characters"
    return f"up to {longest:,} characters" if longest is not None else ""


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
    merged.pop("enum", None)
    if all("enum" in field for field in fields):
        merged["enum"] = list(dict.fromkeys(choice for field in fields for choice in field["enum"]))
    if any(field.get("default") != merged.get("default") for field in fields):
        merged.pop("default", None)
    about = str(merged.get("description", "")).rstrip(".")
    told = {provider: _told(field, about, merged.get("enum")) for provider, field in by_provider.items()}
    words = _together(told, everywhere, is_choice="enum" in merged)
    merged["description"] = f"{about}: {words}." if words else f"{about}."
    return merged


class _Told(NamedTuple):
    """The range of a field, and what the field is where that is not what others say of it."""

    range: str
    other: str

    def words(self, said: str = "") -> str:
        """Both, without the range where that is `said` already."""
        return ", ".join(
            part for part in ("" if self.range == said and self.other else self.range, self.other) if part
        )


def _told(field: Schema, about: str, choices: list[str] | None) -> _Told:
    """A range is told where it has two ends, and is not all of the `choices` that are published."""
    open_ended = "maxLength" in field and not field.get("minLength")
    every = choices is not None and set(field["enum"]) == set(choices)
    own, common = str(field.get("description", "")).rstrip(".").split(), about.split()
    new = next((n for n, (one, other) in enumerate(zip(own, common, strict=False)) if one != other), len(common))
    other = " ".join(own[new:])
    return _Told(
        "" if open_ended or every else range_words(field), other if new else other[:1].lower() + other[1:]
    )


def _together(told: Mapping[str, _Told], everywhere: int, *, is_choice: bool) -> str:
    """What is told of a field by each provider, said once where it is the same for several."""
    groups: dict[_Told, list[str]] = {}
    for provider, one in told.items():
        groups.setdefault(one, []).append(provider)
    if len(groups) == 1:
        only = "" if len(told) == everywhere else f"{' and '.join(told)} only"
        words = "" if is_choice else next(iter(groups)).words()
        return ", ".join(part for part in (only, words) if part)
    usual = max(groups, key=lambda one: len(groups[one]))
    for_all = len(told) == everywhere and len(groups[usual]) > 1
    anything = "any" if any(one.range for one in groups) else ""
    named = [
        f"{' and '.join(providers)} {one.words(usual.range if for_all else '') or anything}".rstrip()
        for one, providers in groups.items()
        if not (for_all and one == usual)
    ]
    return "; ".join([usual.words(), *named] if for_all else named)


def argument(field: Schema) -> tuple[Any, Any]:
    """The type and the pydantic field that check an argument as `field` publishes it."""
    if choices := field.get("enum"):
        return Literal[tuple(choices)], Field()
    if field["type"] == "array":
        kind, limits = argument(field["items"])
        return list[Annotated[kind, limits]], Field(
            min_length=field.get("minItems"), max_length=field.get("maxItems")
        )
    return _KINDS[field["type"]], Field(
        ge=field.get("minimum"),
        le=field.get("maximum"),
        min_length=field.get("minLength"),
        max_length=field.get("maxLength"),
    )
