"""The store in one SQLite file: implements `soundstage.generations.store`, and nothing else imports it."""
