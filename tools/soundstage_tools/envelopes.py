"""The arguments that several providers define together, each published once and in few words.

A bound is published where every provider takes the argument and all agree. Elsewhere the description tells the
envelope, and a provider's own range where its unit differs as well; `list_voices` and the refusal of a value tell
each range exactly.
"""

from collections.abc import Mapping, Sequence
from itertools import takewhile

from soundstage_tools.schemas import Schema, portable, range_words
from soundstage_tools.studio import Offer

MANY_CHOICES = 8
"""More choices than this are left to `list_voices` where only some of the providers have them."""

_WIDENED = {"minimum": min, "maximum": max, "minLength": min, "maxLength": max}
_BOUNDS = {*_WIDENED, "minItems", "maxItems"}


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


def neutral(offers: list[Offer]) -> Mapping[str, Sequence[object]]:
    """By argument, the values that say no more than leaving it out does.

    Some clients send every argument there is. One at its default, that the chosen provider does not have, must not
    be refused. Where the default is not known, false is what such a client sends.
    """
    values: dict[str, list[object]] = {}
    required: set[str] = set()
    for offer in offers:
        for name, field in offer.fields.model_fields.items():
            values.setdefault(name, []).append(field.get_default(call_default_factory=True, validated_data={}))
            required |= {name} if field.is_required() else set()
    return {
        name: []
        if name in required or len({repr(one) for one in defaults}) > 1
        else [False if defaults[0] is None else defaults[0]]
        for name, defaults in values.items()
    }


def envelope(by_provider: Mapping[str, Schema], everywhere: int) -> Schema:
    """One property that admits whatever any provider admits. `everywhere` is how many there are."""
    fields = list(by_provider.values())
    for_all = len(fields) == everywhere
    choices = list(dict.fromkeys(choice for field in fields for choice in field.get("enum", [])))
    chosen = all("enum" in field for field in fields) and (for_all or len(choices) <= MANY_CHOICES)
    agreed = {key: value for key, value in fields[0].items() if all(one.get(key) == value for one in fields)}
    if _open_ended(agreed) or not for_all or not _bounds(fields[0]) <= agreed.keys():
        agreed = {key: value for key, value in agreed.items() if key not in _BOUNDS}
    kind = fields[0]["type"]
    if kind == "array" and not (for_all and "items" in agreed):
        agreed["items"] = {"type": fields[0]["items"]["type"]}
    # Words of a provider's own are of no use to a client that must send each argument; a number or a choice is.
    if kind == "string" and not chosen and not for_all:
        agreed.pop("default", None)
    agreed.pop("enum", None)
    choice = {"enum": choices} if chosen else {}
    return {**agreed, "type": kind, **choice, "description": _description(by_provider, everywhere)}


def _bounds(field: Schema) -> set[str]:
    return {bound for bound in _BOUNDS if bound in field}


def _open_ended(field: Schema) -> bool:
    """A text that may be empty: its limit bounds a slip, and is of no use before one."""
    return "maxLength" in field and not field.get("minLength")


def _description(by_provider: Mapping[str, Schema], everywhere: int) -> str:
    fields = list(by_provider.values())
    about, own = _shared([str(field.get("description", "")).rstrip(".") for field in fields])
    if all("enum" in field for field in fields):
        ranges = _choices(fields, for_all=len(fields) == everywhere)
    elif len(fields) < everywhere and fields[0]["type"] == "string":
        ranges = [""] * len(fields)
    else:
        ranges = _ranges(fields, apart=any(own))
    told = {
        provider: " ".join(filter(None, words)) for provider, *words in zip(by_provider, ranges, own, strict=True)
    }
    words = _together(told, everywhere)
    if words is None:
        return f"{', '.join(by_provider)}: {', '.join(filter(None, [about, *set(told.values())]))}."
    return f"{about}: {words}." if about and words else f"{about or words}."


def _shared(descriptions: Sequence[str]) -> tuple[str, list[str]]:
    """The words that all begin with, and those that each goes on with."""
    split = [description.split() for description in descriptions]
    alike = takewhile(lambda words: len({word.rstrip(",;") for word in words}) == 1, zip(*split, strict=False))
    shared = len(list(alike))
    if not shared:
        return "", [words[:1].lower() + words[1:] for words in descriptions]
    return " ".join(split[0][:shared]).rstrip(",;"), [" ".join(words[shared:]) for words in split]


def _choices(fields: Sequence[Schema], *, for_all: bool) -> list[str]:
    """The choices of each that does not take all there are."""
    every = {choice for field in fields for choice in field["enum"]}
    words = ["" if every == set(field["enum"]) else ", ".join(field["enum"]) for field in fields]
    return words if for_all or not any(words) else [one or "any" for one in words]


def _ranges(fields: Sequence[Schema], *, apart: bool) -> list[str]:
    """The range of each, or of all together where they are not numbers of units that lie `apart`."""
    ranges = ["" if _open_ended(field) or "items" in field else range_words(field) for field in fields]
    if len(set(ranges)) == 1 or (apart and "minimum" in fields[0]):
        return ranges
    widest = {
        bound: widen(field[bound] for field in fields)
        for bound, widen in _WIDENED.items()
        if all(bound in field for field in fields)
    }
    words = "" if _open_ended(widest) else range_words(widest)
    return [f"{words} by provider" if words else ""] * len(fields)


def _together(told: Mapping[str, str], everywhere: int) -> str | None:
    """What is told of each provider, and once what goes for all; None where only some take it, and all alike."""
    groups: dict[str, list[str]] = {}
    for provider, words in told.items():
        groups.setdefault(words, []).append(provider)
    for_all = len(told) == everywhere
    if len(groups) == 1:
        return next(iter(groups)) if for_all else None
    usual = next((words for words in groups if for_all and all(one.startswith(words) for one in groups)), None)
    named = [
        f"{', '.join(providers)} {words.removeprefix(usual or '').strip()}".rstrip()
        for words, providers in groups.items()
        if words != usual
    ]
    return "; ".join(filter(None, [usual, *named]))
