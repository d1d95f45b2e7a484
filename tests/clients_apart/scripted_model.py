"""A language model on loopback that makes the calls it is told to, in the wire forms of three vendors."""

import json
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

Json = dict[str, Any]
USAGE = {"input_tokens": 1, "output_tokens": 1}
DONE = "That was all."


@dataclass
class ScriptedModel:
    """Calls the tools in turn, one a request, and then says that it is done.

    `calls` are names, as our server has them, with arguments. `shown` is what a client shows of our tools, by our
    names; `told` the result of each call as the client tells it.
    """

    calls: Sequence[tuple[str, Json]]
    shown: dict[str, Json] = field(default_factory=dict[str, Json])
    told: list[str] = field(default_factory=list[str])
    url: str = ""

    def openai(self, body: Json) -> Iterator[Json]:
        """The events of a response by the Responses API."""
        tools: list[Json] = body.get("tools", [])
        space = next((one for one in tools if one.get("name", "").endswith("soundstage")), None)
        if space:
            self.shown |= {str(one["name"]): one["parameters"] for one in space["tools"]}
        results = [item["output"] for item in body["input"] if item["type"] == "function_call_output"]
        call = self._next(results)
        if call and space:
            name, arguments = call
            item = {"type": "function_call", "name": name, "arguments": json.dumps(arguments)}
            item |= {"namespace": space["name"], "id": f"fc_{len(results)}", "call_id": f"call_{len(results)}"}
        else:
            words = [{"type": "output_text", "text": DONE}]
            item = {"type": "message", "id": "msg", "role": "assistant", "content": words}
        yield {"type": "response.created", "response": {"id": "r"}}
        yield {"type": "response.output_item.done", "output_index": 0, "item": item}
        yield {"type": "response.completed", "response": {"id": "r", "usage": {**USAGE, "total_tokens": 2}}}

    def gemini(self, body: Json) -> Iterator[Json]:
        """The one event of a streamed generateContent."""
        declared = [one for tool in body.get("tools", []) for one in tool.get("functionDeclarations", [])]
        named = self._show({one["name"]: one["parametersJsonSchema"] for one in declared})
        parts = [part for content in body["contents"] for part in content["parts"]]
        call = self._next([part["functionResponse"]["response"] for part in parts if "functionResponse" in part])
        part: Json = {"text": DONE}
        if call and named:
            name, arguments = call
            # The client's own argument, which it adds to every tool and sends along.
            part = {"functionCall": {"name": named[name], "args": {**arguments, "wait_for_previous": True}}}
        content = {"role": "model", "parts": [part]}
        yield {"candidates": [{"content": content, "finishReason": "STOP", "index": 0}]}

    def anthropic(self, body: Json) -> Iterator[Json]:
        """The events of a streamed message."""
        named = self._show({tool["name"]: tool.get("input_schema", {}) for tool in body.get("tools", [])})
        blocks = [one for said in body["messages"] if isinstance(said["content"], list) for one in said["content"]]
        call = self._next([block["content"] for block in blocks if block["type"] == "tool_result"])
        if call and named:
            name, arguments = call
            block: Json = {"type": "tool_use", "id": f"toolu_{len(self.told)}", "name": named[name], "input": {}}
            delta = {"type": "input_json_delta", "partial_json": json.dumps(arguments)}
            reason = "tool_use"
        else:
            block, delta, reason = {"type": "text", "text": ""}, {"type": "text_delta", "text": DONE}, "end_turn"
        message: Json = {
            "id": "msg",
            "type": "message",
            "role": "assistant",
            "model": body["model"],
            "content": [],
        }
        yield {"type": "message_start", "message": {**message, "stop_reason": None, "usage": USAGE}}
        yield {"type": "content_block_start", "index": 0, "content_block": block}
        yield {"type": "content_block_delta", "index": 0, "delta": delta}
        yield {"type": "content_block_stop", "index": 0}
        yield {"type": "message_delta", "delta": {"stop_reason": reason}, "usage": USAGE}
        yield {"type": "message_stop"}

    def _show(self, schemas: Mapping[str, Json]) -> dict[str, str]:
        """Note our tools; the client's name for each."""
        ours = {name: name.rpartition("soundstage")[2].strip("_") for name in schemas if "soundstage" in name}
        self.shown |= {ours[name]: schemas[name] for name in ours}
        return {own: name for name, own in ours.items()}

    def _next(self, results: Sequence[Any]) -> tuple[str, Json] | None:
        if len(results) > len(self.told):
            self.told = [json.dumps(one, ensure_ascii=False) for one in results]
        return self.calls[len(results)] if len(results) < len(self.calls) else None


@contextmanager
def answering(model: ScriptedModel) -> Generator[None]:
    """Serve the model on loopback while the context lasts; it knows its URL then."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

        def do_GET(self) -> None:
            self._answer(b"{}", "application/json")

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            forms = {"/responses": model.openai, "GenerateContent": model.gemini, "/messages": model.anthropic}
            form = next((form for part, form in forms.items() if part in self.path), None)
            if form is None:
                self._answer(b"{}", "application/json")
                return
            events = [(f"event: {one['type']}\n" if "type" in one else "", json.dumps(one)) for one in form(body)]
            stream = "".join(f"{named}data: {data}\n\n" for named, data in events)
            self._answer(stream.encode(), "text/event-stream")

        def _answer(self, body: bytes, content_type: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        model.url = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()
