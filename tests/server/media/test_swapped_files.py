"""Local files that turn into something else while they are read are refused, whatever the timing."""

import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from arranging import Place, link, refusal, write
from soundstage_tools.errors import BadRequest


def flip(good: Path, secret: Path, place: Path, times: int) -> None:
    """Put what is at `good`, and a link to `secret`, at `place` by turns."""
    for turn in range(times):
        if turn % 2:
            place.rename(good)
            place.symlink_to(secret)
        else:
            place.unlink()
            good.rename(place)


@pytest.mark.parametrize(
    ("by_folder", "by_name"),
    [(False, False), (True, False), (False, True)],
    ids=["file", "folder", "file, where folders cannot be opened"],
)
async def test_a_file_that_turns_into_a_link_meanwhile_never_gives_what_the_link_leads_to(
    by_folder: bool, by_name: bool, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    if by_name:
        monkeypatch.setattr(os, "supports_dir_fd", set[object]())
    good = write(place.root / "good" / "face.png", place.innocent)
    secret, source = place.outside / "face.png", "swapped"
    if by_folder:
        good, secret, source = good.parent, place.outside, "swapped/face.png"
    link(place, "swapped", secret)
    flipper = threading.Thread(target=flip, args=(good, secret, place.root / "swapped", 4000))
    flipper.start()
    outcomes = {"taken": 0, "refused": 0}
    while flipper.is_alive():
        try:
            taken = await place.intake.take(source, "image")
        except BadRequest:
            outcomes["refused"] += 1
        else:
            outcomes["taken"] += 1
            assert taken.path.read_bytes() == place.innocent
    flipper.join()
    assert outcomes["refused"]
    assert place.canary not in place.kept()


class Opening:
    """Does something once, in the very moment between the look at a name and its opening."""

    def __init__(self) -> None:
        self.name = ""
        self.act: Callable[[], object] = list

    def __call__(self, event: str, arguments: tuple[object, ...]) -> None:
        if self.name and event == "open" and arguments[0] == self.name:
            self.name = ""
            self.act()


@pytest.fixture(scope="session")
def opening() -> Opening:
    # An audit hook stays for the life of the process, so there is one.
    hook = Opening()
    sys.addaudithook(hook)
    return hook


@pytest.mark.parametrize(
    ("turns", "into", "code"),
    [
        ("face.png", "secret", "path_not_found"),
        ("folder", "secret", "path_not_found"),
        ("face.png", "folder", "path_not_a_file"),
        ("face.png", "pipe", "path_not_a_file"),
        ("face.png", "nothing", "path_not_found"),
    ],
)
async def test_what_turns_into_something_else_at_the_last_moment_is_refused(
    turns: str, into: str, code: str, place: Place, opening: Opening
) -> None:
    folder = write(place.root / "folder" / "face.png", place.innocent).parent
    target = folder if turns == "folder" else folder / turns

    def turn() -> None:
        target.rename(place.root / "good")
        if into == "secret":
            target.symlink_to(place.outside if turns == "folder" else place.outside / turns)
        elif into == "folder":
            target.mkdir()
        elif into == "pipe":
            os.mkfifo(target)

    opening.act, opening.name = turn, turns
    # Whoever waits for the pipe to be written to is let go, so that the test ends.
    waited = threading.Timer(10, lambda: os.close(os.open(target, os.O_RDWR | os.O_NONBLOCK)))
    waited.start()
    refused = await refusal(place.intake, "folder/face.png")
    assert waited.is_alive()
    waited.cancel()
    waited.join()
    assert refused.code == code
    assert not opening.name
    assert not place.kept()
