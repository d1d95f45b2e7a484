"""Hedra's `web-app/public` API: assets, voices, generations."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from emulators import media
from emulators.clock import is_moment, moment
from emulators.hedra_assets import Holdings, Upload
from emulators.hedra_catalogue import MODELS, VOICES
from emulators.hedra_jobs import Job, created_answer, listed, status_answer
from emulators.hedra_orders import Refusal, impossible, invalid, order
from emulators.message import JSON, MULTIPART, Answer, Body, Received, said, switched
from emulators.openapi import Document, Fault
from emulators.world import Media, World

PICTURES = ("png", "jpeg", "webp")


class Hedra:
    name = "hedra"
    prefix = "/web-app/public"

    def __init__(self, world: World) -> None:
        picture = world.shelf.put(Media("thumbnail.png", "image/png", lambda: media.png(64, 64)))
        preview = world.shelf.put(Media("preview.mp3", "audio/mpeg", lambda: media.sound("mp3", 2.0)))
        self._keys = world.keys
        self._held = Holdings(world, picture, preview)
        self._document = Document(Path(__file__).with_name("hedra_openapi.json"))

    def switch(self, changes: Body) -> Body:
        self._held.switches = switched(self._held.switches, changes)
        return self._held.switches.model_dump(mode="json")

    def credential(self, request: Received) -> str | None:
        return request.headers.get("x-api-key")

    def not_found(self) -> Answer:
        return said(404, {"detail": "Not Found"})

    def inventory(self) -> Body:
        uploads = [
            {"id": u.id, "type": u.type, "uploaded": u.probed is not None} for u in self._held.uploads.values()
        ]
        generations = [self._listed(job) for job in self._held.jobs.values()]
        return {"generations": generations, "uploads": uploads, "credits_used": self._held.spent}

    def handle(self, request: Received) -> Answer:
        if self.credential(request) not in self._keys:
            wrong = {"detail": "Unable to authenticate user with API Key"}
            return said(self._held.switches.auth_status, wrong)
        try:
            return self._serve(request)
        except Refusal as refusal:
            return refusal.answer

    def _serve(self, request: Received) -> Answer:
        plain: dict[tuple[str, str], Callable[[Received], Answer]] = {
            ("GET", "/models"): self._list_models,
            ("GET", "/voices"): self._list_voices,
            ("GET", "/assets"): self._list_assets,
            ("POST", "/assets"): self._create_asset,
            ("GET", "/generations"): self._list_generations,
            ("POST", "/generations"): self._generate,
            ("GET", "/billing/credits"): self._credits,
        }
        match request.method, request.path.split("/"):
            case "POST", ["", "assets", asset_id, "upload"]:
                return self._upload(request, asset_id)
            case "GET", ["", "generations", generation_id, "status"]:
                return self._status(generation_id)
            case method, _:
                route = plain.get((method, request.path))
                return route(request) if route else self._unrouted(request.path)

    def _unrouted(self, path: str) -> Answer:
        """405 where the path is one of the document's, with the methods that it takes; else 404."""
        allowed = self._document.methods(path)
        wrong = said(405, {"detail": "Method Not Allowed"})
        return (
            replace(wrong, headers={**wrong.headers, "Allow": ", ".join(allowed)}) if allowed else self.not_found()
        )

    def _list_models(self, request: Received) -> Answer:
        asked = self._query(request, "/models")
        wanted = asked.get("types", ["video"])
        return said(200, [model.shown(place) for place, model in enumerate(MODELS, 1) if "video" in wanted])

    def _list_voices(self, request: Received) -> Answer:
        self._query(request, "/voices")
        return said(200, [self._held.stock(voice) for voice in VOICES])

    def _credits(self, request: Received) -> Answer:
        self._query(request, "/billing/credits")
        spent, all_credits = self._held.spent, self._held.switches.credits
        return said(
            200, {"remaining": all_credits - spent, "expiring": 0, "used": spent, "workspace_credits": None}
        )

    def _list_assets(self, request: Received) -> Answer:
        asked = self._query(request, "/assets")
        found = self._held.assets(asked["type"])
        return said(200, [asset for asset in found if asset["id"] in asked.get("ids", [asset["id"]])])

    def _create_asset(self, request: Received) -> Answer:
        body = self._body(request)
        self._refuse(self._document.faults("CreateAssetRequest", body, "body"))
        world = self._held.world
        upload = Upload(world.names.uuid("upload"), body["type"], body["name"], world.clock.now())
        self._held.uploads[upload.id] = upload
        answer = {"name": upload.name, "type": upload.type, "id": upload.id, "upload_url": None}
        return said(200, answer, created={"kind": "asset", "id": upload.id, "type": upload.type})

    def _upload(self, request: Received, asset_id: str) -> Answer:
        self._refuse(self._document.faults("Id", asset_id, "path", "id"))
        upload = self._held.uploads.get(asset_id)
        if request.content_type != MULTIPART or [part.name for part in request.parts] != ["file"]:
            self._refuse([Fault(("body", "file"), "Field required", "missing")])
        part = request.parts[0]
        if part.filename is None:
            self._refuse([Fault(("body", "file"), "Value error, Expected UploadFile", "value_error")])
        if upload is None:
            raise Refusal(self.not_found())
        switches = self._held.switches
        if len(part.content) > switches.upload_limit:
            raise impossible(413, f"File is larger than {switches.upload_limit} bytes")
        probed = media.probe(part.content)
        allowed = PICTURES if upload.type == "image" else switches.audio_containers
        if probed is None or probed.container not in allowed:
            raise impossible(400, f"File is not a valid {upload.type} ({', '.join(allowed)})")
        content_type = media.CONTENT_TYPES.get(probed.container, f"image/{probed.container}")
        upload.probed = probed
        upload.token = self._held.world.shelf.put(Media(upload.name, content_type, lambda: part.content))
        return said(200, self._held.uploaded(upload))

    def _generate(self, request: Received) -> Answer:
        job = order(self._held, self._document, self._body(request))
        self._held.jobs[job.id] = job
        self._held.spent += job.cost
        created = {"kind": "generation", "id": job.id, "asset_id": job.asset_id, "type": job.type}
        return said(200, created_answer(job, self._held.switches), created=created, cost=job.cost)

    def _status(self, generation_id: str) -> Answer:
        self._refuse(self._document.faults("Id", generation_id, "path", "generation_id"))
        job = self._held.jobs.get(generation_id)
        if job is None:
            return self.not_found()
        job.polls += 1
        if job.polls <= job.hidden_polls:
            return self.not_found()
        return said(200, status_answer(job, self._held.step(job), self._held.world, self._held.switches))

    def _list_generations(self, request: Received) -> Answer:
        asked = self._query(request, "/generations")
        limit, offset = asked.get("limit", 100), asked.get("offset", 0)
        newest_first = [job for job in reversed(self._held.jobs.values()) if self._is_asked_for(job, asked)]
        data = [self._listed(job) for job in newest_first[offset : offset + limit]]
        return said(200, {"page_info": {"limit": limit, "offset": offset}, "data": data})

    def _is_asked_for(self, job: Job, asked: Body) -> bool:
        if self._held.world.clock.now() - job.created < self._held.switches.list_delay:
            return False
        told = job.input.get("text") or job.input.get("generated_video_inputs", {}).get("text_prompt", "")
        return (
            asked.get("type", job.asset_type) == job.asset_type
            and job.id in asked.get("ids", [job.id])
            and asked.get("prompt_query", "").lower() in told.lower()
            and ("created_after" not in asked or job.created > moment(asked["created_after"]))
            and ("created_before" not in asked or job.created < moment(asked["created_before"]))
        )

    def _listed(self, job: Job) -> Body:
        step = self._held.step(job)
        asset = self._held.made(job) if step.status == "complete" else None
        return listed(job, step, asset, self._held.switches)

    def _body(self, request: Received) -> Body:
        if request.content_type != JSON or request.json is None:
            self._refuse([Fault(("body",), "JSON decode error", "json_invalid")])
        if request.fields is None:
            raise invalid(self._held, Fault(("body",), "Input should be a valid dictionary", "dict_type"))
        return request.fields

    def _query(self, request: Received, path: str) -> Body:
        """The query's members as the document types them. Refused: unknown, missing, malformed ones."""
        known: dict[str, Any] = {
            p["name"]: p for p in self._document.content["paths"][path]["get"].get("parameters", [])
        }
        unknown = [
            Fault(("query", name), "Extra inputs are not permitted", "extra_forbidden")
            for name in request.query
            if name not in known
        ]
        missing = [
            Fault(("query", name), "Field required", "missing")
            for name, parameter in known.items()
            if parameter["required"] and name not in request.query
        ]
        self._refuse(unknown + missing)
        asked: Body = {}
        for name, given in request.query.items():
            schema: Body = known[name]["schema"]
            asked[name] = _typed(schema.get("type"), list(given))
            self._refuse(self._document.faults_of(schema, asked[name], "query", name))
            if schema.get("format") == "date-time" and not is_moment(given[-1]):
                self._refuse(
                    [Fault(("query", name), "Input should be a valid datetime", "datetime_from_date_parsing")]
                )
        return asked

    def _refuse(self, faults: list[Fault]) -> None:
        if faults:
            raise invalid(self._held, *faults)


def _typed(kind: object, given: list[str]) -> object:
    if kind == "array":
        return given
    return int(given[-1]) if kind == "integer" and given[-1].lstrip("-").isdigit() else given[-1]
