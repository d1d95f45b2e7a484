"""Media: what comes in, guarded and inspected, and what goes out."""
