"""From a provider's profile to the sheet that shows it."""

from soundstage.providers.profile import Profile
from soundstage_tools.schemas import portable
from soundstage_tools.sheets import ModelSheet, ProviderSheet, ToolSheet


def sheet_of(profile: Profile) -> ProviderSheet:
    """All that `profile` says, for agents and people. Its fields are there whether or not it is set up."""
    return ProviderSheet(
        provider=profile.name,
        title=profile.title,
        description=profile.description,
        cost=profile.cost,
        configured=profile.configured,
        missing=list(profile.missing),
        on_this_machine=profile.on_this_machine,
        default_voice_id=f"{profile.name}:{profile.default_voice}" if profile.default_voice else None,
        tools=[
            ToolSheet(tool=tool, ready=tool in profile.serves, arguments=portable(fields))
            for tool, fields in profile.offers.items()
        ],
        models=[
            ModelSheet(
                model=f"{profile.name}:{model.name}",
                description=model.description,
                native_id=model.native_id or None,
                longest_seconds=model.longest_seconds,
                needs_image=model.needs_image,
            )
            for model in profile.models
        ],
        jobs_at_once=profile.max_in_flight or None,
        longest_job_seconds=profile.deadline_seconds,
    )
