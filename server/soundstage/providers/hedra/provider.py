"""Hedra as a provider: its voices, and work that it does under an account of the user's."""

from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, Literal

from soundstage.http.api import Api, Refused
from soundstage.http.origin import problem_with
from soundstage.http.quotation import quotation
from soundstage.providers.hedra import answers, prices, refusals
from soundstage.providers.hedra.checks import check_avatar, check_sound
from soundstage.providers.hedra.listing import Listing, may_be
from soundstage.providers.hedra.profile import NAME, TITLE, HedraAvatar, profile
from soundstage.providers.hedra.uploads import Uploads
from soundstage.providers.made_media import made_file
from soundstage.providers.port import (
    Account,
    AvatarWork,
    CloneWork,
    Made,
    SpeakFirst,
    SpeechWork,
    Standing,
    Submission,
    VoiceList,
    Work,
)
from soundstage.providers.profile import Model, Profile
from soundstage.providers.reading import Body, bodies_of
from soundstage.providers.remote import JobFolders, Recent, unknown_job
from soundstage.providers.voice_lists import VoiceLists
from soundstage.settings import Access
from soundstage_tools.errors import OutcomeUnknown, StudioError, Unusable
from soundstage_tools.results import GenerationKind, Voice

SUBMIT_SECONDS = 60.0
LISTING_SECONDS = SUBMIT_SECONDS + 20.0
MAX_RESULT_BYTES = 500 * 2**20
TYPES: Mapping[GenerationKind, str] = {"speech": "audio", "voice_clone": "voice", "avatar_video": "video"}
"""What Hedra calls that which comes of each kind."""


