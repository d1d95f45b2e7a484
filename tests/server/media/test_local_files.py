"""Which local files come in, and that the others are refused, whatever the spelling."""

import os
import shutil
import socket
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

from arranging import Place, link, refusal, write
from soundstage.media.intake import Intake

Arrange = Callable[[Place], str]
"""Puts what a case needs in place, and gives the source."""


def arranged(case: Arrange | str, place: Place) -> str:
    return case if isinstance(case, str) else case(place)


def fifo(place: Place) -> str:
    os.mkfifo(place.root / "pipe.png")
    return "pipe.png"


def unix_socket(place: Place) -> str:
    with socket.socket(socket.AF_UNIX) as server, pytest.MonkeyPatch.context() as patch:
        patch.chdir(place.root)
        server.bind("s.png")
    return "s.png"


def sparse(place: Place) -> str:
    with (place.root / "huge.png").open("wb") as file:
        file.write(place.innocent)
        file.truncate(50 * 2**30)
    return "huge.png"


def link_chain(place: Place) -> str:
    link(place, "c", place.outside / "face.png")
    link(place, "b", "c")
    return link(place, "a.png", "b")


def link_in(place: Place) -> str:
    (place.outside / "in.png").symlink_to(place.root / "face.png")
    return str(place.outside / "in.png")


def link_loop(place: Place) -> str:
    link(place, "one.png", "two.png")
    return link(place, "two.png", "one.png")


def hidden_by_link(place: Place) -> str:
    write(place.root / ".ssh" / "id.png", place.canary)
    return link(place, "plain.png", ".ssh/id.png")


def hidden(name: str) -> Arrange:
    return lambda place: str(write(place.root / name, place.canary).relative_to(place.root))


OUTSIDE: dict[str, Arrange | str] = {
    "dot dot": "../outside/face.png",
    "dot dot after a folder": "nowhere/../../outside/face.png",
    "many dot dots": lambda place: "../" * 40 + str(place.outside / "face.png").lstrip("/"),
    "dot dot in the middle": lambda place: str(place.root / ".." / "outside" / "face.png"),
    "absolute": lambda place: str(place.outside / "face.png"),
    "absolute with doubled slashes": lambda place: str(place.outside / "face.png").replace("/", "//"),
    "absolute with a dot": lambda place: f"{place.outside}/./face.png",
    "sibling whose name starts like the root": lambda place: str(
        write(place.root.with_name("root-2") / "face.png", place.canary)
    ),
    "file URI": lambda place: (place.outside / "face.png").as_uri(),
    "file URI on localhost": lambda place: f"file://localhost{place.outside}/face.png",
    "file URI in capitals": lambda place: f"FILE://{place.outside}/face.png",
    "file URI without authority": lambda place: f"file:{place.outside}/face.png",
    "file URI, dots encoded": lambda place: f"file://{place.root}/%2e%2e/outside/face.png",
    "file URI, slashes encoded": lambda place: f"file://{place.root}/..%2Foutside%2Fface.png",
    "file URI, all encoded": lambda place: (
        "file:///" + "".join(f"%{byte:02x}" for byte in str(place.outside / "face.png").encode()[1:])
    ),
    "link out": lambda place: link(place, "out.png", place.outside / "face.png"),
    "relative link out": lambda place: link(place, "out.png", "../outside/face.png"),
    "chain of links out": link_chain,
    "link from outside to the inside": link_in,
    "folder linked out": lambda place: link(place, "out", place.outside) + "/face.png",
    "link out, then dot dot": lambda place: link(place, "out", place.outside) + "/../outside/face.png",
    "dangling link out": lambda place: link(place, "out.png", place.outside / "missing.png"),
    "root's parent": "..",
    "home": "~",
    "below home": "~/face.png",
    "etc": "/etc/passwd",
    "environment of the process": "/proc/self/environ",
    "root by way of proc": lambda place: f"/proc/self/root{place.outside}/face.png",
    "link to proc": lambda place: link(place, "environ.png", "/proc/self/environ"),
    "device": "/dev/zero",
    "link to a device": lambda place: link(place, "zero.png", "/dev/zero"),
    "standard input": "/dev/stdin",
    "capitals of the root's name": lambda place: str(place.root.with_name("ROOT") / "face.png"),
}

