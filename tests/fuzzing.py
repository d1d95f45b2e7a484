"""Calls by the thousand: arguments that a tool's published schema allows, and those that it does not."""

import math
import random
from collections.abc import Callable, Mapping
from typing import Any

from jsonschema import Draft202012Validator

Schema = Mapping[str, Any]

CANARY = "zq7x"
"""Begins each text that is made up, so that a refusal which repeats one is found."""

_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "string": str,
    "number": (int, float),
    "integer": int,
    "boolean": bool,
    "array": list,
}


class Caller:
    """Makes up the arguments of calls. Equal seeds make equal calls.

    `usual` are values by argument that get a call past the schema and into the work.
    """

    def __init__(self, seed: int, usual: Mapping[str, list[object]]) -> None:
        self._random = random.Random(seed)
        self._usual = usual

    def arguments(self, schema: Schema) -> dict[str, object]:
        """The arguments of one call: sound ones, of which one or two may be spoiled."""
        fields: Mapping[str, Schema] = schema["properties"]
        required: list[str] = schema.get("required", [])
        chosen = [name for name in fields if name in required or self._random.random() < 0.3]
        made = {name: self._sound(name, fields[name]) for name in chosen}
        for _ in range(self._random.choice([0, 0, 1, 1, 1, 2])):
            self._spoil(made, fields)
        return made

    def _sound(self, name: str, field: Schema) -> object:
        if name in self._usual and self._random.random() < 0.7:
            return self._random.choice(self._usual[name])
        if choices := field.get("enum"):
            return self._random.choice(choices)
        return self._made(field)

    def _made(self, field: Schema) -> object:
        match field["type"]:
            case "boolean":
                return self._random.random() < 0.5
            case "string":
                return self._text(field.get("minLength", 0), min(field.get("maxLength", 400), 400))
            case "array":
                most = min(field.get("maxItems", 5), 5)
                return [
                    self._made(field["items"]) for _ in range(self._random.randint(field.get("minItems", 0), most))
                ]
            case kind:
                low, high = field.get("minimum", -1000), field.get("maximum", 1000)
                if kind == "integer":
                    return self._random.choice([low, high, self._random.randint(low, high), float(high)])
                return self._random.choice([low, high, round(self._random.uniform(low, high), 3)])

    def _text(self, least: int, most: int) -> str:
        text = CANARY + "".join(self._random.choices("abc é漢🙂\n\t'\"\\<>{}%:/", k=self._random.randint(0, 40)))
        return text.ljust(least, "x")[:most]

    def _spoil(self, made: dict[str, object], fields: Mapping[str, Schema]) -> None:
        match self._random.random():
            case chance if chance < 0.1 or not fields:
                made[self._random.choice(["colour", "Text", "", "a" * 300, "\x1b[31m", "__class__"])] = CANARY
            case chance if chance < 0.15 and made:
                del made[self._random.choice(list(made))]
            case _:
                name = self._random.choice(list(fields))
                made[name] = self._random.choice(SPOILERS)(fields[name], self._random)


def _past_the_edge(field: Schema, chance: random.Random) -> object:
    step = 1 if field["type"] == "integer" else 0.001
    edges = [field[bound] + way * step for bound, way in (("minimum", -1), ("maximum", 1)) if bound in field]
    return chance.choice(edges or [CANARY])


def _too_long(field: Schema, chance: random.Random) -> object:
    if field["type"] == "array":
        return ["gen_x"] * (field.get("maxItems", 20) + 1)
    return CANARY * (field.get("maxLength", 64) // 4 + 1)


def _number(_: Schema, chance: random.Random) -> object:
    return chance.choice([math.nan, math.inf, -math.inf, 10**400, -(10**30), 1e308, -0.0, 5.0, 5.5, 0, -1, 1])


def _other_type(_: Schema, chance: random.Random) -> object:
    return chance.choice(
        [None, True, False, "5", "true", "", [], {}, [None], {"a": 1}, [[["x"]]], "NaN", b"".hex()]
    )


def _hostile_text(_: Schema, chance: random.Random) -> object:
    bad = chance.choice(["\x00", "\x07", "\x1b[2J", "\x7f", "\x85", "\ud800", "\udfff", "\u202e", "\ufeff"])
    return chance.choice([CANARY + bad, bad, bad + CANARY, "../../etc/passwd", "data:,x", "file:///etc/passwd"])


def _deep(_: Schema, chance: random.Random) -> object:
    nested: object = CANARY
    for _level in range(chance.choice([3, 100, 150])):
        nested = [nested] if chance.random() < 0.5 else {"a": nested}
    return nested


def _long_text(_: Schema, chance: random.Random) -> object:
    return CANARY * chance.choice([64, 5_000, 5_000, 5_000, 250_000])


SPOILERS: tuple[Callable[[Schema, random.Random], object], ...] = (
    _past_the_edge,
    _past_the_edge,
    _too_long,
    _number,
    _number,
    _other_type,
    _other_type,
    _other_type,
    _hostile_text,
    _hostile_text,
    _deep,
    _long_text,
)


def allowed(schema: Schema, arguments: Mapping[str, object]) -> bool:
    """Whether the published schema allows these arguments, by a validator that is not ours.

    Names that it does not have, and numbers that are none in JSON, it never means to allow.
    """
    if not all(_is_json(value) for value in arguments.values()):
        return False
    judge: Any = Draft202012Validator({**schema, "additionalProperties": False})
    return judge.is_valid(arguments)


def _is_json(value: object) -> bool:
    return not isinstance(value, float) or math.isfinite(value)
