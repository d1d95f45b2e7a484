"""Languages by their names and their tags: each goes out by Hedra's own name for it, and none as another."""

from functools import partial

import anyio.to_thread
import pytest

from connecting import Connected
from emulators.server import Emulator
from facts import called, refusal
from hedra_calls import STOCK_VOICE, SWIFT
from soundstage.providers.hedra.languages import LANGUAGES

NAMES = {
    "nb": "Norwegian",
    "nb-NO": "Norwegian",
    "no-NO": "Norwegian",
    "nn-NO": "Nynorsk",
    "cmn-CN": "Chinese",
    "zh-TW": "Chinese",
    "zh-HK": "Chinese,Yue",
    "zh_Hant_HK": "Chinese,Yue",
    "yue": "Chinese,Yue",
    "tl-PH": "Filipino",
    "pt_BR": "Portuguese",
    "en_US": "English",
    "iw": "Hebrew",
    "Cantonese": "Chinese,Yue",
    "Mandarin": "Chinese",
    "farsi": "Persian",
    " GREEK ": "Greek",
    "auto": "auto",
}


async def test_a_language_is_sent_by_the_name_that_hedra_has_for_it(client: Connected, hedra: Emulator) -> None:
    hedra.control.switch(scripts={"*": SWIFT})
    given = {**NAMES, **{tag: name for name, tag in LANGUAGES.items()}}
    async with client() as agent:
        for number, language in enumerate(given):
            asked = {"voice_id": f"hedra:{STOCK_VOICE}", "text": f"No. {number}.", "language": language}
            await called(agent, "synthesize_speech", **asked)
        waiting = partial(hedra.control.wait_for, "POST /generations", count=len(given), seconds=60)
        sent = await anyio.to_thread.run_sync(waiting)
    assert {one["json"]["text"]: one["json"]["language"] for one in sent} == {
        f"No. {number}.": name for number, name in enumerate(given.values())
    }


@pytest.mark.parametrize("language", ["Serbian", "sr-RS", "Urdu", "Klingon", "-"])
async def test_a_language_that_is_not_there_is_told_and_no_other_guessed(
    client: Connected, hedra: Emulator, language: str
) -> None:
    async with client() as agent:
        said = await refusal(
            agent, "synthesize_speech", voice_id=f"hedra:{STOCK_VOICE}", text="Hi.", language=language
        )
    assert "`language` is not a language of Hedra. It takes auto, Chinese, " in said
    assert hedra.control.ledger() == []
