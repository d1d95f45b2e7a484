"""The weights that are shipped are the ones whose origin is told."""

import hashlib
from importlib.resources import files

WEIGHTS = files("soundstage.providers.local") / "models"
SUFFIXES = (".tflite", ".npz", ".json")


def test_every_file_has_its_sum() -> None:
    lines = (WEIGHTS / "SHA256SUMS").read_text("utf-8").splitlines()
    listed = {name: digest for digest, name in (line.split("  ") for line in lines)}
    shipped = {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest()
        for file in WEIGHTS.iterdir()
        if file.name.endswith(SUFFIXES)
    }
    assert shipped == listed


def test_every_file_has_its_origin() -> None:
    notice = (WEIGHTS / "NOTICE").read_text("utf-8").splitlines()
    assert {file.name for file in WEIGHTS.iterdir() if file.name.endswith(SUFFIXES)} <= set(notice)
