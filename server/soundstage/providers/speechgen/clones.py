"""A clone between two looks at it."""

from dataclasses import dataclass

import anyio

from soundstage.providers.port import Standing

_NEARLY_DONE = 0.95


@dataclass(slots=True)
class Clone:
    """What is known of a clone that goes on: how long it is to take, and how it stood when last asked for."""

    began: float
    seconds: float | None = None
    looked: float | None = None
    word: str = ""

    def standing(self) -> Standing:
        """Where it is by now."""
        if self.seconds is None:
            return Standing("running", provider_status=self.word)
        gone = anyio.current_time() - self.began
        return Standing(
            "running",
            progress=min(_NEARLY_DONE, gone / self.seconds),
            eta_seconds=max(0.0, self.seconds - gone),
            provider_status=self.word,
        )
