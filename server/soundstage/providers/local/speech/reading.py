"""What a reader makes of the words of a sentence."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReadWord:
    """The symbols of a written word, punctuation included; empty where it is not spoken.

    `guessed`: no dictionary has it, so that its spelling alone decided how it is said, as if it were of the
    reader's language.
    """

    symbols: str
    guessed: bool = False


Reader = Callable[[Sequence[str]], list[ReadWord]]
"""Takes the words of a sentence, punctuation attached, and gives what is read of each."""
