"""What HeyGen was asked for, part by part, and answered, kept in the folder of the job until that is released."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread

from soundstage.files import Unwritable, spooled, unreadable
from soundstage.providers.heygen.answers import Spoken, Word
from soundstage.providers.heygen.profile import TITLE
from soundstage_tools.errors import OutcomeUnknown, Unavailable

_ORDER = "order.json"


class Desk:
    """The folder of a job: the orders of its parts, and the answers that are there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def order(self, orders: Sequence[Mapping[str, Any]]) -> None:
        """Note what is to be asked for, part by part: another process goes on with that, to the letter.

        Raises:
            Unavailable: nothing can be written.
        """
        await self._write(_ORDER, {"parts": len(orders), "orders": orders})

    async def orders(self) -> Sequence[dict[str, Any]]:
        """What is to be asked for, part by part; empty where nothing was ordered.

        Raises:
            Unavailable: it cannot be read now.
        """
        order: dict[str, Any] = await anyio.to_thread.run_sync(self._read, _ORDER) or {}
        return order.get("orders", [])

    @property
    def parts(self) -> int:
        """How many parts were ordered."""
        order: dict[str, Any] = self._read(_ORDER) or {}
        return order.get("parts", 0)

    async def keep(self, number: int, parts: int, answer: Spoken) -> None:
        """Note what was answered for one of so many parts.

        Raises:
            OutcomeUnknown: it cannot be noted. The same order is answered from HeyGen's cache.
        """
        try:
            await self._write(_answer(number, parts), asdict(answer))
        except (Unwritable, Unavailable):
            raise OutcomeUnknown(
                code="outcome_unknown",
                message=f"{TITLE} answered, but the disk took no more of its answer.",
                next_step="Free space in the home of Soundstage.",
            ) from None

    async def answers(self) -> list[Spoken | None]:
        """The answers by part, None where there is none yet; empty where nothing was ordered.

        Raises:
            Unavailable: they cannot be read now.
        """

        def read() -> list[Spoken | None]:
            parts = self.parts
            found = [self._read(_answer(number, parts)) for number in range(parts)]
            return [_restored(one) if one else None for one in found]

        return await anyio.to_thread.run_sync(read)

    async def drop(self, number: int, parts: int) -> None:
        """Forget what was answered for one of so many parts, so that it is asked for again."""
        await anyio.Path(self._folder / _answer(number, parts)).unlink(missing_ok=True)

    async def _write(self, name: str, content: object) -> None:
        async with spooled(self._folder / name) as file:
            file.write(json.dumps(content).encode())
            await anyio.to_thread.run_sync(file.keep)

    def _read(self, name: str) -> Any:
        try:
            return json.loads((self._folder / name).read_text(encoding="utf-8"))
        except (FileNotFoundError, NotADirectoryError, ValueError):
            return None
        except OSError:
            raise unreadable() from None


def _answer(number: int, parts: int) -> str:
    return f"answer-{number}-of-{parts}.json"


def _restored(content: Mapping[str, Any]) -> Spoken:
    return Spoken(content["audio_url"], content["duration"], [Word(**word) for word in content["words"]])
