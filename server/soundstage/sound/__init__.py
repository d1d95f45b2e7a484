"""Sound by its content: measured, checked and joined, in a child process that holds the codecs."""

from soundstage.sound.asking import Measured, has_codecs, joined, measured, measured_video

__all__ = ["Measured", "has_codecs", "joined", "measured", "measured_video"]
