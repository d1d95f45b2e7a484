"""The store's tables, as the list of steps that lead from an empty file to the present form."""

from collections.abc import Sequence

MIGRATIONS: Sequence[str] = (
    """
    CREATE TABLE generations (
        generation_id    TEXT PRIMARY KEY,
        kind             TEXT NOT NULL,
        provider         TEXT NOT NULL,
        state            TEXT NOT NULL,
        request          TEXT NOT NULL,
        request_hash     TEXT NOT NULL,
        idempotency_key  TEXT UNIQUE,
        awaits           TEXT NOT NULL DEFAULT '',
        job_id           TEXT NOT NULL DEFAULT '',
        provider_status  TEXT NOT NULL DEFAULT '',
        progress         REAL NOT NULL DEFAULT 0,
        eta_seconds      REAL,
        cancel_requested INTEGER NOT NULL DEFAULT 0,
        error            TEXT,
        warnings         TEXT NOT NULL DEFAULT '[]',
        created_at       REAL NOT NULL,
        updated_at       REAL NOT NULL,
        lease_owner      TEXT NOT NULL DEFAULT '',
        lease_until      REAL NOT NULL DEFAULT 0
    ) STRICT;
    CREATE INDEX generations_unfinished ON generations (state, lease_until);
    CREATE INDEX generations_equal ON generations (request_hash, created_at);
    CREATE TABLE assets (
        asset_id         TEXT PRIMARY KEY,
        generation_id    TEXT NOT NULL REFERENCES generations (generation_id),
        role             TEXT NOT NULL,
        file_name        TEXT NOT NULL,
        mime_type        TEXT NOT NULL,
        bytes            INTEGER NOT NULL,
        duration_seconds REAL
    ) STRICT;
    CREATE INDEX assets_of_generation ON assets (generation_id);
    """,
    """
    ALTER TABLE generations ADD COLUMN voice_id TEXT NOT NULL DEFAULT '';
    ALTER TABLE generations ADD COLUMN repeats INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE generations ADD COLUMN submitted_at REAL NOT NULL DEFAULT 0;
    ALTER TABLE generations ADD COLUMN made_for TEXT NOT NULL DEFAULT '';
    ALTER TABLE generations ADD COLUMN joins INTEGER NOT NULL DEFAULT 0;
    CREATE INDEX generations_awaiting ON generations (awaits) WHERE awaits != '';
    CREATE INDEX generations_of_job ON generations (provider, job_id) WHERE job_id != '';
    CREATE INDEX generations_of_voice ON generations (voice_id) WHERE voice_id != '';
    """,
    """
    ALTER TABLE generations ADD COLUMN account TEXT NOT NULL DEFAULT '';
    ALTER TABLE generations ADD COLUMN charged TEXT NOT NULL DEFAULT 'no';
    UPDATE generations SET charged = 'unknown' WHERE provider != 'local'
        AND (job_id != '' OR state IN ('submitting', 'uncertain', 'needs_attention'));
    ALTER TABLE generations ADD COLUMN trace TEXT NOT NULL DEFAULT '{}';
    ALTER TABLE generations ADD COLUMN waiting_since REAL NOT NULL DEFAULT 0;
    CREATE TABLE accounts (
        provider         TEXT NOT NULL,
        account          TEXT NOT NULL,
        blocked_until    REAL NOT NULL,
        PRIMARY KEY (provider, account)
    ) STRICT;
    """,
    """
    ALTER TABLE generations ADD COLUMN credits REAL;
    CREATE INDEX generations_of_day ON generations (provider, created_at);
    """,
    "CREATE INDEX generations_newest ON generations (created_at, generation_id)",
    "ALTER TABLE generations ADD COLUMN likeness TEXT",
    """
    ALTER TABLE generations ADD COLUMN answer_id TEXT NOT NULL DEFAULT '';
    CREATE UNIQUE INDEX generations_of_answer ON generations (answer_id) WHERE answer_id != '';
    """,
    """
    ALTER TABLE generations ADD COLUMN counted_at REAL NOT NULL DEFAULT 0;
    UPDATE generations SET counted_at = created_at;
    DROP INDEX generations_of_day;
    CREATE INDEX generations_of_day ON generations (provider, counted_at);
    """,
    """
    ALTER TABLE generations ADD COLUMN lingers_until REAL;
    CREATE INDEX generations_lingering ON generations (lingers_until) WHERE lingers_until IS NOT NULL;
    """,
    "ALTER TABLE generations ADD COLUMN watched_seconds REAL NOT NULL DEFAULT 0",
)
