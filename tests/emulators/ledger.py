"""What was received, created and paid: one JSON object a line, on disk before the answer leaves."""

import asyncio
import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

Entry = dict[str, Any]


class Ledger:
    """Append-only. Entries are numbered from 1 in the order in which they were written."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8")
        self._entries: list[Entry] = []
        self._grown = asyncio.Event()

    def write(self, entry: Mapping[str, Any]) -> Entry:
        numbered: Entry = {"n": len(self._entries) + 1, **entry}
        self._file.write(json.dumps(numbered, sort_keys=True) + "\n")
        self._file.flush()
        self._entries.append(numbered)
        self._grown.set()
        self._grown = asyncio.Event()
        return numbered

    def entries(self, match: str = "*", after: int = 0) -> list[Entry]:
        """Those numbered above `after` whose "METHOD /path" fits the glob `match`."""
        return [
            entry for entry in self._entries[after:] if fnmatchcase(f"{entry['method']} {entry['path']}", match)
        ]

    async def wait(self, match: str, count: int, after: int, seconds: float) -> list[Entry]:
        """The same, once there are `count` of them or `seconds` of real time have passed."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while len(self.entries(match, after)) < count:
                    await self._grown.wait()
        return self.entries(match, after)

    def close(self) -> None:
        self._file.close()


def fingerprint(secret: str | None) -> str | None:
    """Names a key without telling it."""
    return None if secret is None else "sha256:" + hashlib.sha256(secret.encode()).hexdigest()[:12]


def read_ledger(path: Path) -> list[Entry]:
    """The entries of a ledger file, also while its emulator runs or after it was killed."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
