"""Spanish, French and Portuguese as written, to words that can be pronounced: numbers, money, times, dates,
abbreviations, symbols and initials."""

import re
from collections.abc import Sequence

from soundstage.providers.local.speech.lexicons import Lexicon
from soundstage.providers.local.speech.numerals import LARGEST

_TOKEN = re.compile(
    r"(?P<date>(?P<day>\d{1,2})/(?P<month>0?[1-9]|1[0-2])/(?P<year>\d{4})(?!\d))"
    r"|(?P<time>(?P<hour>\d{1,2})[:h](?P<minute>[0-5]\d)(?!\d)|(?P<oclock>\d{1,2})h(?!\w))"
    r"|(?P<ordinal>(?P<rank>\d{1,2})\.?(?P<mark>[ºª]|er|re|ère|ème|e)(?!\w))"
    r"|(?P<range>(?P<low>\d+)[-–](?P<high>\d+)(?![-–\d]))"
    r"|(?P<amount>(?P<minus>(?<!\w)-)?(?P<before>R\$|[$€£])?(?P<figures>\d(?:[\d.,]*\d)?)(?P<after>[$€£])?)"
    r"|(?P<letters>[^\W\d_]+(?:['-][^\W\d_]+)*)"
    r"|(?P<sign>\S)"
)
_FIGURES = re.compile(r"\d(?:[\d.,]*\d)?")
_CURRENCY = re.compile(r"(R\$|[$€£])[,.;:!?)]*")
_INITIALS = re.compile(r"(?=[A-ZÇÑ]{2,6}$)[B-DF-HJ-NP-TV-XZÇÑ]{2}[A-ZÇÑ]*|[B-DF-HJ-NP-TV-XZ]")
_EDGES = "\"'“”«»()[]¡¿,;:!?"


def is_abbreviation(word: str, lexicon: Lexicon) -> bool:
    """Whether the full stop of the word belongs to it."""
    return word.lower().strip(_EDGES) in lexicon.abbreviations


def expand(words: Sequence[str], lexicon: Lexicon) -> list[list[str]]:
    """For each written word of a sentence, the words to pronounce.

    Money that stands apart from its currency is divided between the two: `42,50 €` is `quarante-deux` and
    `euros cinquante`.
    """
    spoken: list[list[str]] = []
    for place, word in enumerate(words):
        before = words[place - 1] if place else ""
        after = words[place + 1] if place + 1 < len(words) else ""
        if _FIGURES.fullmatch(word) and (currency := _CURRENCY.fullmatch(after)):
            spoken.append(_money(word, currency[1], lexicon)[0].split())
        elif (currency := _CURRENCY.fullmatch(word)) and _FIGURES.fullmatch(before):
            spoken.append(_money(before, currency[1], lexicon)[1].split())
        elif word in lexicon.currencies and after[:1].isdigit():
            spoken.append([])
        elif before in lexicon.currencies and (figures := _FIGURES.match(word)):
            spoken.append(" ".join(_money(figures[0], before, lexicon)).split())
        else:
            spoken.append(_expand_word(word, lexicon).split())
    return spoken


def _expand_word(word: str, lexicon: Lexicon) -> str:
    abbreviation = lexicon.abbreviations.get(word.lower().strip(_EDGES))
    if abbreviation is not None:
        return abbreviation
    return " ".join(_say(token, lexicon) for token in _TOKEN.finditer(word))


def _say(token: re.Match[str], lexicon: Lexicon) -> str:
    return _SPEAKERS[token.lastgroup or "sign"](token, lexicon)


def _sign(token: re.Match[str], lexicon: Lexicon) -> str:
    """A sign's name; `.`, `,` and `/` have one only inside a word (`example.com`)."""
    inside = (
        token.string[token.start() - 1 : token.start()].isalnum() and token.string[token.end() :][:1].isalnum()
    )
    return "" if token[0] in ".,/" and not inside else lexicon.signs.get(token[0], "")


def _letters(token: re.Match[str], lexicon: Lexicon) -> str:
    if _INITIALS.fullmatch(token[0]):
        return " ".join(lexicon.letters.get(letter, letter) for letter in token[0])
    return token[0]