class HedraProvider:
    """Implements `soundstage.providers.port.Provider`, and finds jobs. Their ids are those of Hedra's generations.

    For `listing_seconds` a generation may be missing in Hedra's own list of them. They are more than the
    `submit_seconds` for which the answer to an order is awaited: so late may the order be carried out.
    """

    def __init__(
        self,
        access: Access,
        folder: Path,
        *,
        submit_seconds: float = SUBMIT_SECONDS,
        listing_seconds: float = LISTING_SECONDS,
    ) -> None:
        self._api = Api(
            TITLE, access, header="X-API-Key", key_setting="HEDRA_API_KEY", url_setting="HEDRA_BASE_URL"
        )
        self._quote = partial(quotation, secrets=(access.key,))
        missing = problem_with(access, "HEDRA_API_KEY", "HEDRA_BASE_URL")
        self._profile = profile(access, missing, listing_seconds)
        self._submit_seconds = submit_seconds
        self._folders = JobFolders(folder)
        self._stock = Recent(partial(self._read_voices, "/voices", (), "stock"))
        self._cloned = Recent(partial(self._read_voices, "/assets", [("type", "voice")], "cloned"))
        self._voices = VoiceLists(TITLE, self._stock.now, self._cloned.now)
        self._uploads = Uploads(self._api, self._folders)
        self._listing = Listing(self._api)

    @property
    def profile(self) -> Profile:
        """Its facts; it serves where a key is set."""
        return self._profile

    async def list_voices(self) -> VoiceList:
        """The stock voices, and those cloned on this account."""
        return await self._voices.all()

    async def _read_voices(
        self, path: str, query: Sequence[tuple[str, str]], kind: Literal["stock", "cloned"]
    ) -> Sequence[Voice]:
        return answers.voices(await self._api.read(path, query), kind)

    async def check(self, work: Work) -> None:
        """Refuse an unknown voice, and files and lengths beyond what Hedra takes."""
        match work:
            case SpeechWork():
                if not work.cloned_by:
                    maybe = answers.is_uuid(work.voice)
                    await self._voices.check(f"{NAME}:{work.voice}", may_be_listed=maybe, may_be_own=maybe)
            case CloneWork():
                await check_sound(work.audio, None)
            case AvatarWork():
                await check_avatar(work, self._model(work.model))

    def _model(self, name: str) -> Model:
        return next(model for model in self._profile.models if model.name == name)

    async def prepare(self, work: Work) -> Submission:
        """Upload what the work needs."""
        match work:
            case SpeechWork():
                order = _speech(work.voice, work.fields)
                return Submission(partial(self._submit, order), order)
            case CloneWork():
                sample = await self._uploads.sound(work.generation_id, work.audio, "voice-sample")
                order = {"type": "voice_clone", "audio_id": sample, "name": work.fields["name"]}
                return Submission(partial(self._submit_clone, order), order)
            case AvatarWork():
                order = await self._video(work)
                return Submission(partial(self._submit_video, order), order)

    async def _video(self, work: AvatarWork) -> Mapping[str, Any]:
        assert work.image is not None, "every model of Hedra's needs an image"
        order: dict[str, Any] = {"type": "video", "ai_model_id": self._model(work.model).native_id}
        order["start_keyframe_id"] = await self._uploads.file("image", work.image, f"portrait{work.image.suffix}")
        if work.audio is not None:
            order["audio_id"] = await self._uploads.sound(work.generation_id, work.audio, "speech")
        elif work.says is not None:
            order["audio_generation"] = _speech(work.says.voice, work.says.fields)
        fields = HedraAvatar.model_validate(work.fields)
        # A resolution left out has made whole generations fail: it is always said, as is the shape.
        order["generated_video_inputs"] = {
            "text_prompt": fields.prompt,
            "aspect_ratio": fields.aspect_ratio,
            "resolution": fields.resolution,
            **{
                name: work.fields[name] for name in ("duration_ms", "bounding_box_target") if work.fields.get(name)
            },
        }
        return order

    async def _submit(self, order: Mapping[str, Any]) -> str:
        try:
            answer = await self._api.order("/generations", json=dict(order), deadline_seconds=self._submit_seconds)
        except Refused:
            # What was uploaded may have been deleted at Hedra since.
            self._uploads.forget()
            raise
        try:
            job_id = answers.body(answer.json()).get("id")
        except StudioError:
            job_id = None
        if not answers.is_uuid(job_id):
            raise OutcomeUnknown(
                code="outcome_unknown",
                message=f"{TITLE} took the request, and answered without the id of a generation.",
            )
        return str(job_id)

    async def _submit_clone(self, order: Mapping[str, Any]) -> str:
        try:
            return await self._submit(order)
        except StudioError as refusal:
            raise refusals.of_clone(refusal) from None

    async def _submit_video(self, order: Mapping[str, Any]) -> str:
        try:
            return await self._submit(order)
        except Refused as refusal:
            # Some accounts answer "model missing not valid for generation type text_to_speech".
            if "audio_generation" in order and refusal.status == 400 and "text_to_speech" in refusal.said:
                raise SpeakFirst from None
            raise

    def estimate(self, work: Work, seconds: float | None) -> float | None:
        """The credits that `work` is likely to cost."""
        return prices.estimate(work, seconds)

    async def find(self, trace: Mapping[str, object], taken: Collection[str], submitted_at: float) -> str:
        """The newest generation that echoes all of an order's members, and is no other submission's."""
        return await self._listing.find(trace, taken, submitted_at)

    async def job_named(self, kind: GenerationKind, job_id: str, trace: Mapping[str, object]) -> str:
        """A generation of Hedra's, which shows it by its id; its list must not echo another order than `trace`.

        One that the list does not show is taken at the user's word.
        """
        job_id = job_id.lower()
        status: Body = {}
        try:
            if answers.is_uuid(job_id):
                status = answers.body(await self._status(job_id))
        except Refused as refusal:
            if refusal.status != 404:
                raise
        if status.get("type") != TYPES[kind]:
            raise unknown_job(TITLE)
        listed = await self._listing.generation(job_id)
        if listed and not may_be(listed, trace):
            raise unknown_job(TITLE)
        return job_id

    async def poll(self, job_id: str) -> Standing:
        """Where the generation is."""
        try:
            status = await self._status(job_id)
        except Refused as refusal:
            if refusal.status == 404:
                return Standing("lost")
            raise
        return answers.standing(status, job_id, self._quote)

    async def _status(self, job_id: str) -> object:
        return await self._api.read(f"/generations/{job_id}/status", patient=False)

    async def fetch(self, job_id: str) -> Made:
        """The file of a finished generation, or the voice that it made."""
        status = answers.body(await self._status(job_id))
        if status.get("type") == "voice" and answers.is_uuid(status.get("asset_id")):
            self._cloned.forget()
            return Made(voice=str(status["asset_id"]))
        file = await self._folders.make(job_id) / "result"
        await self._api.download(await self._file_url(status), file, max_bytes=MAX_RESULT_BYTES)
        role = "video" if status.get("type") == TYPES["avatar_video"] else "audio"
        return Made([await made_file(file, role, TITLE)])

    async def _file_url(self, status: Body) -> str:
        """Where the file is: in the status, else in the asset, else as a stream."""
        if url := answers.file_url(status):
            return url
        query = [("type", str(status.get("type"))), ("ids", str(status.get("asset_id")))]
        assets = bodies_of(await self._api.read("/assets", query))
        found = [*(answers.asset_url(asset) for asset in assets), answers.streaming_url(status)]
        if url := next(filter(None, found), ""):
            return url
        raise Unusable(
            code="result_has_no_url",
            message=f"{TITLE} says that it is finished, and does not say where the file is.",
            next_step="It is asked again by itself.",
        )

    async def release(self, job_id: str) -> None:
        """Drop what is kept here. Hedra itself cannot be stopped."""
        await self._folders.remove(job_id)

    async def account(self) -> Account:
        """The credits that are left, and what the models cost."""
        credits_left = answers.body(await self._api.read("/billing/credits")).get("remaining")
        models = {model.native_id: model.name for model in self._profile.models}
        costs = [
            f"{NAME}:{models[one['id']]}: {price['credit_cost']} credits per {price['billing_unit']}"
            for one in bodies_of(await self._api.read("/models"))
            if one.get("id") in models and (price := answers.price(one))
        ]
        return Account(f"{credits_left:,} credits" if isinstance(credits_left, int) else "", costs)

    async def sweep(self, needed: Collection[str]) -> None:
        """Remove the old folders of all other jobs."""
        await self._folders.sweep(needed)

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Hold connections to Hedra until left."""
        async with self._api.running():
            yield


def _speech(voice: str, fields: Mapping[str, object]) -> dict[str, Any]:
    return {"type": "text_to_speech", "voice_id": voice, **fields}
