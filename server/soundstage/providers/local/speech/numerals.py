"""Whole numbers in words: Spanish, French and Portuguese, to 999,999,999,999,999."""

from collections.abc import Callable

from soundstage.providers.local.speech.tables import words

LARGEST = 10**15 - 1

_ES_SMALL = words(
    "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis "
    "diecisiete dieciocho diecinueve veinte veintiuno veintidós veintitrés veinticuatro veinticinco "
    "veintiséis veintisiete veintiocho veintinueve"
)
_ES_TENS = words("_ _ _ treinta cuarenta cincuenta sesenta setenta ochenta noventa")
_ES_HUNDREDS = words(
    "_ ciento doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos novecientos"
)
_FR_SMALL = words(
    "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-"
    "sept dix-huit dix-neuf"
)
_FR_TENS = words("_ _ vingt trente quarante cinquante soixante soixante quatre-vingt quatre-vingt")
_PT_SMALL = words(
    "zero um dois três quatro cinco seis sete oito nove dez onze doze treze quatorze quinze dezesseis "
    "dezessete dezoito dezenove"
)
_PT_TENS = words("_ _ vinte trinta quarenta cinquenta sessenta setenta oitenta noventa")
_PT_HUNDREDS = words(
    "_ cento duzentos trezentos quatrocentos quinhentos seiscentos setecentos oitocentos novecentos"
)


def spanish(number: int) -> str:
    """`veintiuno`, `cuarenta y dos`, `mil doscientos`."""
    if number < 1000:
        return _spanish_group(number)
    if number < 10**6:
        thousands, rest = divmod(number, 1000)
        return _sum(
            "mil" if thousands == 1 else f"{before_spanish_noun(_spanish_group(thousands))} mil", rest, spanish
        )
    unit, one, many = (10**12, "un billón", "billones") if number >= 10**12 else (10**6, "un millón", "millones")
    count, rest = divmod(number, unit)
    return _sum(one if count == 1 else f"{before_spanish_noun(spanish(count))} {many}", rest, spanish)


def french(number: int) -> str:
    """`vingt et un`, `quatre-vingt-dix`, `deux mille vingt-quatre`."""
    if number < 1000:
        return _french_group(number)
    if number < 10**6:
        thousands, rest = divmod(number, 1000)
        return _sum("mille" if thousands == 1 else f"{_invariable(thousands)} mille", rest, french)
    unit, name = next(
        (unit, name)
        for unit, name in ((10**12, "billion"), (10**9, "milliard"), (10**6, "million"))
        if number >= unit
    )
    count, rest = divmod(number, unit)
    return _sum(f"{_french_group(count)} {name}{'s' if count > 1 else ''}", rest, french)


def portuguese(number: int) -> str:
    """`vinte e um`, `mil duzentos e trinta`, `dois mil e vinte e quatro`."""
    if number < 1000:
        return _portuguese_group(number)
    unit, one, many = next(
        (unit, one, many)
        for unit, one, many in (
            (10**12, "um trilhão", "trilhões"),
            (10**9, "um bilhão", "bilhões"),
            (10**6, "um milhão", "milhões"),
            (1000, "mil", "mil"),
        )
        if number >= unit
    )
    count, rest = divmod(number, unit)
    head = one if count == 1 else f"{_portuguese_group(count)} {many}"
    if rest and (rest < 100 or (rest < 1000 and rest % 100 == 0)):
        return f"{head} e {portuguese(rest)}"
    return _sum(head, rest, portuguese)


def _sum(head: str, rest: int, name: Callable[[int], str]) -> str:
    return f"{head} {name(rest)}" if rest else head


def before_spanish_noun(numeral: str) -> str:
    """The numeral as it stands before a masculine noun: `veintiún`, `un`."""
    if numeral.endswith("veintiuno"):
        return numeral.removesuffix("uno") + "ún"
    return numeral.removesuffix("o") if numeral.endswith("uno") else numeral


def _invariable(number: int) -> str:
    numeral = _french_group(number)
    return numeral.removesuffix("s") if numeral.endswith(("cents", "vingts")) else numeral


def _spanish_group(number: int) -> str:
    if number < 30:
        return _ES_SMALL[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return _ES_TENS[tens] + (f" y {_ES_SMALL[ones]}" if ones else "")
    if number == 100:
        return "cien"
    hundreds, rest = divmod(number, 100)
    return _sum(_ES_HUNDREDS[hundreds], rest, _spanish_group)


def _french_group(number: int) -> str:
    if number < 20:
        return _FR_SMALL[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        if tens in {7, 9}:
            ones += 10
        if not ones:
            return _FR_TENS[tens] + ("s" if tens == 8 else "")
        joined = " et " if ones in {1, 11} and tens < 8 else "-"
        return _FR_TENS[tens] + joined + _FR_SMALL[ones]
    hundreds, rest = divmod(number, 100)
    head = "cent" if hundreds == 1 else f"{_FR_SMALL[hundreds]} cent{'' if rest else 's'}"
    return _sum(head, rest, _french_group)


def _portuguese_group(number: int) -> str:
    if number < 20:
        return _PT_SMALL[number]
    if number == 100:
        return "cem"
    head, rest = (
        (_PT_TENS[number // 10], number % 10) if number < 100 else (_PT_HUNDREDS[number // 100], number % 100)
    )
    return f"{head} e {_portuguese_group(rest)}" if rest else head
