"""A Hedra generation as the emulator keeps it: its script, and how status, list and assets show it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from emulators import media
from emulators.clock import stamp
from emulators.message import Body
from emulators.world import World

Form = Literal["2025-07", "2026-02", "2026-07"]
ASSET_TYPES = {"text_to_speech": "audio", "video": "video", "voice_clone": "voice"}
NEWER = ("language", "character_orientation", "enhance_prompt")
ERROR_MEMBERS = ("param", "violations", "credits_needed", "credits_available")


class Step(BaseModel):
    """What the status says from `at` on: a count of earlier status calls, or seconds of virtual time.

    `show` names the optional members that the answer has; None leaves it to the form.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    at: float = 0
    status: str
    progress: float
    eta_sec: int | None = None
    show: tuple[str, ...] | None = None
    message: str = ""
    reason: Body = Field(default_factory=dict[str, Any])


NORMAL = (
    Step(at=0, status="queued", progress=0.0),
    Step(at=1, status="processing", progress=0.42, eta_sec=95),
    Step(at=2, status="finalizing", progress=0.97),
    Step(at=3, status="complete", progress=1.0),
)


class Switches(BaseModel):
    """How the emulated Hedra behaves. What a generation will go through is settled when it is created."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    form: Form = "2026-02"
    validation: Literal["detail", "messages"] = "detail"
    auth_status: Literal[401, 403] = 401
    scripts: dict[str, tuple[Step, ...]] = Field(
        default={"*": NORMAL}, description="by type of request; * for the rest"
    )
    pace: Literal["polls", "seconds"] = Field(default="polls", description="what the steps of a script count")
    eta: bool = Field(default=True, description="whether the status names eta_sec, as the guide says it does")
    urls: tuple[Literal["url", "download_url", "streaming_url"], ...] = Field(
        default=("url", "download_url"),
        description="where a finished status gives an address; elsewhere it is null",
    )
    early_404: int = Field(default=0, ge=0, description="status calls that a new generation answers with 404")
    sound: media.Sound = Field(default="mp3", description="what speech is, under the name and type of an MP3")
    inline_audio: Literal["accepted", "refused"] = "accepted"
    cloning: Literal["offered", "withdrawn"] = "offered"
    cloning_status: int = Field(default=400, description="of the answer where cloning is withdrawn")
    cloning_words: str = "voice cloning is not available through this endpoint"
    client_id: Literal["accepted", "ignored", "refused"] = Field(
        default="accepted", description="what becomes of a generation_id that the client chose"
    )
    without_resolution: Literal["fails", "accepted"] = "fails"
    list_delay: float = Field(default=0.0, ge=0, description="seconds until a generation is in the list")
    credits: int = 5000
    upload_limit: int = Field(default=10 * 1024 * 1024, description="bytes")
    audio_containers: tuple[str, ...] = ("wav", "mp3")


@dataclass
class Job:
    """One generation. `seconds` is how long its result plays."""

    id: str
    asset_id: str
    type: str
    input: Body
    created: float
    cost: int
    script: Sequence[Step]
    hidden_polls: int
    seconds: float
    width: int = 0
    height: int = 0
    polls: int = 0
    media: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def asset_type(self) -> str:
        return ASSET_TYPES[self.type]

    def step(self, world: World, pace: str) -> Step:
        """Where the generation is now; a status call counts itself before it looks."""
        passed = (
            max(0, self.polls - self.hidden_polls - 1) if pace == "polls" else world.clock.now() - self.created
        )
        return [step for step in self.script if step.at <= passed][-1]


def created_answer(job: Job, switches: Switches) -> Body:
    """The body of a successful POST /generations."""
    if switches.form == "2025-07":
        echo = {name: value for name, value in job.input.items() if value is not None and name not in NEWER}
        if job.type == "video":
            inputs: Body = echo["generated_video_inputs"]
            echo["generated_video_inputs"] = {name: value for name, value in inputs.items() if name not in NEWER}
        return {**echo, "id": job.id, "asset_id": job.asset_id}
    state: Body = {"created_at": stamp(job.created), "status": "queued", "progress": 0.0}
    ids: Body = {"id": job.id, "asset_id": job.asset_id}
    body = {**job.input, **ids, **state, "eta_sec": 8 if job.type == "text_to_speech" else None}
    if job.type == "video":
        body |= {"batch_size": 1, "batch_generation_id": None, "batch_results": [{**ids, **state, "error": None}]}
    return body


def status_answer(job: Job, step: Step, world: World, switches: Switches) -> Body:
    """The body of GET /generations/{id}/status."""
    body: Body = {
        "id": job.id,
        "asset_id": job.asset_id,
        "type": job.asset_type,
        "created_at": stamp(job.created),
        "status": step.status,
        "progress": step.progress,
    }
    if switches.eta and step.eta_sec is not None:
        body["eta_sec"] = step.eta_sec
    optional = _optional(job, step, world, switches)
    return body | {name: optional[name] for name in (_shown(switches.form) if step.show is None else step.show)}


def listed(job: Job, step: Step, asset: Body | None, switches: Switches) -> Body:
    """One entry of GET /generations."""
    failed = step.status == "error"
    return {
        "id": job.id,
        "type": job.asset_type,
        "input": {name: value for name, value in job.input.items() if value is not None},
        "status": step.status,
        "progress": step.progress,
        "eta_sec": step.eta_sec,
        "created_at": stamp(job.created),
        "credit_cost": job.cost,
        "batch_generation_id": None,
        "asset": asset,
        "error": _reason(step) if failed and switches.form != "2025-07" else None,
        "error_message": step.message if failed else None,
    }


def _shown(form: Form) -> tuple[str, ...]:
    old = ("error_message", "url")
    new = (*old, "download_url", "streaming_url", "workspace_id")
    return {"2025-07": old, "2026-02": new, "2026-07": (*new, "error")}[form]


def _optional(job: Job, step: Step, world: World, switches: Switches) -> Body:
    done, failed = step.status == "complete", step.status == "error"
    addresses = {
        name: world.shelf.url(job.media[name]) if done and name in switches.urls and name in job.media else None
        for name in ("url", "download_url", "streaming_url")
    }
    by_object = switches.form == "2026-07"
    return {
        **addresses,
        "workspace_id": None,
        "error_message": step.message if failed and not by_object else None,
        "error": _reason(step) if failed else None,
    }


def _reason(step: Step) -> Body:
    reason = {"type": "UNKNOWN", "reason_code": None, "message": step.message, **step.reason}
    return reason | {name: None for name in ERROR_MEMBERS if name not in reason}
