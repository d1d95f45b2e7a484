"""The end of a command before its time: whichever signal asks for it, and however often, it is the same one."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from types import FrameType

import anyio

_ASK_FOR_THE_END = ("SIGINT", "SIGTERM", "SIGHUP")
_BY_SIGNAL = 128


def run(work: Callable[[], Awaitable[int]]) -> int:
    """Run `work` to its exit code, or cancel it by a signal: then that is 128 and the number of the first one.

    A signal that is ignored, as `nohup` has SIGHUP, stays so.
    """
    return anyio.run(_until_signalled, work)


async def _until_signalled(work: Callable[[], Awaitable[int]]) -> int:
    received: list[int] = []
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None

    def end(number: int, _: FrameType | None) -> None:
        received.append(number)
        if len(received) == 1:
            # Once, and not by a cancel scope: the server in this process is to see the end of the work.
            loop.call_soon_threadsafe(task.cancel)

    numbers = [getattr(signal, name) for name in _ASK_FOR_THE_END if hasattr(signal, name)]
    before = {one: signal.signal(one, end) for one in numbers if signal.getsignal(one) != signal.SIG_IGN}
    try:
        return await work()
    except asyncio.CancelledError:
        if not received:
            raise
        return _BY_SIGNAL + received[0]
    finally:
        for number, heeded in before.items():
            signal.signal(number, heeded)
