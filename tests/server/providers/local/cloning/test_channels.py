"""Samples of several channels: a speaker in each is refused, one who is heard in all of them is not."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from clones import Home, clone, write_channels
from soundstage.providers.local.cloning.channels import check_channels
from soundstage.providers.local.cloning.encoder import SpeakerEncoder

Sound = NDArray[np.float32]
RATE = 24_000


def turns(spoken: Sound, other: Sound) -> Sound:
    """Each in a channel of its own, silent while the other speaks."""
    mine = np.arange(spoken.size) // (3 * RATE) % 2 == 0
    return np.stack([spoken * mine, other * ~mine]).astype(np.float32)


def at_once(spoken: Sound, other: Sound) -> Sound:
    return np.stack([spoken, other])


def near(spoken: Sound, other: Sound) -> Sound:
    """Each before a microphone that hears the other at a tenth."""
    return np.stack([spoken + other / 10, other + spoken / 10]).astype(np.float32)


@pytest.mark.parametrize("make", [turns, at_once, near])
async def test_two_who_speak_in_a_channel_each_are_refused(
    tmp_path: Path, spoken: Sound, other: Sound, make: Callable[[Sound, Sound], Sound]
) -> None:
    home = Home(tmp_path)
    length = min(spoken.size, other.size)
    write_channels(home.workspace / "call.wav", make(spoken[:length], other[:length]).T)
    async with home.served() as client:
        ended = await clone(client, "call.wav")
    assert (ended["status"], ended["error"]["code"]) == ("failed", "sample_several_speakers")
    assert "channels" in ended["error"]["message"]
    assert "as mono" in ended["error"]["next_step"]
    assert home.names() == []


def in_both(spoken: Sound) -> Sound:
    return np.stack([spoken, spoken])


def in_one(spoken: Sound) -> Sound:
    return np.stack([spoken, np.zeros_like(spoken)])


def from_afar(spoken: Sound) -> Sound:
    """As a second microphone hears it, further away."""
    far = -0.6 * np.convolve(spoken, np.ones(5) / 5, "same")
    return np.stack([spoken, far.astype(np.float32)])


def beside_noise(spoken: Sound) -> Sound:
    noise = np.random.default_rng(1).normal(0, 0.05, spoken.size)
    return np.stack([spoken, noise.astype(np.float32)])


def wandering(spoken: Sound) -> Sound:
    place = (0.5 + 0.5 * np.sin(np.arange(spoken.size) / RATE)).astype(np.float32)
    return np.stack([spoken * place, spoken * (1 - place)])


@pytest.mark.parametrize("make", [in_both, in_one, from_afar, beside_noise, wandering])
def test_one_who_is_heard_in_both_channels_is_one(
    encoder: SpeakerEncoder, spoken: Sound, other: Sound, make: Callable[[Sound], Sound]
) -> None:
    for speech in (spoken, other):
        check_channels(make(speech), encoder)
