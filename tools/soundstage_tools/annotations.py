"""What a host may assume of a tool before it lets an agent call it."""

from mcp.types import ToolAnnotations

READS = ToolAnnotations(read_only_hint=True, destructive_hint=False, open_world_hint=True)
"""Changes nothing, so that a repeat needs no word. What it tells comes from the providers, or may."""
RECALLS = ToolAnnotations(read_only_hint=True, destructive_hint=False, open_world_hint=False)
"""Reads what this machine keeps, and asks nobody."""
CREATES = ToolAnnotations(read_only_hint=False, destructive_hint=False, idempotent_hint=True, open_world_hint=True)
"""Makes something that may cost money.

A host may repeat of its own accord what is called idempotent, where an answer was lost. Such a repeat joins the
first call: by its idempotency key, without which `force_new` is refused, or as an equal call soon after.
"""
STOPS = ToolAnnotations(read_only_hint=False, destructive_hint=True, idempotent_hint=True, open_world_hint=True)
"""Ends or removes something for good. Done twice it is as done once."""
