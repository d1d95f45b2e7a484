"""Tools and a prompt that ask the client something: in the middle of a call, or by returning the question."""

from typing import Annotated, Any, Literal

from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.prompts.base import UserMessage
from mcp.server.mcpserver.resolve import Resolve, Sample
from mcp.types import (
    CreateMessageRequest,
    CreateMessageRequestParams,
    CreateMessageResult,
    ElicitRequest,
    ElicitRequestFormParams,
    ElicitResult,
    InputRequiredResult,
    ListRootsRequest,
    ListRootsResult,
    SamplingMessage,
    TextContent,
)
from pydantic import BaseModel, Field
from pydantic.config import JsonDict

CALLED = "The conformance suite calls this."
Anything = Context[Any, Any]


class Person(BaseModel):
    """What `test_elicitation` asks for."""

    username: str = Field(description="User's response")
    email: str = Field(description="User's email address")


class Defaults(BaseModel):
    """One field of each primitive type, with its default."""

    name: str = "John Doe"
    age: int = 30
    score: float = 95.5
    status: Literal["active", "inactive", "pending"] = "active"
    verified: bool = True


TITLED: list[JsonDict] = [{"const": "value1", "title": "First"}, {"const": "value2", "title": "Second"}]


class Choices(BaseModel):
    """The five ways to offer a choice."""

    untitled_single: Literal["option1", "option2", "option3"] = Field(alias="untitledSingle")
    titled_single: str = Field(alias="titledSingle", json_schema_extra={"oneOf": [*TITLED]})
    legacy: str = Field(
        alias="legacyEnum", json_schema_extra={"enum": ["opt1", "opt2"], "enumNames": ["Option One", "Option Two"]}
    )
    untitled_multi: list[Literal["option1", "option2", "option3"]] = Field(alias="untitledMulti")
    titled_multi: list[str] = Field(alias="titledMulti", json_schema_extra={"items": {"anyOf": [*TITLED]}})


def _message(text: str) -> SamplingMessage:
    return SamplingMessage(role="user", content=TextContent(type="text", text=text))


def add_questions(server: MCPServer[Any]) -> None:
    """Tools that ask the client in the middle of a call, as the revision of 2025-11-25 has it."""
    tool = server.tool(description=CALLED, structured_output=False)

    def sampled(prompt: str) -> Sample:
        return Sample([_message(prompt)], max_tokens=100)

    @tool
    async def test_sampling(prompt: str, answer: Annotated[CreateMessageResult, Resolve(sampled)]) -> str:
        return f"LLM response: {answer.content}"

    @tool
    async def test_elicitation(message: str, ctx: Anything) -> str:
        return f"User response: {await ctx.elicit(message, Person)}"

    @tool
    async def test_elicitation_sep1034_defaults(ctx: Anything) -> str:
        return f"Elicitation completed: {await ctx.elicit('Who are you?', Defaults)}"

    @tool
    async def test_elicitation_sep1330_enums(ctx: Anything) -> str:
        return f"Elicitation completed: {await ctx.elicit('Which?', Choices)}"


def _form(message: str, field: str, kind: str = "string") -> ElicitRequest:
    schema = {"type": "object", "properties": {field: {"type": kind}}, "required": [field]}
    return ElicitRequest(params=ElicitRequestFormParams(message=message, requested_schema=schema))


def _sampling(prompt: str, max_tokens: int) -> CreateMessageRequest:
    params = CreateMessageRequestParams(messages=[_message(prompt)], max_tokens=max_tokens)
    return CreateMessageRequest(params=params)


def _answer(ctx: Anything, key: str, field: str) -> str | None:
    """What the user filled in, or None when it was not asked yet or not answered."""
    answer = (ctx.input_responses or {}).get(key)
    if not isinstance(answer, ElicitResult) or not answer.content or field not in answer.content:
        return None
    return str(answer.content[field])


