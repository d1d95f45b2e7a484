"""The composition root: settings and providers become a studio, and the studio an MCP server."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from importlib.metadata import entry_points

from mcp.server import MCPServer
from mcp.server.request_state import RequestStateSecurity

from soundstage import __version__
from soundstage.generations.sqlite.store import SqliteStore
from soundstage.providers.hedra.provider import HedraProvider
from soundstage.providers.heygen.provider import HeyGenProvider
from soundstage.providers.local.provider import LocalProvider
from soundstage.providers.port import Provider
from soundstage.providers.speechgen.provider import SpeechGenProvider
from soundstage.settings import Settings
from soundstage.studio import LiveStudio
from soundstage_tools.catalogue import tools
from soundstage_tools.resources import StudioServer

PLUGINS = "soundstage.providers"

ANSWER_SECONDS = 3600.0
"""How long a user may think about a question that a client puts to them between two calls."""

INSTRUCTIONS = """\
Soundstage gives you a voice and a face. synthesize_speech, create_avatar_video and clone_voice return a \
generation at once: call get_generation_status(generation_id="...", wait_seconds=50) until its status is \
neither queued nor processing, and give the user the URLs of its assets.
- One sentence to a clip: create_avatar_video(text="...", wait_seconds=50). image, voice_id and model are optional.
- Speech alone: synthesize_speech(text="..."). Choose a voice with list_voices; handles look like "local:af_heart".
- A wait that runs out is no failure: call get_generation_status again. Do not ask for the same thing anew while \
it is processing. also=[...] follows several; list_generations finds lost handles; cancel_generation stops one.
- Pass handles on: audio takes a file, a URL, or the generation_id of a speech that may still be running.
- Any voice can drive any face: voice_id and model may name different providers, such as "hedra:avatar".
- clone_voice(audio="sample.wav", name="...", provider="...", consent=true) ends with a voice_id to speak with. \
Ask the user first whether the speaker agreed; their client may ask them too. delete_voice removes the voice, \
where its provider can.
- Some providers charge. A repeat with the same idempotency_key never pays twice. After needs_attention only the \
user may have it made again, with force_new=true and a new key.
- list_providers says what is set up, what is missing and how to add it; the resource \
soundstage://providers/{name} has the exact ranges of one.
"""


def providers(settings: Settings) -> list[Provider]:
    """The providers of this installation: our own, and those that other distributions bring.

    A distribution adds one through the entry-point group `soundstage.providers`: a callable that takes
    `Settings` and returns a `soundstage.providers.port.Provider`.
    """
    jobs = settings.home / "jobs"
    found: list[Provider] = [
        LocalProvider(settings.home / "work", settings.home / "voices"),
        HedraProvider(settings.hedra, jobs / "hedra"),
        HeyGenProvider(settings.useapi, jobs / "heygen", settings.useapi_email),
        SpeechGenProvider(settings.speechgen, jobs / "speechgen"),
    ]
    found += [plugin.load()(settings) for plugin in entry_points(group=PLUGINS)]
    return found


def create_studio(
    settings: Settings, served: Sequence[Provider] | None = None, *, adopts: bool = True
) -> LiveStudio:
    """The studio for `settings`, with `served` and `adopts` as `create_server` takes them."""
    served = providers(settings) if served is None else served
    return LiveStudio(settings, served, partial(SqliteStore, settings.home / "state.db"), adopts=adopts)


def create_server(
    settings: Settings, served: Sequence[Provider] | None = None, *, adopts: bool = True
) -> MCPServer:
    """A server for `settings`. It touches no file and starts no process until it is run.

    `served` replaces the providers of this installation; `adopts` lets it finish what others left behind.
    """
    studio = create_studio(settings, served, adopts=adopts)

    @asynccontextmanager
    async def lifespan(_: MCPServer) -> AsyncGenerator[None]:
        async with studio.running():
            yield

    return StudioServer(
        studio,
        "soundstage",
        title="Soundstage",
        version=__version__,
        instructions=INSTRUCTIONS,
        tools=tools(studio),
        lifespan=lifespan,
        request_state_security=RequestStateSecurity.ephemeral(ttl=ANSWER_SECONDS),
        log_level="WARNING",
    )
