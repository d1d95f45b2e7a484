"""A long text is cut where a speaker would pause, in any script, and nothing of it is lost."""

import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soundstage.providers.heygen.sentences import pieces

FAMILY = "\N{MAN}\u200d\N{WOMAN}\u200d\N{GIRL}"


def solid(text: str) -> str:
    return re.sub(r"\s", "", text)


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("Short.", 100, ["Short."]),
        ("One is here. Two is here.", 15, ["One is here.", "Two is here."]),
        ("Is it? Yes! Very… Well.", 8, ["Is it?", "Yes!", "Very…", "Well."]),
        ("He said “Go.” Then he left.", 16, ["He said “Go.”", "Then he left."]),
        ("First part.\n\nSecond part.", 20, ["First part.", "Second part."]),
        ("Dr. Smith came at 3.15. He left.", 24, ["Dr. Smith came at 3.15.", "He left."]),
        ("The U.S. Army came. It left.", 20, ["The U.S. Army came.", "It left."]),
        ("See example.com. Then go.", 17, ["See example.com.", "Then go."]),
        ("J. R. Tolkien wrote it. We read it.", 25, ["J. R. Tolkien wrote it.", "We read it."]),
        ("It is red, e.g. wine, etc. Then blue.", 26, ["It is red, e.g. wine, etc.", "Then blue."]),
        ("今日は晴れ。明日は雨！", 7, ["今日は晴れ。", "明日は雨！"]),
        ("他说：「走吧。」然后走了。", 9, ["他说：「走吧。」", "然后走了。"]),
        ("مرحبا بكم؟ نعم جدا.", 12, ["مرحبا بكم؟", "نعم جدا."]),
        ("पहला वाक्य। दूसरा वाक्य।", 13, ["पहला वाक्य।", "दूसरा वाक्य।"]),
        ("a first clause, and a second one", 20, ["a first clause,", "and a second one"]),
        ("one two three four", 9, ["one two", "three", "four"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
        ("- one item\n- Two items\n- Three", 12, ["- one item", "- Two items", "- Three"]),
    ],
)
def test_cuts_fall_where_a_speaker_pauses(text: str, limit: int, expected: list[str]) -> None:
    assert pieces(text, limit) == expected


def test_a_sentence_goes_with_its_paragraph() -> None:
    text = "Alpha is one. Beta is two.\n\nGamma is three. Delta is four."
    assert pieces(text, 45) == ["Alpha is one. Beta is two.", "Gamma is three. Delta is four."]


def test_white_space_is_kept_at_the_ends_and_not_at_the_seams() -> None:
    assert pieces(" One is here.  Two is here. ", 15) == [" One is here.", "Two is here. "]
    assert pieces(f"{' ' * 50}One is here. Two is here.{' ' * 50}", 14) == ["  One is here.", "Two is here.  "]


def test_the_last_piece_is_no_scrap() -> None:
    text = "This sentence has fifty characters, all in all now. " * 20 + "The end."
    found = pieces(text, 1000)
    assert len(found) == 2
    assert min(map(len, found)) > 450


@pytest.mark.parametrize(
    "unit",
    [
        FAMILY,
        "e\u0301\u0302",
        "\N{REGIONAL INDICATOR SYMBOL LETTER F}\N{REGIONAL INDICATOR SYMBOL LETTER R}",
        "\N{WAVING HAND SIGN}\U0001f3fd",
        "क्ष",
        "\u1112\u1161\u11ab",
        "\N{HEAVY BLACK HEART}\ufe0f",
    ],
)
def test_what_is_seen_as_one_character_is_not_cut(unit: str) -> None:
    found = pieces(unit * 50, 16)
    assert len(found) > 1
    assert all(set(re.split(re.escape(unit), piece)) == {""} for piece in found)


@settings(deadline=None)
@given(st.text(st.sampled_from("ab .,!?。、؟।\n\u0301\u200d9Dr"), max_size=400), st.integers(5, 60))
def test_nothing_is_lost_and_no_piece_is_too_long(text: str, limit: int) -> None:
    found = pieces(text, limit)
    assert solid("".join(found)) == solid(text)
    assert all(piece.strip() and len(piece) <= limit for piece in found)


@settings(deadline=None)
@given(st.text(max_size=300))
def test_any_text_at_all_is_kept(text: str) -> None:
    assert solid("".join(pieces(text, 40))) == solid(text)


@settings(deadline=None)
@given(st.lists(st.text(st.characters(categories=["Lu", "Ll"]), min_size=1, max_size=12), min_size=1, max_size=80))
def test_words_that_fit_are_never_cut(words: list[str]) -> None:
    found = pieces(" ".join(words), 30)
    assert [word for piece in found for word in piece.split()] == words


MARKED = st.tuples(st.characters(categories=["Lo"]), st.text(st.characters(categories=["Mn"]), max_size=4)).map(
    "".join
)


@settings(deadline=None)
@given(st.lists(MARKED, min_size=10, max_size=100))
def test_no_mark_is_torn_from_its_letter(letters: list[str]) -> None:
    for piece in pieces("".join(letters), 20):
        assert unicodedata.category(piece[0]) == "Lo"
