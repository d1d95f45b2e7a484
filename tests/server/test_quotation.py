"""What is left of a stranger's words before a model reads them."""

import pytest

from soundstage.http.quotation import plain, quotation


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("as it is", "as it is"),
        ("  two\r\n\tlines\u2028and\u00a0spaces\u3000", "two lines and spaces"),
        ("\x1b[1;31mred\x1b[0m \x9b2Jclear", "red clear"),
        ("\x1b]0;title\x07bell \x1b]8;;https://x.example\x1b\\link\x1b]8;;\x1b\\", "bell link"),
        ("a\x00b\x7fc\x85d", "abc d"),
        ("\u202eright\u202c \u2066to\u2069 \u200flef\u200et\u061c", "right to left"),
        ("z\u200be\u200cr\u200do\ufeff w\u2060i\u00add\u180eth", "zero width"),
        ("tags\U000e0041\U000e0042\U000e007f", "tags"),
        ("star\ufe0f\U000e0100 \u3164\u2800blank", "star blank"),
        ("\ud800half\ue000private\uffffnone", "halfprivatenone"),
        ("Zoë 愛 🙂 नमस्ते é", "Zoë 愛 🙂 नमस्ते é"),
        ("\x1b]" * 2000 + "long", ""),
        ("", ""),
    ],
)
def test_only_what_can_be_seen_is_left(said: str, left: str) -> None:
    assert quotation(said) == plain(said) == left


def test_it_is_short_and_closes_no_quotation() -> None:
    assert quotation('say "x"') == "say 'x'"
    assert plain('the "x"') == 'the "x"'
    assert quotation("a" * 200) == "a" * 200
    assert quotation("a" * 201) == "a" * 199 + "…"
    assert plain("b" * 81) == "b" * 79 + "…"
    assert plain("b" * 30, 10) == "b" * 9 + "…"
    assert len(quotation("word " * 1_000_000)) <= 200


@pytest.mark.parametrize("secret", ["x", "s3cret", "sk_live_51H8zQ2eZvKYlo2C", "a+b/c=d&e?f g"])
def test_a_secret_is_removed_however_short(secret: str) -> None:
    assert quotation(f"({secret})", [secret, ""]) == "([removed])"


def test_no_eight_characters_of_a_secret_are_left() -> None:
    secret = "abcdefghijklmnop"
    assert quotation("bcdefgh bcdefghi", [secret]) == "bcdefgh [removed]"
    assert quotation("x" * 195 + secret, [secret]) == "x" * 195 + "[rem…"
