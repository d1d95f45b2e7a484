"""The prompts: what people often want of Soundstage, told to a model step by step.

A prompt is a function whose docstring is the description and whose parameters, all of them text, are the
arguments. It returns what the user would have written.
"""

import inspect
import json
from collections.abc import Callable, Mapping
from typing import Annotated, cast

from mcp.shared.exceptions import MCPError
from mcp.types import (
    INVALID_PARAMS,
    GetPromptResult,
    Prompt,
    PromptArgument,
    PromptMessage,
    TextContent,
)
from pydantic import Field
from pydantic.fields import FieldInfo

Text = Callable[..., str]

MAX_CHARACTERS = 20_000
"""The longest argument of a prompt."""

VoiceId = Annotated[str, Field(description="A voice handle, such as local:af_heart. Empty: a fitting one.")]


def narrate_file(
    *,
    path: Annotated[str, Field(description="The text file to be read aloud.")],
    voice_id: VoiceId = "",
) -> str:
    """Read a text file aloud: audio files of all that it says."""
    choose = (
        f"Speak with voice_id={_said(voice_id)}."
        if voice_id
        else "Choose a voice of the text's language: list_voices(language=…)."
    )
    return f"""\
Read the file {_said(path)} aloud with Soundstage.
1. Read it, and write out what a narrator would say: all of its prose, word for word, without markup, link \
addresses and page numbers.
2. {choose} `takes`, in what list_voices returns, says how many characters of text one call may have.
3. Call synthesize_speech(text=…, voice_id=…). What is too long for one call goes into several, divided between \
paragraphs, or else between sentences.
4. Follow them with get_generation_status(generation_id=…, also=[…], wait_seconds=50) until all have ended.
5. Tell me the URLs of the audio in their order, and whether anything was charged."""


def talking_head_intro(
    *,
    portrait: Annotated[
        str, Field(description="The picture of a face: path or https URL. Empty: a drawn host.")
    ] = "",
    text: Annotated[str, Field(description="What they say, word for word. Empty: written from who.")] = "",
    who: Annotated[str, Field(description="Who they are, for a text yet to be written.")] = "",
    voice_id: VoiceId = "",
    model: Annotated[str, Field(description="A model handle, such as hedra:avatar. Empty: the default.")] = "",
) -> str:
    """Have a portrait introduce itself in a short video."""
    if text:
        words = f"The text, word for word: {_said(text)}"
    elif who:
        words = (
            f"Write the text: at most 40 words, in the first person, in which this person says hello and who they "
            f"are, with no fact but these: {_said(who)}"
        )
    else:
        words = "Ask me who this is, and write the text: at most 40 words in the first person."
    given = {"image": portrait, "voice_id": voice_id, "model": model}
    arguments = ", ".join(["text=…", *(f"{name}={_said(value)}" for name, value in given.items() if value)])
    return f"""\
Make a talking-head video with Soundstage.
1. {words}
2. Call create_avatar_video({arguments}, wait_seconds=50).
3. While its status is queued or processing, call get_generation_status(generation_id=…, wait_seconds=50). Do not \
ask for the video a second time.
4. Tell me the video's URL, what is said in it, and whether anything was charged."""


def clone_my_voice(
    *,
    sample: Annotated[str, Field(description="The recording of one speaker: path or https URL.")],
    name: Annotated[str, Field(description="What to call the voice.")],
    provider: Annotated[str, Field(description="Who clones it. Empty: the only one that can.")] = "",
) -> str:
    """Clone a voice from a recording, with its speaker's consent, and try it."""
    given = {"audio": sample, "name": name, "provider": provider}
    arguments = ", ".join(f"{argument}={_said(value)}" for argument, value in given.items() if value)
    return f"""\
Clone the voice in the recording {_said(sample)} with Soundstage.
1. Ask me whether the voice is mine, or its speaker has agreed to its being cloned. Unless I say yes, stop here.
2. Call clone_voice({arguments}, consent=true). Where several providers could clone, ask me which one may \
have the recording.
3. Call get_generation_status(generation_id=…, wait_seconds=50) until it has succeeded. It then has a voice_id.
4. Let me hear it: synthesize_speech(text="Hello, this is my voice.", voice_id=…, wait_seconds=50).
5. Tell me the voice_id, the URL of the audio, and how to remove the voice: delete_voice(voice_id=…), or, where \
its provider cannot do that, the provider's own app."""


PROMPTS: Mapping[str, tuple[str, Text]] = {
    "narrate_file": ("Narrate a file", narrate_file),
    "talking_head_intro": ("Talking-head introduction", talking_head_intro),
    "clone_my_voice": ("Clone my voice", clone_my_voice),
}


def listed() -> list[Prompt]:
    """Every prompt with its arguments."""
    return [
        Prompt(name=name, title=title, description=inspect.getdoc(text), arguments=arguments_of(text))
        for name, (title, text) in PROMPTS.items()
    ]


def arguments_of(text: Text) -> list[PromptArgument]:
    """The arguments of a prompt."""
    return [
        PromptArgument(
            name=one.name,
            description=cast("FieldInfo", one.annotation.__metadata__[0]).description,
            required=one.default is one.empty,
        )
        for one in inspect.signature(text, eval_str=True).parameters.values()
    ]


def written(name: str, given: Mapping[str, str]) -> GetPromptResult:
    """The prompt of this name, with its arguments.

    Raises:
        MCPError: there is none, or an argument is missing, unknown or too long.
    """
    if name not in PROMPTS:
        raise _refused(f"unknown_prompt: No prompt has this name. The prompts are: {', '.join(PROMPTS)}.")
    _, text = PROMPTS[name]
    arguments = arguments_of(text)
    takes = ", ".join(one.name for one in arguments)
    if not given.keys() <= {one.name for one in arguments}:
        raise _refused(f"invalid_arguments: {name} has no such argument. It takes: {takes}.")
    if missing := [one.name for one in arguments if one.required and not given.get(one.name, "").strip()]:
        raise _refused(f"invalid_arguments: {name} needs {' and '.join(missing)}.")
    if long := [one for one, value in given.items() if len(value) > MAX_CHARACTERS]:
        raise _refused(f"invalid_arguments: {' and '.join(long)} may have up to {MAX_CHARACTERS:,} characters.")
    plain = {one: value.strip() for one, value in given.items()}
    message = PromptMessage(role="user", content=TextContent(type="text", text=text(**plain)))
    return GetPromptResult(description=inspect.getdoc(text), messages=[message])


def _said(value: str) -> str:
    """What the user gave, in quotation marks that it cannot end itself."""
    return json.dumps(value, ensure_ascii=False)


def _refused(words: str) -> MCPError:
    return MCPError(INVALID_PARAMS, words)
