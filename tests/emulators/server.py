"""Start an emulator: in this process, or in one of its own."""

import asyncio
import json
import secrets
import select
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, cast

import uvicorn
from starlette.types import Receive, Scope, Send

from emulators.chaos import Chaos, Rule
from emulators.clock import Clock
from emulators.control import Control, control_app, leaks
from emulators.hedra import Hedra
from emulators.heygen import HeyGen
from emulators.ledger import Ledger, read_ledger
from emulators.message import Emulated
from emulators.speechgen import SpeechGen
from emulators.wire import Wire
from emulators.world import Names, Shelf, World

PROVIDERS: Mapping[str, Callable[[World], Emulated]] = {"hedra": Hedra, "heygen": HeyGen, "speechgen": SpeechGen}
SETTINGS = {
    "hedra": ("HEDRA_API_KEY", "HEDRA_BASE_URL"),
    "heygen": ("USEAPI_API_TOKEN", "USEAPI_BASE_URL"),
    "speechgen": ("SPEECHGEN_API_KEY", "SPEECHGEN_BASE_URL"),
}


@dataclass(frozen=True)
class Emulator:
    """A running emulator, and a test's hand on it."""

    provider: str
    base_url: str
    asset_url: str
    key: str
    control: Control
    ledger_file: Path

    @property
    def environment(self) -> dict[str, str]:
        """The settings that point a client at it."""
        key, base_url = SETTINGS[self.provider]
        return {key: self.key, base_url: self.base_url}


@contextmanager
def emulating(
    provider: str,
    *,
    ledger: Path | None = None,
    port: int = 0,
    seed: int = 0,
    pace: float = 1.0,
    start: float | None = None,
    keys: Sequence[str] = (),
    switches: Mapping[str, object] | None = None,
    rules: Sequence[Rule | Mapping[str, Any]] = (),
    tolerate_leaks: bool = False,
) -> Generator[Emulator]:
    """Serve `provider` (hedra, heygen or speechgen) from a thread of this process until the block ends.

    `pace` and `start` are the virtual clock's, `keys` the API keys that are accepted (else one made up),
    `switches` the provider's behaviour. A key that reaches the asset origin fails the block unless tolerated.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = ledger or Path(folder) / "ledger.jsonl"
        accepted = tuple(keys) or (f"emulated-{provider}-key",)
        sockets = [_listen(port), _listen(0), _listen(0)]
        api_port, asset_port, control_port = (listening.getsockname()[1] for listening in sockets)
        names = Names(seed)
        clock = Clock(pace, start)
        world = World(clock, names, Shelf(clock, names, f"http://127.0.0.1:{asset_port}"), accepted)
        emulated, chaos, book = PROVIDERS[provider](world), Chaos(seed), Ledger(file)
        wire = Wire(emulated, world, chaos, book)
        token = secrets.token_hex(16)
        control_plane = control_app(emulated, world, chaos, book, token)
        by_port = {api_port: wire.api, asset_port: wire.assets, control_port: control_plane}

        async def dispatch(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http":
                await by_port[scope["server"][1]](scope, receive, send)

        emulator = Emulator(
            provider,
            f"http://127.0.0.1:{api_port}{emulated.prefix}",
            world.shelf.origin,
            accepted[0],
            Control(f"http://127.0.0.1:{control_port}", token),
            file,
        )
        with closing(book), _serving(dispatch, sockets):
            if switches:
                emulator.control.switch(**switches)
            emulator.control.add_rules(*rules)
            yield emulator
        if not tolerate_leaks:
            assert_no_leak(file)


@contextmanager
def emulating_apart(
    provider: str, ledger: Path, *, tolerate_leaks: bool = False, **options: object
) -> Generator[Emulator]:
    """The same in a process of its own. `options` are those of `emulating`, as plain JSON values."""
    command = [sys.executable, "-m", "emulators", provider, "--ledger", str(ledger), "--options"]
    command.append(json.dumps({**options, "tolerate_leaks": tolerate_leaks}))
    folder = Path(__file__).parent.parent
    with subprocess.Popen(
        command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdin is not None
            assert process.stdout is not None
            ready, _, _ = select.select([process.stdout], [], [], 30)
            assert ready, "the emulator did not start within 30 s"
            told = json.loads(process.stdout.readline())
            control = Control(told["control_url"], told["token"])
            yield Emulator(provider, told["base_url"], told["asset_url"], told["key"], control, ledger)
        finally:
            process.terminate()
    if not tolerate_leaks:
        assert_no_leak(ledger)


def assert_no_leak(ledger: Path) -> None:
    leaked = leaks(read_ledger(ledger))
    assert not leaked, f"a key was sent to the asset origin: {leaked}"


@contextmanager
def _serving(app: Callable[[Scope, Receive, Send], Any], sockets: list[socket.socket]) -> Generator[None]:
    config = uvicorn.Config(
        app,
        http="h11",
        ws="none",
        loop="asyncio",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
    )
    with ThreadPoolExecutor(1) as thread, asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        stopped = asyncio.Event()
        running = thread.submit(runner.run, _serve_until(stopped, uvicorn.Server(config), sockets))
        try:
            yield
        finally:
            runner.get_loop().call_soon_threadsafe(stopped.set)
            running.result()


async def _serve_until(stopped: asyncio.Event, server: uvicorn.Server, sockets: list[socket.socket]) -> None:
    """Serve, then reset what is open: Uvicorn's own way out takes a fifth of a second, and waits for answers."""
    serving = asyncio.create_task(server.serve(sockets=sockets))
    await stopped.wait()
    serving.cancel()
    for listener in server.servers:
        listener.close()
    for connection in list(server.server_state.connections):
        cast("_Connection", connection).transport.abort()
    await asyncio.sleep(0)


class _Connection(Protocol):
    transport: asyncio.Transport


def _listen(port: int) -> socket.socket:
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", port))
    listening.listen(2048)
    return listening
