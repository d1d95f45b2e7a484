"""What Spanish, French and Portuguese call things that are written in signs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from soundstage.providers.local.speech import numerals
from soundstage.providers.local.speech.tables import words


@dataclass(frozen=True, slots=True)
class Lexicon:
    """One language's names. `past` joins hours and minutes, `cents` a currency and its hundredths; the ordinals
    begin with the first; `feminine` are the numerals that agree with hours."""

    cardinal: Callable[[int], str]
    before_noun: Callable[[str], str]
    feminine: Mapping[str, str]
    minus: str
    to: str
    of: str
    hours: tuple[str, str]
    past: str
    cents: str
    masculine_ordinals: Sequence[str]
    feminine_ordinals: Sequence[str]
    months: Sequence[str]
    letters: Mapping[str, str]
    currencies: Mapping[str, tuple[str, str]]
    signs: Mapping[str, str]
    abbreviations: Mapping[str, str]


def _alphabet(names: str) -> dict[str, str]:
    return dict(zip("BCDFGHJKLMNPQRSTVWXZ", names.split(), strict=True))


SPANISH: Final = Lexicon(
    cardinal=numerals.spanish,
    before_noun=numerals.before_spanish_noun,
    feminine={"uno": "una", "veintiuno": "veintiuna"},
    minus="menos",
    to="a",
    of="de",
    hours=("hora", "horas"),
    past="y",
    cents="con {}",
    masculine_ordinals=words("primero segundo tercero cuarto quinto sexto séptimo octavo noveno décimo"),
    feminine_ordinals=words("primera segunda tercera cuarta quinta sexta séptima octava novena décima"),
    months=words("enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"),
    letters=_alphabet("be ce de efe ge hache jota ka ele eme ene pe cu erre ese te uve uvedoble equis zeta"),
    currencies={
        "€": ("euro", "euros"),
        "$": ("dólar", "dólares"),
        "£": ("libra", "libras"),
        "R$": ("real", "reales"),
    },
    signs={
        "%": "por ciento",
        "&": "y",
        "+": "más",
        "=": "igual a",
        "@": "arroba",
        "°": "grados",
        "€": "euros",
        "$": "dólares",
        "£": "libras",
        "/": "barra",
        ".": "punto",
        ",": "coma",
        "#": "número",
    },
    abbreviations={
        "sr.": "señor",
        "sra.": "señora",
        "srta.": "señorita",
        "dr.": "doctor",
        "dra.": "doctora",
        "prof.": "profesor",
        "ud.": "usted",
        "uds.": "ustedes",
        "etc.": "etcétera",
        "núm.": "número",
        "n.º": "número",
        "nº": "número",
        "pág.": "página",
        "av.": "avenida",
        "ee.uu.": "estados unidos",
        "p.ej.": "por ejemplo",
        "a.m.": "a eme",
        "p.m.": "pe eme",
        "km": "kilómetros",
        "kg": "kilos",
        "cm": "centímetros",
        "mm": "milímetros",
    },
)

FRENCH: Final = Lexicon(
    cardinal=numerals.french,
    before_noun=str,
    feminine={"un": "une", "vingt et un": "vingt et une"},
    minus="moins",
    to="à",
    of="",
    hours=("heure", "heures"),
    past="{}",
    cents="{}",
    masculine_ordinals=words(
        "premier deuxième troisième quatrième cinquième sixième septième huitième neuvième dixième onzième "
        "douzième treizième quatorzième quinzième seizième dix-septième dix-huitième dix-neuvième vingtième"
    ),
    feminine_ordinals=("première", "deuxième"),
    months=words("janvier février mars avril mai juin juillet août septembre octobre novembre décembre"),
    letters=_alphabet("bé cé dé effe gé ache ji ka elle emme enne pé ku erre esse té vé doublevé ixe zède"),
    currencies={
        "€": ("euro", "euros"),
        "$": ("dollar", "dollars"),
        "£": ("livre", "livres"),
        "R$": ("réal", "réals"),
    },
    signs={
        "%": "pour cent",
        "&": "et",
        "+": "plus",
        "=": "égal",
        "@": "arobase",
        "°": "degrés",
        "€": "euros",
        "$": "dollars",
        "£": "livres",
        "/": "barre",
        ".": "point",
        ",": "virgule",
        "#": "dièse",
    },
    abbreviations={
        "m.": "monsieur",
        "mm.": "messieurs",
        "mme": "madame",
        "mmes": "mesdames",
        "mlle": "mademoiselle",
        "dr": "docteur",
        "dr.": "docteur",
        "pr": "professeur",
        "me": "me",
        "etc.": "etcétéra",
        "n°": "numéro",
        "nº": "numéro",
        "env.": "environ",
        "p.": "page",
        "av.": "avenue",
        "st": "saint",
        "ste": "sainte",
        "c.-à-d.": "c'est à dire",
        "svp": "s'il vous plaît",
        "km": "kilomètres",
        "kg": "kilos",
        "cm": "centimètres",
        "mm": "millimètres",
    },
)

PORTUGUESE: Final = Lexicon(
    cardinal=numerals.portuguese,
    before_noun=str,
    feminine={"um": "uma", "dois": "duas", "vinte e um": "vinte e uma", "vinte e dois": "vinte e duas"},
    minus="menos",
    to="a",
    of="de",
    hours=("hora", "horas"),
    past="e",
    cents="e {} centavos",
    masculine_ordinals=words("primeiro segundo terceiro quarto quinto sexto sétimo oitavo nono décimo"),
    feminine_ordinals=words("primeira segunda terceira quarta quinta sexta sétima oitava nona décima"),
    months=words("janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro"),
    letters=_alphabet("bê cê dê éfe gê agá jota cá éle eme ene pê quê érre ésse tê vê dábliu xis zê"),
    currencies={
        "R$": ("real", "reais"),
        "€": ("euro", "euros"),
        "$": ("dólar", "dólares"),
        "£": ("libra", "libras"),
    },
    signs={
        "%": "por cento",
        "&": "e",
        "+": "mais",
        "=": "igual a",
        "@": "arroba",
        "°": "graus",
        "€": "euros",
        "$": "dólares",
        "£": "libras",
        "/": "barra",
        ".": "ponto",
        ",": "vírgula",
        "#": "número",
    },
    abbreviations={
        "sr.": "senhor",
        "sra.": "senhora",
        "dr.": "doutor",
        "dra.": "doutora",
        "prof.": "professor",
        "etc.": "etcétera",
        "nº": "número",
        "n.º": "número",
        "pág.": "página",
        "av.": "avenida",
        "p.ex.": "por exemplo",
        "km": "quilômetros",
        "kg": "quilos",
        "cm": "centímetros",
        "mm": "milímetros",
    },
)
