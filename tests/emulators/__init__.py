"""Real HTTP servers on loopback that behave like the providers, keep a ledger of it, and break on demand."""
