"""The voices of a SpeechGen account: the stock ones, and those that were cloned."""

import re
from collections.abc import Sequence

from soundstage.http.api import Api
from soundstage.providers.port import VoiceList
from soundstage.providers.remote import Recent, unknown_voice
from soundstage.providers.speechgen.answers import VoiceModel, cloned_voices, is_id, stock_voices, voice_models
from soundstage.providers.speechgen.profile import NAME, TITLE
from soundstage.providers.voice_lists import VoiceLists
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
        self._lists = VoiceLists(TITLE, self._stock.now, self._cloned)

    async def all(self) -> VoiceList:
        """Every voice that can speak, each once."""
        return await self._lists.all()

    async def check(self, voice: str) -> None:
        """Refuse a voice that the account does not have.

        Raises:
            BadRequest: it is the id of a model.
            NotFound: it is none.
        """
        is_model = voice.startswith(_MODEL_PREFIX)
        # SpeechGen refuses one that is none at no cost.
        may_be_own = is_id(voice) and not is_model and not _STOCK.fullmatch(voice)
        try:
            await self._lists.check(f"{NAME}:{voice}", may_be_listed=is_id(voice), may_be_own=may_be_own)
        except NotFound:
            models = self._models.last or ()
            if is_model or any(model.model_id == voice for model in models):
                raise _is_a_model(voice, models) from None
            raise

    async def model_of(self, voice: str) -> str:
        """The id of the model behind a cloned voice.

        Raises:
            BadRequest: it is a stock voice.
            NotFound: no model is behind it.
            StudioError: SpeechGen does not tell.
        """
        models: Sequence[VoiceModel] = ()
        untold: StudioError | None = None
        try:
            models = await self._models.get(fresh=True)
        except StudioError as trouble:
            untold = trouble
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
        raise untold or unknown_voice(TITLE, f"{NAME}:{voice}", cloned_voices(models))

    def forget(self) -> None:
        """A voice came, or went."""
        self._models.forget()
        self._stock.forget()

    async def _cloned(self, fresh: bool) -> Sequence[Voice]:
        return cloned_voices(await self._models.get(fresh=fresh))

    async def _read_stock(self) -> Sequence[Voice]:
        return stock_voices(await self._api.read("/voices"))

    async def _read_models(self) -> Sequence[VoiceModel]:
        return voice_models(await self._api.read("/models"))


def _is_a_model(model_id: str, models: Sequence[VoiceModel]) -> StudioError:
    voice_id = next((model.voice_id for model in models if model.model_id == model_id), "")
    ready = f"Send {NAME}:{voice_id}." if voice_id else "Once it is ready, take its voice_id from list_voices."
    return BadRequest(
        code="model_id_given",
        message=f"`voice_id` names a model of {TITLE}'s, which does not speak; the voice that came of it does.",
        next_step=ready,
    )
