"""Validation against an OpenAPI 3.1 document, in the words of the framework that Hedra runs on."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, cast

from jsonschema import Draft202012Validator, FormatChecker, ValidationError

WORDS = {
    "string": ("string", "string_type"),
    "number": ("number", "float_type"),
    "integer": ("integer", "int_type"),
    "boolean": ("boolean", "bool_type"),
    "array": ("list", "list_type"),
    "object": ("dictionary", "dict_type"),
}


@dataclass(frozen=True)
class Fault:
    loc: tuple[str | int, ...]
    msg: str
    type: str


class Document:
    """An OpenAPI document: its schemas by name."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @cached_property
    def content(self) -> dict[str, Any]:
        return json.loads(self._path.read_text(encoding="utf-8"))

    def methods(self, path: str) -> list[str]:
        """The methods that the document has for a path."""
        for template, operations in self.content["paths"].items():
            if re.fullmatch(re.sub(r"{\w+}", "[^/]+", template), path):
                return [method.upper() for method in operations]
        return []

    def faults(self, schema: str, instance: object, *loc: str) -> list[Fault]:
        """What is wrong with `instance` as one of the named schemas; `loc` is put before its place."""
        return self.faults_of({"$ref": f"#/components/schemas/{schema}"}, instance, *loc)

    def faults_of(self, schema: Mapping[str, Any], instance: object, *loc: str) -> list[Fault]:
        """The same for a schema that has no name. Each fault is told once."""
        root = {**schema, "components": self.content["components"]}
        validator = Draft202012Validator(root, format_checker=FormatChecker())
        errors: Iterator[ValidationError] = cast("Any", validator).iter_errors(instance)
        found = (fault for error in errors for fault in _faults(error, loc))
        return sorted(set(found), key=lambda fault: [str(step) for step in fault.loc])


def _faults(error: ValidationError, loc: tuple[str | int, ...]) -> Iterator[Fault]:
    place = (*loc, *error.absolute_path)
    value: Any = error.validator_value
    match error.validator:
        case "oneOf" | "anyOf" if error.context:
            nearest = max(error.context, key=lambda inner: len(inner.absolute_path) + (inner.validator != "type"))
            deepest = [inner for inner in error.context if inner.schema_path[0] == nearest.schema_path[0]]
            for inner in deepest:
                yield from _faults(inner, loc)
        case "required":
            missing = [name for name in value if name not in _object(error.instance)]
            yield from (Fault((*place, name), "Field required", "missing") for name in missing)
        case "additionalProperties":
            known: Mapping[str, Any] = _object(error.schema)["properties"]
            extra = [name for name in _object(error.instance) if name not in known]
            yield from (
                Fault((*place, name), "Extra inputs are not permitted", "extra_forbidden") for name in extra
            )
        case "type":
            word, kind = WORDS[value if isinstance(value, str) else value[0]]
            yield Fault(place, f"Input should be a valid {word}", kind)
        case "minimum":
            yield Fault(place, f"Input should be greater than or equal to {value}", "greater_than_equal")
        case "maximum":
            yield Fault(place, f"Input should be less than or equal to {value}", "less_than_equal")
        case "const":
            yield Fault(place, f"Input should be '{value}'", "literal_error")
        case "enum":
            yield Fault(place, "Input should be " + _choices(value), "enum")
        case "format":
            yield Fault(
                place, f"Input should be a valid {str(value).upper()}", f"{value}_parsing".replace("-", "")
            )
        case "minLength":
            yield Fault(place, f"String should have at least {value} character", "string_too_short")
        case validator:
            yield Fault(
                place,
                f"Input does not fit {validator} {value}",
                re.sub(r"(?<=[a-z])[A-Z]", r"_\g<0>", str(validator)).lower(),
            )


def _choices(values: Sequence[object]) -> str:
    quoted = [f"'{value}'" for value in values]
    return ", ".join(quoted[:-1]) + " or " + quoted[-1] if len(quoted) > 1 else quoted[0]


def _object(value: Any) -> Mapping[str, Any]:
    return value
