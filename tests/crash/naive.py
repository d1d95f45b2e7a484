"""The naive order, to see that the trials find what it does: POST with two blind retries, then record.

It serves the paid tools over stdio, as little of them as the trials call, and knows the emulators by the settings
that Soundstage knows them by.
"""

import json
import os
import re
import sqlite3
import sys
from collections.abc import Iterator, Mapping, Sequence
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

NAIVE = (sys.executable, str(Path(__file__)))
RETRIES = 2
BOUNDARY = "naive-boundary"
AVATAR = "26f0fc66-152b-40ab-abed-76c43df99bc8"

Parts = Sequence[tuple[str, str, bytes]]


class Naive:
    """One provider's account, and a table of what was ordered there."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._provider, name = next(
            (provider, name)
            for provider, name in (("hedra", "HEDRA"), ("heygen", "USEAPI"), ("speechgen", "SPEECHGEN"))
            if f"{name}_BASE_URL" in environment
        )
        key = environment.get(f"{name}_API_KEY") or environment[f"{name}_API_TOKEN"]
        self._base_url = environment[f"{name}_BASE_URL"]
        self._headers = {"X-API-Key": key} if self._provider == "hedra" else {"Authorization": f"Bearer {key}"}
        self._workspace = Path(environment["SOUNDSTAGE_INPUT_ROOTS"])
        home = Path(environment["SOUNDSTAGE_HOME"])
        home.mkdir(exist_ok=True)
        self._rows = sqlite3.connect(home / "naive.db")
        self._rows.execute("CREATE TABLE IF NOT EXISTS rows (key TEXT PRIMARY KEY, answers TEXT, status TEXT)")

    def create(self, key: str, given: Mapping[str, Any]) -> str:
        """Order what is asked for, unless that is recorded; then record it. Returns how it stands."""
        if not (found := self._found(key)):
            answers = [self._ordered(given, text) for text in sentences(given.get("text", ""))]
            found = (json.dumps(answers), "processing")
            self._rows.execute("INSERT INTO rows VALUES (?, ?, ?)", (key, *found))
            self._rows.commit()
        return found[1]

    def follow(self, key: str) -> str:
        """Ask until it is done, and fetch what was made."""
        found = self._found(key)
        assert found is not None
        for answer in json.loads(found[0]):
            self._follow(answer)
        self._rows.execute("UPDATE rows SET status = 'succeeded' WHERE key = ?", (key,))
        self._rows.commit()
        return "succeeded"

    def _found(self, key: str) -> tuple[str, str] | None:
        return self._rows.execute("SELECT answers, status FROM rows WHERE key = ?", (key,)).fetchone()

    def _follow(self, answer: dict[str, Any]) -> None:
        if self._provider == "hedra":
            while answer.get("status") != "complete":
                answer = self._asked("GET", f"/generations/{answer['id']}/status")
        elif "model_id" in answer:
            while answer.get("status") != "ready":
                answer = self._asked("GET", f"/models/{answer['model_id']}")
        if url := answer.get("download_url") or answer.get("audio_url"):
            self._exchange("GET", url, b"", {})

    def _ordered(self, given: Mapping[str, Any], text: str) -> dict[str, Any]:
        voice = str(given.get("voice_id", "")).rpartition(":")[2]
        if self._provider == "heygen":
            return self._asked("POST", "/tts/create", {"voice_id": voice, "prompt": text})
        if self._provider == "speechgen" and "name" in given:
            parts = [("audio", given["audio"], self._file(given["audio"])), ("name", "", given["name"].encode())]
            return self._asked("POST", "/voice-clone", parts=parts)
        if self._provider == "speechgen":
            return self._asked("POST", "/text-to-speech", {"voice": voice, "text": text})
        return self._asked("POST", "/generations", self._hedra(given, voice, text))

    def _hedra(self, given: Mapping[str, Any], voice: str, text: str) -> dict[str, Any]:
        speech = {"type": "text_to_speech", "voice_id": voice, "text": text}
        if "image" not in given:
            if "name" not in given:
                return speech
            return {"type": "voice_clone", "audio_id": self._put("audio", given["audio"]), "name": given["name"]}
        said = (
            {"audio_id": self._put("audio", given["audio"])} if "audio" in given else {"audio_generation": speech}
        )
        look = {"text_prompt": given["prompt"], "aspect_ratio": "9:16", "resolution": "540p"}
        image = {"ai_model_id": AVATAR, "start_keyframe_id": self._put("image", given["image"])}
        return {"type": "video", **image, **said, "generated_video_inputs": look}

    def _put(self, kind: str, name: str) -> str:
        asset = self._asked("POST", "/assets", {"name": name, "type": kind})
        self._asked("POST", f"/assets/{asset['id']}/upload", parts=[("file", name, self._file(name))])
        return asset["id"]

    def _file(self, name: str) -> bytes:
        return (self._workspace / name).read_bytes()

    def _asked(self, method: str, path: str, body: object = None, parts: Parts = ()) -> dict[str, Any]:
        content, kind = (_form(parts), f"multipart/form-data; boundary={BOUNDARY}") if parts else (b"", "")
        if body is not None:
            content, kind = json.dumps(body).encode(), "application/json"
        headers = {**self._headers, **({"Content-Type": kind} if kind else {})}
        for left in reversed(range(RETRIES + 1)):
            try:
                return self._exchange(method, self._base_url + path, content, headers)
            except (OSError, HTTPException, ValueError):
                if not left:
                    raise
        raise AssertionError

    def _exchange(self, method: str, url: str, content: bytes, headers: Mapping[str, str]) -> dict[str, Any]:
        address = urlsplit(url)
        connection = HTTPConnection(address.netloc, timeout=30)
        try:
            target = address.path + (f"?{address.query}" if address.query else "")
            connection.request(method, target, content, dict(headers))
            answer = connection.getresponse()
            received = answer.read()
        finally:
            connection.close()
        if answer.status >= 300:
            raise OSError(received)
        return json.loads(received) if answer.getheader("Content-Type", "").startswith("application/json") else {}


def sentences(text: str) -> list[str]:
    return re.split(r"(?<=[.]) ", text)


def _form(parts: Parts) -> bytes:
    body = b""
    for name, file, content in parts:
        about = f'; filename="{file}"' if file else ""
        body += f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{about}\r\n\r\n'.encode()
        body += content + b"\r\n"
    return body + f"--{BOUNDARY}--\r\n".encode()


def served(naive: Naive, calls: Iterator[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """The answers to JSON-RPC calls. A generation's id is its key."""
    for call in calls:
        if call["method"] != "tools/call":
            yield {"id": call["id"], "result": {}}
            continue
        given = call["params"]["arguments"]
        key = given.get("idempotency_key") or given["generation_id"]
        status = naive.follow(key) if "generation_id" in given else naive.create(key, given)
        result = {"structuredContent": {"generation_id": key, "status": status}}
        yield {"id": call["id"], "result": result}


def _calls() -> Iterator[Mapping[str, Any]]:
    for line in sys.stdin:
        if "id" in (message := json.loads(line)):
            yield message


if __name__ == "__main__":
    for answer in served(Naive(os.environ), _calls()):
        sys.stdout.write(json.dumps({"jsonrpc": "2.0", **answer}) + "\n")
        sys.stdout.flush()
