"""Soundstage over stdio, but for how long it awaits an answer, and what may come of an order that has none.

With the real times a trial would take minutes. Both are shortened, and the second stays the longer.
"""

from pathlib import Path

from soundstage.app import create_server, providers
from soundstage.providers.hedra.provider import HedraProvider
from soundstage.providers.heygen.provider import HeyGenProvider
from soundstage.providers.port import Provider
from soundstage.settings import Settings
from soundstage.stdio import serve

HURRIED = Path(__file__)
ANSWER_SECONDS, LISTING_SECONDS = 16.0, 18.0


def hurried(settings: Settings) -> list[Provider]:
    """The providers of this installation, less patient."""
    jobs = settings.home / "jobs"
    swift: dict[str, Provider] = {
        "hedra": HedraProvider(
            settings.hedra, jobs / "hedra", submit_seconds=ANSWER_SECONDS, listing_seconds=LISTING_SECONDS
        ),
        "heygen": HeyGenProvider(
            settings.useapi, jobs / "heygen", part_seconds=ANSWER_SECONDS, listing_seconds=LISTING_SECONDS
        ),
    }
    return [swift.get(one.profile.name, one) for one in providers(settings)]


if __name__ == "__main__":
    settings = Settings.from_environment()
    serve(create_server(settings, hurried(settings)))
