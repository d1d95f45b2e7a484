"""Writing to sounds: sentences, numbers and signs, and the words that own them."""

from unicodedata import normalize

import pytest

from soundstage.providers.local.speech.expansion import expand
from soundstage.providers.local.speech.lexicons import FRENCH, PORTUGUESE, SPANISH, Lexicon
from soundstage.providers.local.speech.numerals import LARGEST, french, portuguese, spanish
from soundstage.providers.local.speech.readers import open_reader
from soundstage.providers.local.speech.reading import ReadWord
from soundstage.providers.local.speech.sentences import split_sentences


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        (
            "Dr. A. Smith of the U.S. Navy left. He is back!",
            ["Dr. A. Smith of the U.S. Navy left.", "He is back!"],
        ),
        ('"Is it?" he asked. “No.” Fine', ['"Is it?" he asked.', "“No.”", "Fine"]),
        ("1. First\n2. Second\n- third", ["1. First", "2. Second", "third"]),
        ("A line that\nwraps.\nA new one", ["A line that wraps.", "A new one"]),
        ("It is 3.5 km, e.g. from here… Or 4.", ["It is 3.5 km, e.g. from here…", "Or 4."]),
        ("¿Qué? ¡Sí! El Sr. Paz no.", ["¿Qué?", "¡Sí!", "El Sr. Paz no."]),
    ],
)
def test_text_is_cut_where_sentences_end(text: str, sentences: list[str]) -> None:
    assert [" ".join(sentence.words) for sentence in split_sentences(text)] == sentences


@pytest.mark.parametrize(
    ("number", "in_spanish", "in_french", "in_portuguese"),
    [
        (0, "cero", "zéro", "zero"),
        (21, "veintiuno", "vingt et un", "vinte e um"),
        (71, "setenta y uno", "soixante et onze", "setenta e um"),
        (80, "ochenta", "quatre-vingts", "oitenta"),
        (99, "noventa y nueve", "quatre-vingt-dix-neuf", "noventa e nove"),
        (100, "cien", "cent", "cem"),
        (116, "ciento dieciséis", "cent seize", "cento e dezesseis"),
        (500, "quinientos", "cinq cents", "quinhentos"),
        (1001, "mil uno", "mille un", "mil e um"),
        (3200, "tres mil doscientos", "trois mille deux cents", "três mil e duzentos"),
        (21_000, "veintiún mil", "vingt et un mille", "vinte e um mil"),
        (80_000, "ochenta mil", "quatre-vingt mille", "oitenta mil"),
        (1_000_000, "un millón", "un million", "um milhão"),
        (2_000_001, "dos millones uno", "deux millions un", "dois milhões e um"),
        (10**9, "mil millones", "un milliard", "um bilhão"),
        (10**12, "un billón", "un billion", "um trilhão"),
    ],
)
def test_numbers_are_named(number: int, in_spanish: str, in_french: str, in_portuguese: str) -> None:
    assert (spanish(number), french(number), portuguese(number)) == (in_spanish, in_french, in_portuguese)


def test_the_largest_number_has_a_name_in_each_language() -> None:
    assert all(name(LARGEST).split() for name in (spanish, french, portuguese))


@pytest.mark.parametrize(
    ("lexicon", "written", "spoken"),
    [
        (SPANISH, "42,50 €", ["cuarenta y dos", "euros con cincuenta"]),
        (SPANISH, "$1,234.50", ["mil doscientos treinta y cuatro dólares con cincuenta"]),
        (SPANISH, "21 €", ["veintiún", "euros"]),
        (
            SPANISH,
            "1.234 3,14 0,05",
            ["mil doscientos treinta y cuatro", "tres coma catorce", "cero coma cero cinco"],
        ),
        (SPANISH, "a las 1:30", ["a", "las", "una y treinta"]),
        (SPANISH, "12/03/2024", ["doce de marzo de dos mil veinticuatro"]),
        (SPANISH, "1.º 2ª 2-3 -5", ["primero", "segunda", "dos a tres", "menos cinco"]),
        (SPANISH, "yo@ejemplo.com 25%", ["yo arroba ejemplo punto com", "veinticinco por ciento"]),
        (SPANISH, "El Sr. Paz, FBI", ["El", "señor", "Paz", "efe be I"]),
        (FRENCH, "42,50 € 1 €", ["quarante-deux", "euros cinquante", "un", "euro"]),
        (FRENCH, "3h30 15h 1:05", ["trois heures trente", "quinze heures", "une heure cinq"]),
        (FRENCH, "1er 1re 2e", ["premier", "première", "deuxième"]),
        (FRENCH, "M. Petit", ["monsieur", "Petit"]),
        (PORTUGUESE, "R$ 42,50", ["", "quarenta e dois reais e cinquenta centavos"]),
        (PORTUGUESE, "R$2 1.000", ["dois reais", "mil"]),
        (PORTUGUESE, "às 15:30", ["às", "quinze e trinta"]),
        (
            PORTUGUESE,
            "12345678901234567 007",
            [
                "um dois três quatro cinco seis sete oito nove zero um dois três quatro cinco seis sete",
                "zero zero sete",
            ],
        ),
    ],
)
def test_signs_are_spelled_out_word_by_word(lexicon: Lexicon, written: str, spoken: list[str]) -> None:
    assert [" ".join(words) for words in expand(written.split(), lexicon)] == spoken


@pytest.mark.parametrize("language", ["en-US", "en-GB", "es", "fr", "pt-BR"])
@pytest.mark.parametrize("word", ["42", "$42.50", "3:30", "25%", "2024", "1/2", "007", "12345678901234567890"])
def test_no_digit_is_dropped(language: str, word: str) -> None:
    (read,) = open_reader(language)([word])
    assert len(read.symbols.replace(" ", "")) >= 5


def test_english_expansions_belong_to_the_word_that_was_written() -> None:
    words = ["On", "March", "12,", "Dr.", "Who", "paid", "$3.2", "billion", "for", "5€", "of", "tea."]
    said = [one.symbols for one in open_reader("en-US")(words)]
    read = dict(zip(words, said, strict=True))
    assert read["Dr."] == "dˈɑktəɹ"
    assert read["$3.2"].startswith("θɹˈi pYnt tˈu")
    assert read["billion"].endswith("dˈɑləɹz")
    assert read["5€"] == "fˈIv jˈʊɹOz"
    assert read["tea."].endswith(".")


def test_british_and_american_differ() -> None:
    american, british = (open_reader(language)(["bath"]) for language in ("en-US", "en-GB"))
    assert (american, british) == ([ReadWord("bˈæθ")], [ReadWord("bˈɑːθ")])


@pytest.mark.parametrize(
    ("language", "words", "symbols"),
    [
        ("es", "cuánto día país comió perro", "kwˈanto dˈia paˈis komjˈo pˈero"),
        ("fr", "les amis l'homme projet est", "lez amˈi lˈɔm pʁoʒˈɛ ɛ"),
        ("pt-BR", "não carro pronto caixa sair", "nˈɐ̃ʊ̃ kˈaxu pɾˈõtu kˈajʃa saˈiɾ"),
    ],
)
def test_spelling_rules_are_mended(language: str, words: str, symbols: str) -> None:
    assert " ".join(one.symbols for one in open_reader(language)(words.split())) == normalize("NFD", symbols)
