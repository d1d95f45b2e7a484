"""Which generations this server can go on with: it needs the account that pays, and what the work needs."""

from collections.abc import Mapping

from soundstage.generations.record import Record
from soundstage.generations.work import work_of
from soundstage.providers.port import NamesJobs, Provider, TellsMissing
from soundstage.providers.profile import Profile


def accounts_here(providers: Mapping[str, Provider]) -> Mapping[tuple[str, str], str]:
    """By provider and each name of its account, the name that the account goes by now."""
    profiles = [one.profile for one in providers.values()]
    return {(one.name, name): one.account for one in profiles for name in _names(one)}


def is_reachable(record: Record, providers: Mapping[str, Provider]) -> bool:
    """Whether this server can go on with a generation."""
    return not obstacle(record, providers)


def obstacle(record: Record, providers: Mapping[str, Provider]) -> str:
    """Why this server cannot go on with a generation, and what to do about that; empty if it can."""
    provider = providers.get(record.provider)
    if provider is None:
        return f"no provider {record.provider} is installed here. Install the package that brings it."
    profile = provider.profile
    if record.account not in _names(profile):
        if not profile.configured:
            return f"{profile.title} lacks {'; '.join(profile.missing)}."
        return f"another account's key for {profile.title} began it. Start Soundstage with that key."
    if isinstance(provider, TellsMissing) and (missing := provider.missing_for(work_of(record))):
        return f"{profile.title} lacks {missing}."
    return ""


def is_stranded(record: Record, providers: Mapping[str, Provider]) -> bool:
    """Whether a generation is paid by another account than the one that is set up here."""
    provider = providers.get(record.provider)
    return provider is not None and provider.profile.configured and record.account not in _names(provider.profile)


def names_its_job(record: Record, providers: Mapping[str, Provider]) -> bool:
    """Whether the user can name its job to this server, under the account that is set up here."""
    provider = providers.get(record.provider)
    if not isinstance(provider, NamesJobs) or record.kind not in provider.profile.names_jobs:
        return False
    return provider.profile.configured


def _names(profile: Profile) -> frozenset[str]:
    return profile.former_accounts | {profile.account}
