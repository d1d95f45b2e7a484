"""Sound by its content: measured, checked and joined, in a child process that holds the codecs."""

from soundstage.sound.asking import Measured, check_whole, has_codecs, joined, measured

__all__ = ["Measured", "check_whole", "has_codecs", "joined", "measured"]