def add_input_required(server: MCPServer[Any]) -> None:
    """Tools and a prompt that ask by returning, as the revision of 2026-07-28 has it."""
    tool = server.tool(description=CALLED, structured_output=False)
    prompt = server.prompt(description=CALLED)

    @tool
    def test_input_required_result_elicitation(ctx: Anything) -> str | InputRequiredResult:
        name = _answer(ctx, "user_name", "name")
        if name is None:
            return InputRequiredResult(input_requests={"user_name": _form("What is your name?", "name")})
        return f"Hello, {name}!"

    @tool
    def test_input_required_result_sampling(ctx: Anything) -> str | InputRequiredResult:
        answer = (ctx.input_responses or {}).get("capital_question")
        if not isinstance(answer, CreateMessageResult):
            question = _sampling("What is the capital of France?", 100)
            return InputRequiredResult(input_requests={"capital_question": question})
        return str(answer.content)

    @tool
    def test_input_required_result_list_roots(ctx: Anything) -> str | InputRequiredResult:
        answer = (ctx.input_responses or {}).get("client_roots")
        if not isinstance(answer, ListRootsResult):
            return InputRequiredResult(input_requests={"client_roots": ListRootsRequest()})
        return ", ".join(str(root.uri) for root in answer.roots)

    @tool
    def test_input_required_result_request_state(ctx: Anything) -> str | InputRequiredResult:
        if ctx.request_state == "asked" and _answer(ctx, "confirm", "ok") is not None:
            return "state-ok"
        confirm = _form("Please confirm", "ok", "boolean")
        return InputRequiredResult(input_requests={"confirm": confirm}, request_state="asked")

    @tool
    def test_input_required_result_multiple_inputs(ctx: Anything) -> str | InputRequiredResult:
        if ctx.request_state == "asked" and len(ctx.input_responses or {}) == 3:
            return "All three were answered."
        return InputRequiredResult(
            input_requests={
                "user_name": _form("What is your name?", "name"),
                "greeting": _sampling("Generate a greeting", 50),
                "client_roots": ListRootsRequest(),
            },
            request_state="asked",
        )

    @tool
    def test_input_required_result_multi_round(ctx: Anything) -> str | InputRequiredResult:
        if ctx.request_state == "round 2" and (colour := _answer(ctx, "step2", "color")) is not None:
            return f"You like {colour}."
        if ctx.request_state == "round 1" and _answer(ctx, "step1", "name") is not None:
            step = _form("Step 2: What is your favorite color?", "color")
            return InputRequiredResult(input_requests={"step2": step}, request_state="round 2")
        step = _form("Step 1: What is your name?", "name")
        return InputRequiredResult(input_requests={"step1": step}, request_state="round 1")

    @tool
    def test_input_required_result_tampered_state(ctx: Anything) -> str | InputRequiredResult:
        if ctx.request_state == "asked":
            return "state-ok"
        confirm = _form("Please confirm", "ok", "boolean")
        return InputRequiredResult(input_requests={"confirm": confirm}, request_state="asked")

    @tool
    def test_input_required_result_capabilities(ctx: Anything) -> str | InputRequiredResult:
        able = ctx.client_capabilities
        requests: dict[str, Any] = {}
        if able and able.elicitation:
            requests["user_name"] = _form("What is your name?", "name")
        if able and able.sampling:
            requests["greeting"] = _sampling("Generate a greeting", 50)
        return InputRequiredResult(input_requests=requests) if requests else "Nothing to ask."

    @tool
    def test_streaming_elicitation(ctx: Anything) -> str | InputRequiredResult:
        return test_input_required_result_elicitation(ctx)

    def sampled() -> Sample:
        return Sample([_message("Say hello.")], max_tokens=10)

    @tool
    def test_missing_capability(answer: Annotated[CreateMessageResult, Resolve(sampled)]) -> str:
        return str(answer.content)

    @prompt
    def test_input_required_result_prompt(ctx: Anything) -> list[UserMessage] | InputRequiredResult:
        context = _answer(ctx, "user_context", "context")
        if context is None:
            question = _form("What context should the prompt use?", "context")
            return InputRequiredResult(input_requests={"user_context": question})
        return [UserMessage(context)]
