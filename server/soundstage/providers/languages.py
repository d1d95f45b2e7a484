"""The names of languages in English, and the tags that they stand for."""

from collections.abc import Mapping

UNKNOWN = "und"
"""The tag of a language that is not known."""

_LANGUAGES = """
    afrikaans=af arabic=ar bengali=bn bulgarian=bg catalan=ca chinese=zh croatian=hr czech=cs danish=da dutch=nl
    english=en estonian=et filipino=fil finnish=fi french=fr german=de greek=el gujarati=gu hebrew=he hindi=hi
    hungarian=hu icelandic=is indonesian=id irish=ga italian=it japanese=ja kannada=kn korean=ko latvian=lv
    lithuanian=lt malay=ms malayalam=ml mandarin=zh marathi=mr norwegian=no persian=fa polish=pl portuguese=pt
    punjabi=pa romanian=ro russian=ru serbian=sr slovak=sk slovenian=sl spanish=es swahili=sw swedish=sv
    tamil=ta telugu=te thai=th turkish=tr ukrainian=uk urdu=ur vietnamese=vi welsh=cy
"""
TAGS: Mapping[str, str] = {name: tag for name, _, tag in (pair.partition("=") for pair in _LANGUAGES.split())}
"""By name in lower case, the BCP-47 tag."""


def as_tag(given: str) -> str:
    """What was given as a language in the form of a BCP-47 tag, in lower case: `en-us` for `en_US`, `en` for
    `English`. What is neither a tag nor a known name stays as it is."""
    wanted = given.strip().lower().replace("_", "-")
    return TAGS.get(wanted, wanted)
