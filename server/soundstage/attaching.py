"""From which job a generation that needs attention is to go on."""

from soundstage.answering import answering
from soundstage.generations.record import Record
from soundstage.providers.port import NamesJobs, Provider
from soundstage_tools.errors import BadRequest


async def job_of(record: Record, provider: Provider, named: str) -> str:
    """The job that the user named by its id at the provider; without one that which the generation had.

    Raises:
        StudioError: there is none, or it cannot be this generation's.
    """
    if not named:
        return _known(record, provider)
    if not isinstance(provider, NamesJobs):
        raise BadRequest(
            code="not_supported",
            message=f"{provider.profile.title} shows nobody the ids of its jobs.",
            next_step="If it is not worth looking for, ask anew with force_new and a new idempotency_key.",
        )
    with answering(provider):
        return await provider.job_named(record.kind, named, record.trace)


def _known(record: Record, provider: Provider) -> str:
    if not record.job_id:
        raise BadRequest(
            code="job_unknown",
            message="The id of its job was lost, so there is none to go on from.",
            next_step=f"Look for it in the account at {provider.profile.title}, and name it.",
        )
    return record.job_id


def job_taken() -> BadRequest:
    """The refusal of a job that is another generation's."""
    return BadRequest(
        code="job_taken",
        message="This job is another generation's of this machine.",
        next_step="Find that one with list_generations.",
    )
