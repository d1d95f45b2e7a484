"""The voices of a SpeechGen account: the stock ones, and those that were cloned."""

import re
from collections.abc import Sequence

from soundstage.http.api import Api, Refused
from soundstage.providers.remote import Recent, known_voice, unknown_voice
from soundstage.providers.speechgen.answers import VoiceModel, cloned_voices, is_id, stock_voices, voice_models
from soundstage.providers.speechgen.profile import NAME, TITLE
from soundstage_tools.errors import BadRequest, NotFound, StudioError
from soundstage_tools.results import Voice

_STOCK = re.compile(r"[a-z]{2,3}-[A-Z]{2}-.+")
_MODEL_PREFIX = "vm_"


class Voices:
    """What an account can speak with, read now and then."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._stock = Recent(self._read_stock)
        self._models = Recent(self._read_models)

    async def all(self) -> Sequence[Voice]:
        """Every voice that can speak, each once."""
        return await self._listed(fresh=False)

    async def check(self, voice: str) -> None:
        """Refuse a voice that the account does not have.

        Raises:
            BadRequest: it is the id of a model.
            NotFound: it is none.
        """
        try:
            await known_voice(TITLE, f"{NAME}:{voice}", self._listed, may_be_new=is_id(voice))
        except NotFound:
            models = await self._models.get()
            if voice.startswith(_MODEL_PREFIX) or any(model.model_id == voice for model in models or ()):
                raise _is_a_model(voice, models or ()) from None
            # It may be a cloned one: SpeechGen does not tell, and refuses one that is none at no cost.
            if models is not None or not is_id(voice) or _STOCK.fullmatch(voice):
                raise

    async def model_of(self, voice: str) -> str:
        """The id of the model behind a cloned voice.

        Raises:
            BadRequest: it is a stock voice.
            NotFound: no model is behind it.
        """
        models = await self._models.get(fresh=True) or ()
        for model in models:
            if voice in {model.voice_id, model.model_id}:
                return model.model_id
        stock = await self._stock.get()
        if any(one.voice_id == f"{NAME}:{voice}" and one.kind == "stock" for one in stock):
            raise BadRequest(
                code="stock_voice",
                message=f"{NAME}:{voice} is a stock voice of {TITLE}'s, and is not yours to delete.",
                next_step="Only voices whose kind is cloned can be deleted; list_voices shows it.",
            )
        raise unknown_voice(TITLE, f"{NAME}:{voice}", cloned_voices(models))

    def forget(self) -> None:
        """A voice came, or went."""
        self._models.forget()
        self._stock.forget()

    async def _listed(self, fresh: bool) -> Sequence[Voice]:
        models = await self._models.get(fresh=fresh) or ()
        voices = {voice.voice_id: voice for voice in await self._stock.get(fresh=fresh)}
        # What was cloned on this account is so, whatever the list of all voices calls it.
        return list((voices | {voice.voice_id: voice for voice in cloned_voices(models)}).values())

    async def _read_stock(self) -> Sequence[Voice]:
        return stock_voices(await self._api.read("/voices"))

    async def _read_models(self) -> Sequence[VoiceModel] | None:
        """The models of the account; None where it does not tell them, which is not documented for certain."""
        try:
            return voice_models(await self._api.read("/models"))
        except Refused:
            return None


def _is_a_model(model_id: str, models: Sequence[VoiceModel]) -> StudioError:
    voice_id = next((model.voice_id for model in models if model.model_id == model_id), "")
    ready = f"Send {NAME}:{voice_id}." if voice_id else "Once it is ready, take its voice_id from list_voices."
    return BadRequest(
        code="model_id_given",
        message=f"`voice_id` names a model of {TITLE}'s, which does not speak; the voice that came of it does.",
        next_step=ready,
    )
