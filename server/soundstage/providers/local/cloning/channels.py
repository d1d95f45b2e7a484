"""Whether the channels of a sample hold the same speaker."""

from itertools import combinations

import numpy as np

from soundstage.providers.local.cloning.encoder import SpeakerEncoder
from soundstage.providers.local.cloning.pitch import pitch_of
from soundstage.providers.local.cloning.sample import RATE, Samples
from soundstage.providers.local.cloning.speech_parts import levels, only, speech_frames
from soundstage.providers.local.jobs import EngineError

_ONE_SPEAKER = 0.76
_LEAST_SPEECH_SECONDS = 3.0
_BLEEDING_DB = 6.0
"""What is so much quieter than in another channel at that moment is not that channel's own."""
_SAME = 0.01


def check_channels(channels: Samples, encoder: SpeakerEncoder) -> None:
    """Refuse a sample at 24 kHz, a row for each channel, of which two channels hold speakers that are not alike.

    Raises `EngineError` `sample_several_speakers`.
    """
    if float(np.abs(channels - channels[0]).max()) <= _SAME * float(np.abs(channels).max()):
        return
    level = np.stack([levels(channel) for channel in channels])
    own = level > level.max(axis=0) - _BLEEDING_DB
    spoken: list[Samples] = []
    for channel, mine in zip(channels, own, strict=True):
        frames = speech_frames(channel, pitch_of(channel, RATE))
        spoken.append(only(channel, frames & mine[: len(frames)]))
    voices = [encoder.embedding(part, RATE) for part in spoken if len(part) >= _LEAST_SPEECH_SECONDS * RATE]
    if any(float(one @ other) < _ONE_SPEAKER for one, other in combinations(voices, 2)):
        raise EngineError(
            "sample_several_speakers",
            "The channels of the sample hold different speakers, as the recording of a call or an interview does.",
            "Export the channel of the one whose voice is meant as mono, and send that.",
        )
