"""A voice like the one in a sample: what can be heard of the speaker, and what the engine makes of it."""
