"""A question that a call waits for: a provider has its time for it, and a fault of it is told in our words."""

import logging
from collections.abc import Generator
from contextlib import contextmanager

import anyio

from soundstage.providers.port import Provider
from soundstage_tools.errors import StudioError, Unavailable

ANSWER_SECONDS = 20.0
"""How long a provider has: where several are asked, the others' answers must not wait for it longer."""

logger = logging.getLogger(__name__)


@contextmanager
def answering(provider: Provider) -> Generator[None]:
    """Give a provider its time to answer a question that a call waits for.

    Raises:
        Unavailable: it did not, or broke.
        StudioError: what it refuses.
    """
    try:
        with anyio.fail_after(ANSWER_SECONDS):
            yield
    except TimeoutError:
        raise Unavailable(
            code="provider_silent",
            message=f"{provider.profile.title} did not answer within {ANSWER_SECONDS:g} seconds.",
            next_step="Try again later.",
        ) from None
    except StudioError:
        raise
    except Exception:
        # A fault in one adapter must not take the answers of all the others with it.
        logger.exception("%s broke", provider.profile.name)
        raise Unavailable(
            code="internal_error",
            message=f"Soundstage could not read the answer of {provider.profile.title}, a fault of ours.",
            next_step="Report it with the server's log.",
        ) from None