INSIDE: dict[str, tuple[Arrange | str, str]] = {
    "missing": ("missing.png", "path_not_found"),
    "encoding left as it is in a plain path": ("%2e%2e/outside/face.png", "path_not_found"),
    "backslashes": ("..\\outside\\face.png", "path_hidden"),
    "another user's home": ("~root/face.png", "path_not_found"),
    "below a file": ("face.png/face.png", "path_not_found"),
    "loop of links": (link_loop, "path_not_found"),
    "name too long": ("a" * 3000, "path_not_found"),
    "NUL": ("face.png\0.txt", "path_invalid"),
    "NUL in a URI": (lambda place: f"file://{place.root}/face.png%00", "path_invalid"),
    "newline": ("face\n.png", "path_invalid"),
    "escape sequence": ("\x1b[2Jface.png", "path_invalid"),
    "C1 control": ("face\x9b.png", "path_invalid"),
    "lone surrogate": ("face\udc80.png", "path_invalid"),
    "not UTF-8 in a URI": (lambda place: f"file://{place.root}/%ff.png", "path_invalid"),
    "URI of another host": (lambda place: f"file://server{place.root}/face.png", "path_invalid"),
    "URI with a query": (lambda place: f"file://{place.root}/face.png?x", "path_invalid"),
    "URI of a relative path": ("file:face.png", "path_invalid"),
    "root itself": (".", "path_not_a_file"),
    "folder": (lambda place: str((place.root / "folder.png").mkdir() or "folder.png"), "path_not_a_file"),
    "pipe that nobody writes to": (fifo, "path_not_a_file"),
    "socket": (unix_socket, "path_not_a_file"),
    "hidden file": (hidden(".env.png"), "path_hidden"),
    "keys": (hidden(".ssh/id_rsa.png"), "path_hidden"),
    "cloud credentials": (hidden(".aws/credentials.png"), "path_hidden"),
    "hidden folder further down": (hidden("projects/.git/face.png"), "path_hidden"),
    "hidden file by a link that is not": (hidden_by_link, "path_hidden"),
    "missing hidden file": (".netrc", "path_hidden"),
    "50 GB with holes": (sparse, "media_too_large"),
    "empty": (lambda place: str(write(place.root / "empty.png", b"").name), "media_damaged"),
    "text": (
        lambda place: str(write(place.root / "a.png", b"-----BEGIN KEY-----").name),
        "media_type_not_accepted",
    ),
}


@pytest.mark.parametrize("case", OUTSIDE)
async def test_a_path_that_leads_outside_is_refused_alike_whether_or_not_it_exists(
    case: str, place: Place
) -> None:
    source = arranged(OUTSIDE[case], place)
    there = await refusal(place.intake, source)
    shutil.rmtree(place.outside)
    gone = await refusal(place.intake, source)
    assert there.code == "path_not_allowed"
    assert (str(there), there.message, there.next_step) == (str(gone), gone.message, gone.next_step)
    assert str(place.root) in there.next_step
    assert not place.kept()


@pytest.mark.parametrize("case", INSIDE)
async def test_what_is_no_readable_media_file_is_refused(case: str, place: Place) -> None:
    arrange, code = INSIDE[case]
    assert (await refusal(place.intake, arranged(arrange, place))).code == code
    assert not place.kept()


@pytest.mark.parametrize(
    "source", ["/proc/self/environ", "/proc/self/mem", "/dev/zero", "/dev/stdin", "/proc", "/"]
)
async def test_special_files_are_refused_even_below_an_allowed_folder(source: str, place: Place) -> None:
    everywhere = Intake(place.inputs, [Path("/")])
    assert (await refusal(everywhere, source)).code in {"path_not_a_file", "media_damaged", "path_not_found"}
    assert not place.kept()


async def test_every_way_to_name_an_allowed_file_gives_the_same_copy(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(place.root))
    write(place.root / "é ü#?.png", place.innocent)
    write(place.root / "deep" / "er" / "face.png", place.innocent)
    link(place, "link.png", "deep/er/face.png")
    link(place, "linked", "deep")
    os.link(place.root / "face.png", place.root / "hard.png")
    sources = [
        "face.png",
        "./deep/../face.png",
        str(place.root / "face.png"),
        "~/face.png",
        (place.root / "face.png").as_uri(),
        f"file:{quote(str(place.root / 'face.png'))}",
        (place.root / "é ü#?.png").as_uri(),
        "é ü#?.png",
        "link.png",
        "linked/er/face.png",
        "hard.png",
    ]
    taken = {await place.intake.take(source, "image") for source in sources}
    assert len(taken) == 1
    assert place.kept() == [place.innocent]


async def test_a_root_may_be_a_link_and_may_be_hidden(place: Place, tmp_path: Path) -> None:
    write(tmp_path / ".private" / "face.png", place.innocent)
    (tmp_path / "alias").symlink_to(".private")
    intake = Intake(place.inputs, [tmp_path / "alias"])
    for source in ("face.png", str(tmp_path / "alias" / "face.png"), str(tmp_path / ".private" / "face.png")):
        assert (await intake.take(source, "image")).mime_type == "image/png"


async def test_without_roots_no_file_is_read(place: Place) -> None:
    refused = await refusal(Intake(place.inputs, []), str(place.root / "face.png"))
    assert refused.code == "path_not_allowed"
    assert "https" in refused.next_step