def _range(token: re.Match[str], lexicon: Lexicon) -> str:
    return f"{_cardinal(token['low'], lexicon)} {lexicon.to} {_cardinal(token['high'], lexicon)}"


def _amount(token: re.Match[str], lexicon: Lexicon) -> str:
    currency = token["before"] or token["after"]
    if currency:
        said = " ".join(_money(token["figures"], currency, lexicon))
    else:
        whole, fraction, mark = _parse(token["figures"])
        said = _cardinal(whole, lexicon)
        if fraction:
            said += f" {lexicon.signs[mark]} {_fraction(fraction, lexicon)}"
    return f"{lexicon.minus} {said}" if token["minus"] else said


def _money(figures: str, currency: str, lexicon: Lexicon) -> tuple[str, str]:
    """The sum, and the currency with what comes after it."""
    whole, fraction, _ = _parse(figures)
    one, many = lexicon.currencies.get(currency, lexicon.currencies["$"])
    unit = one if whole == "1" else many
    cents = fraction[:2].ljust(2, "0")
    rest = "" if not fraction or cents == "00" else lexicon.cents.format(_cardinal(cents.lstrip("0"), lexicon))
    return lexicon.before_noun(_cardinal(whole, lexicon)), f"{unit} {rest}".strip()


def _parse(figures: str) -> tuple[str, str, str]:
    """The whole part, the fraction and the mark between them: the last mark, unless what it divides are
    thousands (`1.234`, `1,234,567`)."""
    marks = [char for char in figures if not char.isdigit()]
    groups = re.split(r"[.,]", figures)
    grouped = all(len(group) == 3 for group in groups[1:]) and len(groups[0]) <= 3 and groups[0] != "0"
    if not marks or (grouped and len(set(marks)) == 1 and (marks[0] == "." or len(marks) > 1)):
        return "".join(groups), "", ""
    if len(marks) > 1 and len(set(marks)) == 1:
        return "".join(groups), "", ""
    return "".join(groups[:-1]), groups[-1], marks[-1]


def _cardinal(digits: str, lexicon: Lexicon) -> str:
    if len(digits) > 1 and (digits[0] == "0" or len(digits) > len(str(LARGEST))):
        return " ".join(lexicon.cardinal(int(digit)) for digit in digits)
    return lexicon.cardinal(int(digits))


def _fraction(digits: str, lexicon: Lexicon) -> str:
    if len(digits) <= 2:
        return _cardinal(digits, lexicon)
    return " ".join(lexicon.cardinal(int(digit)) for digit in digits)


def _ordinal(token: re.Match[str], lexicon: Lexicon) -> str:
    rank = int(token["rank"])
    names = lexicon.feminine_ordinals if token["mark"] in {"ª", "re", "ère"} else lexicon.masculine_ordinals
    return names[rank - 1] if 1 <= rank <= len(names) else lexicon.cardinal(rank)


def _time(token: re.Match[str], lexicon: Lexicon) -> str:
    hour, minute = int(token["hour"] or token["oclock"]), int(token["minute"] or 0)
    said = lexicon.feminine.get(lexicon.cardinal(hour), lexicon.cardinal(hour))
    unit = lexicon.hours[0] if hour <= 1 else lexicon.hours[1]
    return f"{said} {lexicon.past.format(unit)} {lexicon.cardinal(minute)}" if minute else f"{said} {unit}"


def _date(token: re.Match[str], lexicon: Lexicon) -> str:
    day, month = int(token["day"]), lexicon.months[int(token["month"]) - 1]
    said = lexicon.masculine_ordinals[0] if day == 1 else lexicon.cardinal(day)
    return f"{said} {lexicon.of} {month} {lexicon.of} {_cardinal(token['year'], lexicon)}"


_SPEAKERS = {
    "date": _date,
    "time": _time,
    "ordinal": _ordinal,
    "range": _range,
    "amount": _amount,
    "letters": _letters,
    "sign": _sign,
}
