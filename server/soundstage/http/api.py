"""The API of one provider: reads that are repeated, and orders that are sent once."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import anyio
import anyio.to_thread
import httpx2

from soundstage import __version__
from soundstage.files import Spooled, Unwritable, spooled
from soundstage.http.body import TooLarge, UnknownEncoding
from soundstage.http.connections import Connections
from soundstage.http.exchange import Course, exchange
from soundstage.http.origin import base_url, is_loopback, problem_with
from soundstage.http.patience import Pace
from soundstage.http.receiving import BROKEN_OFF, asked_of, file_body, headers_of, json_body, words_body
from soundstage.http.results import fetch_result
from soundstage.http.telling import Answer, Refused, Telling
from soundstage.http.uploads import Outgoing, Part, Upload, form_upload, json_upload, outgoing
from soundstage.settings import Access
from soundstage_tools.errors import NotFound, StudioError

__all__ = ["Answer", "Api", "Part", "Refused"]

_TRIES = 5
_PATIENCE_SECONDS = 8.0
_PASSING = {408, 425, 429, 500, 502, 503, 504, 522}
_NOTHING_DONE = {501, 596}
"""Of the statuses above 500 those that say so: what was asked for is not offered, or the account is broken."""

_UPLOAD_BYTES_A_SECOND = 128 * 2**10


class _Trouble(Exception):
    """A try that came to nothing, and what to say of it. `asked`: for how long the provider wants no other."""

    def __init__(self, error: StudioError, *, asked: float = 0.0, passing: bool = True) -> None:
        super().__init__()
        self.error = error
        self.asked = asked
        self.passing = passing


class Api:
    """The way to a provider whose key goes in `header`, after `scheme`, and nowhere else.

    `title` names it, `key_setting` and `url_setting` what sets it up. A read has `read_seconds` a try; between
    tries it pauses for `base_seconds` at first. Requests are made only while it is `running`.
    """

    def __init__(
        self,
        title: str,
        access: Access,
        *,
        header: str,
        scheme: str = "",
        key_setting: str,
        url_setting: str = "",
        read_seconds: float = 30.0,
        base_seconds: float = 0.25,
    ) -> None:
        self._telling = Telling(title, access.key, key_setting, url_setting)
        self._access = access
        self._headers = {header: f"{scheme} {access.key}".strip()}
        self._read_seconds = read_seconds
        self._pace = Pace(base_seconds)
        self._connections = Connections()

    def running(self) -> AbstractAsyncContextManager[None]:
        """Keeps connections while it is held. None is opened before the first request."""
        return self._connections.running()

    async def read(self, path: str, query: Sequence[tuple[str, str]] = (), *, patient: bool = True) -> Any:
        """The JSON at a path. Tried up to five times over eight seconds of pauses; once where not `patient`.

        Raises:
            Unavailable: not now.
            NotConfigured: the key is refused.
            Refused: by the provider.
        """
        answer = await self._repeated("GET", path, query=query, patient=patient)
        return answer.json()

    async def look(self, path: str, query: Sequence[tuple[str, str]] = ()) -> Answer:
        """What is at a path, which is JSON, and what was said of it. As `read`."""
        return await self._repeated("GET", path, query=query)

    async def put_up(self, path: str, *, json: Any = None, file: tuple[str, Path] | None = None) -> Any:
        """POST what costs nothing and may be repeated: JSON, or a file as the form's part "file". As `read`."""
        upload = json_upload(json) if file is None else form_upload([Part("file", file[1], file[0])])
        answer = await self._repeated("POST", path, upload=upload)
        return answer.json() if answer.body else None

    async def remove(self, path: str) -> None:
        """DELETE. As `read`.

        Raises:
            NotFound: there is no such thing.
        """
        await self._repeated("DELETE", path)

    async def order(
        self,
        path: str,
        *,
        json: Any = None,
        parts: Sequence[Part] | None = None,
        deadline_seconds: float,
        body_to: Path | None = None,
    ) -> Answer:
        """POST what may be charged: once, on a connection of its own, and never again.

        The answer is JSON; with `body_to` it may be a file instead, which is then put there.

        Raises:
            Unavailable: it was not sent, or turned away unread.
            OutcomeUnknown: it may have been accepted.
            NotConfigured: the key is refused.
            Refused: by the provider.
        """
        upload = json_upload(json) if parts is None else form_upload(parts)
        course = Course()
        try:
            with anyio.fail_after(deadline_seconds):
                async with AsyncExitStack() as held:
                    file = await held.enter_async_context(spooled(body_to)) if body_to else None
                    body = await held.enter_async_context(outgoing(upload))
                    transport = await held.enter_async_context(await self._connections.single())
                    request = self._request("POST", path, (), upload.content_type, body)
                    response = await held.enter_async_context(exchange(transport, request, course))
                    return await self._ordered(response, file)
        except TimeoutError:
            lost = f"did not answer within {deadline_seconds:g} seconds"
        except BROKEN_OFF:
            lost = "broke off before its answer was whole"
        except (TooLarge, UnknownEncoding):
            lost = "sent an answer that cannot be read"
        except Unwritable:
            lost = "answered, but the disk took no more of its answer"
        if not course.begun:
            raise self._telling.unreachable()
        raise self._telling.outcome_unknown(lost)

    def quoted(self, answer: Answer) -> str:
        """The words in an answer that came with a status of success, to be put between double quotes."""
        return self._telling.quoted(answer.body, answer.headers.get("content-type", ""))

    async def download(self, url: str, target: Path, *, max_bytes: int) -> None:
        """Fetch a file that the provider names, from wherever that is: without the key, and whole or not at all.

        Raises:
            Unavailable: not now.
            Refused: this URL will not do, such as one that has expired.
        """
        base = base_url(self._access)
        sandbox = [base.host] if base and base.scheme == "http" and is_loopback(base.host) else []
        await fetch_result(self._telling.title, url, target, max_bytes=max_bytes, insecure_hosts=sandbox)

    async def _ordered(self, response: httpx2.Response, file: Spooled | None) -> Answer:
        status = response.status_code
        content_type = response.headers.get("Content-Type", "")
        if status == 429:
            raise self._telling.failing(status, await self._said(response), asked_of(response))
        if status not in _NOTHING_DONE and (status == 408 or status >= 500):
            said = await self._said(response)
            raise self._telling.outcome_unknown(f"answered with status {status}", said)
        if not response.is_success:
            raise self._telling.refusal(status, await self._said(response))
        if file is not None and "json" not in content_type.lower():
            await file_body(response, file.write)
            await anyio.to_thread.run_sync(file.keep)
            return Answer(status, headers_of(response), b"")
        answer = Answer(status, headers_of(response), await json_body(response))
        try:
            answer.json()
        except ValueError:
            raise self._telling.outcome_unknown("answered with something that is no JSON") from None
        return answer

    async def _repeated(
        self,
        method: str,
        path: str,
        *,
        query: Sequence[tuple[str, str]] = (),
        upload: Upload | None = None,
        patient: bool = True,
    ) -> Answer:
        """Ask until there is an answer, no more than the provider and the caller can bear."""
        self._pace.begin()
        trouble: _Trouble | None = None
        left = _PATIENCE_SECONDS if patient else 0.0
        for repeats in range(_TRIES):
            pause = self._pace.pause_seconds(repeats - 1) if repeats else 0.0
            while (alone := self._pace.left_alone_seconds()) or pause:
                if alone > left:
                    raise trouble.error if trouble else self._telling.left_alone(alone)
                await anyio.sleep(alone + pause)
                left -= alone + pause
                pause = 0.0
            try:
                return await self._try(method, path, query, upload, repeated=repeats > 0)
            except _Trouble as caught:
                trouble = caught
                self._pace.leave_alone(caught.asked)
                if not (patient and caught.passing and self._pace.may_repeat()):
                    break
        assert trouble is not None
        raise trouble.error

    async def _try(
        self,
        method: str,
        path: str,
        query: Sequence[tuple[str, str]],
        upload: Upload | None,
        *,
        repeated: bool,
    ) -> Answer:
        async with outgoing(upload or Upload("", ())) as body:
            seconds = self._read_seconds + body.length / _UPLOAD_BYTES_A_SECOND
            course = Course()
            try:
                with anyio.fail_after(seconds):
                    request = self._request(method, path, query, upload.content_type if upload else "", body)
                    async with exchange(await self._connections.pooled(), request, course) as response:
                        return await self._answered(method, response, repeated=repeated)
            except TimeoutError:
                trouble = _Trouble(self._telling.broken(f"did not answer within {seconds:g} seconds"))
            except BROKEN_OFF:
                broken = self._telling.broken("broke off before its answer was whole")
                trouble = _Trouble(broken if course.begun else self._telling.unreachable())
            except (TooLarge, UnknownEncoding):
                unfit = self._telling.broken("sent an answer that is too large, or cannot be read")
                trouble = _Trouble(unfit, passing=False)
            raise trouble

    async def _answered(self, method: str, response: httpx2.Response, *, repeated: bool) -> Answer:
        status = response.status_code
        if response.is_success:
            body = b"" if method == "DELETE" else await json_body(response)
            answer = Answer(status, headers_of(response), body)
            try:
                if method == "GET" or body:
                    answer.json()
            except ValueError:
                raise _Trouble(self._telling.broken("answered with something that is no JSON")) from None
            return answer
        said = await self._said(response)
        if status in _PASSING:
            asked = asked_of(response)
            raise _Trouble(self._telling.failing(status, said, asked), asked=asked or 0.0)
        if method == "DELETE" and status == 404:
            if repeated:
                # The try before was lost on its way back, and had done it.
                return Answer(status, {}, b"")
            raise NotFound(
                code="unknown_at_provider",
                message=f"{self._telling.title} knows nothing by that name.",
                next_step="It may have been deleted already.",
            )
        raise self._telling.refusal(status, said)

    async def _said(self, response: httpx2.Response) -> str:
        return self._telling.quoted(await words_body(response), response.headers.get("Content-Type", ""))

    def _request(
        self, method: str, path: str, query: Sequence[tuple[str, str]], content_type: str, body: Outgoing
    ) -> httpx2.Request:
        base = base_url(self._access)
        telling = self._telling
        if base is None or problem_with(self._access, telling.key_setting, telling.url_setting):
            raise telling.not_set_up()
        sent = {"Content-Type": content_type, "Content-Length": str(body.length)} if content_type else {}
        return httpx2.Request(
            method,
            f"{str(base).rstrip('/')}{path}{'?' if query else ''}{urlencode(query)}",
            headers={
                "Host": base.netloc.decode("ascii"),
                "User-Agent": f"soundstage/{__version__}",
                "Accept": "application/json, */*",
                "Accept-Encoding": "identity",
                **self._headers,
                **sent,
            },
            stream=body,
        )
