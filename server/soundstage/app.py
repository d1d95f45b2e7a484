"""The composition root: settings and providers become a studio, and the studio an MCP server."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from importlib.metadata import entry_points

from mcp.server import MCPServer

from soundstage import __version__
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

INSTRUCTIONS = """\
Soundstage gives you a voice and a face: speech and talking-head videos as files with URLs.
- One sentence to a clip: create_avatar_video(text="...", wait_seconds=50). image and voice_id are optional.
- Speech alone: synthesize_speech(text="..."). Choose a voice with list_voices; handles look like "local:af_heart".
- synthesize_speech and create_avatar_video return a generation at once. Follow it with \
get_generation_status(generation_id, wait_seconds=50) until status is succeeded or failed; a wait that \
runs out is no failure. Do not ask for the same thing again while it is processing. also=[...] follows several; \
list_generations finds lost handles.
- clone_voice(audio="sample.wav", name="...") ends with a voice_id to speak with. Ask the speaker's consent first.
- Any voice can drive any face: voice_id and model may name different providers, such as "hedra:avatar".
- Pass handles on: audio takes a file, a URL, or the generation_id of a speech that may still be running.
- list_providers says what is set up, what is missing and how to add it.
"""


def providers(settings: Settings) -> list[Provider]:
    """The providers of this installation: our own, and those that other distributions bring.

    A distribution adds one through the entry-point group `soundstage.providers`: a callable that takes
    `Settings` and returns a `soundstage.providers.port.Provider`.
    """
    jobs = settings.home / "jobs"
    found: list[Provider] = [
        LocalProvider(settings.home / "work"),
        HedraProvider(settings.hedra, jobs / "hedra"),
        HeyGenProvider(settings.useapi, jobs / "heygen", settings.useapi_email),
        SpeechGenProvider(settings.speechgen, jobs / "speechgen"),
    ]
    found += [plugin.load()(settings) for plugin in entry_points(group=PLUGINS)]
    return found


def create_server(
    settings: Settings, served: Sequence[Provider] | None = None, *, adopts: bool = True
) -> MCPServer:
    """A server for `settings`. It touches no file and starts no process until it is run.

    `served` replaces the providers of this installation; `adopts` lets it finish what others left behind.
    """
    studio = LiveStudio(settings, providers(settings) if served is None else served, adopts=adopts)

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
        log_level="WARNING",
    )
