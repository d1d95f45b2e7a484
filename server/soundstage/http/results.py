"""Files that a provider names by URL: fetched without its key, whole or not at all."""

from collections.abc import Collection
from pathlib import Path

import anyio.to_thread

from soundstage.files import Unwritable, spooled, unwritable
from soundstage.http.downloads import Withheld, download
from soundstage.http.telling import Refused
from soundstage_tools.errors import BadRequest, Unavailable

_SECONDS = 300.0


async def fetch_result(
    title: str, url: str, target: Path, *, max_bytes: int, insecure_hosts: Collection[str]
) -> None:
    """Put the file behind a URL of the provider `title` at `target`.

    Raises:
        Unavailable: not now.
        Refused: this URL will not do, such as one that has expired. Its status is that of the host, 0 where that
            gave none.
    """
    async with spooled(target) as file:
        try:
            await download(
                url, file.write, max_bytes=max_bytes, deadline_seconds=_SECONDS, insecure_hosts=insecure_hosts
            )
            await anyio.to_thread.run_sync(file.keep)
        except BadRequest as error:
            raise Refused(
                code="result_refused",
                message=f"{title} named a file that cannot be fetched. {error.message}",
                next_step=f"Look for it in your account at {title}.",
                status=error.status if isinstance(error, Withheld) else 0,
            ) from None
        except Unavailable as error:
            raise Unavailable(
                code="result_unavailable",
                message=f"A file at {title} cannot be fetched now. {error.message}",
                next_step="Try again in a minute.",
            ) from None
        except Unwritable:
            raise unwritable() from None
