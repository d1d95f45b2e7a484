"""What each provider takes, as tables in Markdown, from the profiles alone."""

from collections.abc import Sequence
from typing import Any, cast

from soundstage.providers.profile import Profile
from soundstage_tools.schemas import portable, range_words

_NONE = "–"


def provider_tables(profiles: Sequence[Profile]) -> str:
    """For each tool a table: a row for each field, a column for each provider that serves it, set up or not."""
    tools = dict.fromkeys(tool for profile in profiles for tool in profile.offers)
    return "\n\n".join(_table(tool, [one for one in profiles if tool in one.offers]) for tool in tools)


def _table(tool: str, serving: Sequence[Profile]) -> str:
    fields = {one.name: cast("dict[str, Any]", portable(one.offers[tool])["properties"]) for one in serving}
    names = dict.fromkeys(name for properties in fields.values() for name in properties)
    rows = [[f"`{tool}`", *fields], ["---"] * (len(fields) + 1)]
    if any(one.models for one in serving) and tool == "create_avatar_video":
        rows.append(["`model`", *("<br>".join(_models(one)) for one in serving)])
    for name in names:
        cells = (_cell(properties[name]) if name in properties else _NONE for properties in fields.values())
        rows.append([f"`{name}`", *cells])
    if len(rows) == 2:
        rows.append(["", *("yes" for _ in serving)])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _models(profile: Profile) -> list[str]:
    return [
        f"`{profile.name}:{model.name}`" + (f" {model.longest_seconds:g} s" if model.longest_seconds else "")
        for model in profile.models
    ]


def _cell(field: dict[str, Any]) -> str:
    words, default = range_words(field), field.get("default")
    if default not in (None, ""):
        shown = f"{default:g}" if isinstance(default, float) else str(default)
        shown = shown.lower() if isinstance(default, bool) else shown
        words = f"{words}, default {shown}" if words else f"default {shown}"
    return words or ("true or false" if field["type"] == "boolean" else "any")
