"""The embedded engine: speech and talking portraits on the user's own CPU."""
