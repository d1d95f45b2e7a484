"""The connections to a provider's API."""

import logging
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import anyio
import anyio.to_thread
import httpx2

_POOL = httpx2.Limits(max_connections=10, max_keepalive_connections=5, keepalive_expiry=15.0)


class Connections:
    """Transports that share one reading of the trusted certificates. None connects before its first request."""

    def __init__(self) -> None:
        self._lock = anyio.Lock()
        self._tls: ssl.SSLContext | None = None
        self._pool: httpx2.AsyncHTTPTransport | None = None

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Keeps the pool while it is held."""
        # At DEBUG it repeats the headers of every answer, where a provider may echo the key.
        logging.getLogger("httpcore2").setLevel(logging.ERROR)
        try:
            yield
        finally:
            if self._pool is not None:
                with anyio.CancelScope(shield=True):
                    await self._pool.aclose()
                self._pool = None

    async def pooled(self) -> httpx2.AsyncHTTPTransport:
        """The transport whose connections are used again. It is closed with the pool."""
        verify = await self._tls_context()
        if self._pool is None:
            self._pool = httpx2.AsyncHTTPTransport(verify=verify, limits=_POOL)
        return self._pool

    async def single(self) -> httpx2.AsyncHTTPTransport:
        """A transport of the caller's own, to be closed by it."""
        return httpx2.AsyncHTTPTransport(verify=await self._tls_context())

    async def _tls_context(self) -> ssl.SSLContext:
        async with self._lock:
            if self._tls is None:
                self._tls = await anyio.to_thread.run_sync(httpx2.create_ssl_context)
            return self._tls
