"""What must be left of a tool's schema after a client has made its own of it."""

from typing import Any

Schema = dict[str, Any]


def assert_whole(ours: Schema, theirs: Schema, where: str) -> None:
    """Names, types, choices, what is required and descriptions survive; bounds and defaults need not."""
    assert theirs["type"].lower() == "object", where
    assert (theirs.get("properties") or {}).keys() == ours["properties"].keys(), where
    assert set(theirs.get("required") or []) >= set(ours.get("required", [])), where
    for name, field in ours["properties"].items():
        converted = theirs["properties"][name]
        # Anthropic leaves the type of a choice to its values.
        assert "enum" in field or converted["type"].lower() == field["type"], (where, name)
        assert converted.get("enum") == field.get("enum"), (where, name)
        assert field.get("description", "") in (converted.get("description") or ""), (where, name)
        if field["type"] == "array":
            assert converted["items"]["type"].lower() == field["items"]["type"], (where, name)
