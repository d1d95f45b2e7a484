"""How far a generation is: a bar on a terminal, now and then a plain line in a pipe."""

import shutil
from types import TracebackType
from typing import Self, TextIO

LINE_EVERY = 0.1


class ProgressBar:
    """Draws on `stream` what it is told; on a terminal it leaves nothing behind."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._draws = stream.isatty()
        self._said = -LINE_EVERY

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._draws:
            self._stream.write("\r\x1b[K")
            self._stream.flush()

    async def show(self, progress: float, total: float | None, message: str | None) -> None:
        """Show `progress` out of `total`, with a word on what is going on."""
        share = min(progress / (total or 1.0), 1.0)
        if self._draws:
            room = max(10, min(40, shutil.get_terminal_size().columns - 45))
            full = round(share * room)
            bar = "█" * full + "░" * (room - full)
            self._stream.write(f"\r\x1b[K{bar} {share:4.0%}  {message or ''}")
        elif share - self._said >= LINE_EVERY:
            self._said = share
            self._stream.write(f"{share:.0%}  {message or ''}\n")
        self._stream.flush()
