"""HeyGen through useapi.net: accounts, languages, voices and a synchronous text to speech."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from emulators import media
from emulators.heygen_voices import (
    LANGUAGES,
    RANGES,
    Switches,
    Voice,
    chosen_engine,
    given_fields,
    unfit,
    unsupported,
)
from emulators.message import Answer, Body, Received, said, switched
from emulators.world import Media, World

DAILY_LIMIT = "Daily voice duration limit reached, please upgrade or try tomorrow."
NO_CONFIGURATION = {"error": "Configuration not found. To create configuration use POST /accounts.", "code": 404}


@dataclass(frozen=True)
class Spoken:
    answer: Body
    token: str
    ready: float


class HeyGen:
    name = "heygen"
    prefix = "/v1/heygen"

    def __init__(self, world: World) -> None:
        self._switches = Switches()
        self._world = world
        self._preview = world.shelf.put(Media("preview.mp3", "audio/mpeg", lambda: media.sound("mp3", 2.0)))
        self._cache: dict[str, Spoken] = {}
        self._spoken: dict[tuple[str, int], float] = {}
        self._added: dict[str, int] = {}
        self._removed: set[str] = set()

    def switch(self, changes: Body) -> Body:
        self._switches = switched(self._switches, changes)
        return self._switches.model_dump(mode="json")

    def credential(self, request: Received) -> str | None:
        return request.bearer

    def not_found(self) -> Answer:
        return _wrong(404, "Not found")

    def inventory(self) -> Body:
        seconds = {f"{email} day {day}": spoken for (email, day), spoken in self._spoken.items()}
        return {"accounts": self._accounts, "seconds_spoken": seconds, "cached": len(self._cache)}

    def handle(self, request: Received) -> Answer:
        if self._switches.decommissioned:
            return _wrong(self._switches.decommissioned, "HeyGen API has been decommissioned")
        if self.credential(request) not in self._world.keys:
            return _wrong(401, "Unauthorized")
        if not self._switches.subscribed:
            return _wrong(402, "Subscription required")
        routes: dict[tuple[str, str], Callable[[Received], Answer]] = {
            ("GET", "/accounts"): lambda _: said(200, [self._account(email) for email in self._accounts]),
            ("POST", "/accounts"): self._add_account,
            ("GET", "/tts/languages"): self._list_languages,
            ("GET", "/tts/voices"): self._list_voices,
            ("POST", "/tts/create"): self._speak,
        }
        route = routes.get((request.method, request.path))
        if route is None and request.method in {"GET", "DELETE"} and request.path.startswith("/accounts/"):
            route = self._one_account
        return route(request) if route else self.not_found()

    @property
    def _accounts(self) -> list[str]:
        return [email for email in (*self._switches.accounts, *self._added) if email not in self._removed]

    def _account(self, email: str) -> Body:
        session = dict.fromkeys(("ExpireTime", "ExpireTimeUTC", "space_id", "username"), "…secured…")
        flags = {"ack_agreement": True, "internal": False, "need_mfa": False}
        max_jobs = self._added.get(email, 10)
        return {"email": email, "session": session | flags, "maxJobs": max_jobs, "password": "…secured…"}

    def _add_account(self, request: Received) -> Answer:
        fields = request.fields or {}
        max_jobs: Any = fields.get("maxJobs")
        if any(not isinstance(fields.get(name), str) or not fields[name] for name in ("email", "password")):
            return _wrong(400, "email and password are required")
        if type(max_jobs) is not int or not 1 <= max_jobs <= 10:
            return _wrong(400, "maxJobs must be between 1 and 10")
        self._removed.discard(fields["email"])
        self._added[fields["email"]] = max_jobs
        return said(201, self._account(fields["email"]))

    def _one_account(self, request: Received) -> Answer:
        email = request.path.removeprefix("/accounts/")
        if email not in self._accounts:
            return said(404, NO_CONFIGURATION)
        if request.method == "GET":
            return said(200, self._account(email))
        self._removed.add(email)
        return Answer(204)

    def _choose_account(self, email: object) -> str | Answer:
        accounts = self._accounts
        if not accounts:
            return said(404, NO_CONFIGURATION)
        if email is None and len(accounts) > 1:
            return _wrong(400, f"Param email is required, configured accounts: {', '.join(accounts)}")
        chosen = accounts[0] if email is None else email
        if chosen not in accounts:
            return said(404, NO_CONFIGURATION)
        if chosen in self._switches.broken_accounts:
            return _wrong(596, f"Account {chosen} session error, configure it again")
        return str(chosen)

    def _list_languages(self, request: Received) -> Answer:
        account = self._query(request, "email")
        if isinstance(account, Answer):
            return account
        languages = [
            {
                "value": code,
                "label": f"{language} ({place})",
                "language": language,
                "tag": code.partition("-")[2],
                "locale": code,
                "language_code": code,
            }
            for code, language, place in LANGUAGES
        ]
        return said(200, {"languages": languages})

    def _list_voices(self, request: Received) -> Answer:
        account = self._query(request, "email", "voice_id")
        if isinstance(account, Answer):
            return account
        wanted = request.first("voice_id")
        found = [self._shown(voice) for voice in self._switches.voices if wanted in {None, voice.voice_id}]
        single = found[0] if wanted is not None and found else {"voices": found}
        shapes: Body = {
            "voices": {"voices": found},
            "bare": found,
            "data": {"data": found},
            "data.voices": {"data": {"voices": found}},
            "list": {"list": found},
            "single": single,
        }
        return said(200, shapes[self._switches.envelope])

    def _query(self, request: Received, *known: str) -> str | Answer:
        unknown = [name for name in request.query if name not in known]
        if unknown:
            return _wrong(400, f"Unknown param {unknown[0]}")
        return self._choose_account(request.first("email"))

    def _shown(self, voice: Voice) -> Body:
        return {
            "voice_id": voice.voice_id,
            "display_name": voice.name,
            "gender": voice.gender,
            "language": next(language for code, language, _ in LANGUAGES if code == voice.locale),
            "locale": voice.locale,
            "preview": self._world.shelf.url(self._preview),
            "voice_engines": list(voice.engines),
            "default_voice_engine": voice.default_engine,
            "settings": {"clone_emotions": [{"name": name} for name in voice.emotions]},
        }

    def _speak(self, request: Received) -> Answer:
        fields = given_fields(request)
        refusal = unfit(fields)
        if refusal:
            return _wrong(400, refusal, coded=False)
        account = self._choose_account(fields.get("email"))
        if isinstance(account, Answer):
            return account
        voice = next((voice for voice in self._switches.voices if voice.voice_id == fields["voice_id"]), None)
        if voice is None:
            return _wrong(400, f"Invalid voice_id {fields['voice_id']}", coded=False)
        refusal = unsupported(voice, fields)
        if refusal:
            return _wrong(400, refusal, coded=False)
        if self._world.in_flight[account] >= self._switches.max_jobs:
            busy = _wrong(429, f"Account {account} is running {self._switches.max_jobs} jobs already")
            return Answer(busy.status, busy.body, {**busy.headers, "Retry-After": "10"})
        return self._perform(account, voice, fields)

    def _perform(self, account: str, voice: Voice, fields: Mapping[str, Any]) -> Answer:
        now = self._world.clock.now()
        numbers = {name: float(fields.get(name, default)) for name, (_, _, default) in RANGES.items()}
        asked = {**fields, **numbers}
        asked["engine"] = fields.get("engine") or chosen_engine(voice)
        same = json.dumps({name: value for name, value in asked.items() if name != "email"}, sort_keys=True)
        cached = self._cache.get(same)
        if cached is not None and cached.ready <= now:
            return said(200, cached.answer, cached=True, lane=account)
        seconds = media.spoken_seconds(fields["prompt"], asked["speed"] / 100)
        day = (account, int(now // 86_400))
        allowed = self._switches.daily_seconds
        if allowed is not None and self._spoken.get(day, 0.0) + seconds > allowed:
            return _wrong(self._switches.daily_limit_status, DAILY_LIMIT, coded=False)
        self._spoken[day] = self._spoken.get(day, 0.0) + seconds
        kind = self._switches.sound
        token = self._world.shelf.put(Media("speech.mp3", "audio/mpeg", lambda: media.sound(kind, seconds)))
        body = self._outcome(fields["prompt"], seconds, token)
        if self._switches.outcome == "done":
            self._cache[same] = Spoken(body, token, now + self._switches.processing)
        created = {"kind": "speech", "id": token, "seconds": seconds}
        return said(200, body, created=created, cost=seconds, lane=account, seconds=self._switches.processing)

    def _outcome(self, prompt: str, seconds: float, token: str) -> Body:
        done: Body = {
            "audio_url": self._world.shelf.url(token),
            "duration": seconds,
            "is_pass": True,
            "job_id": None,
            "word_timestamps": _timestamps(prompt, seconds),
        }
        match self._switches.outcome:
            case "done":
                return done
            case "not_passed":
                return {"is_pass": False, "job_id": None}
            case "job":
                return {"is_pass": True, "job_id": self._world.names.token("job", 12)}
            case "empty":
                return {}


def _wrong(status: int, words: str, *, coded: bool = True) -> Answer:
    return said(status, {"error": words} | ({"code": status} if coded else {}))


def _timestamps(prompt: str, seconds: float) -> list[Body]:
    words = prompt.split()
    step = seconds / max(1, len(words))
    return [
        {"word": word, "start": round(step * n, 3), "end": round(step * (n + 0.9), 3)}
        for n, word in enumerate(words)
    ]
