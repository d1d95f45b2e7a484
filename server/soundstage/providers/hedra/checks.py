"""What Hedra would refuse of a picture, a sound or a model's fields, seen before it is asked."""

from contextlib import suppress
from pathlib import Path

import anyio

from soundstage.providers.hedra.profile import (
    CHARACTER_3,
    IMAGE_TYPES,
    MAX_FILE_BYTES,
    NAME,
    TITLE,
    HedraAvatar,
)
from soundstage.providers.port import AvatarWork
from soundstage.providers.profile import Model
from soundstage.sound import measured
from soundstage_tools.errors import BadRequest, NotConfigured


async def check_avatar(work: AvatarWork, model: Model) -> None:
    """Refuse fields, a picture or sound that this model does not take.

    Raises:
        BadRequest: with what it takes.
    """
    if work.image is not None:
        await _check_image(work.image)
    handle, longest = f"{NAME}:{model.name}", model.longest_seconds
    given = HedraAvatar.model_validate(work.fields)
    if longest is not None and given.duration_ms > longest * 1000:
        raise BadRequest(
            code="provider_limits",
            message=f"`duration_ms` must be a whole number from 0 to {longest * 1000:,.0f} with {handle}.",
            next_step="Send that, or leave it out.",
        )
    if given.bounding_box_target and model is not CHARACTER_3:
        raise BadRequest(
            code="provider_limits",
            message=f"`bounding_box_target` is for {NAME}:{CHARACTER_3.name} alone, not for {handle}.",
            next_step="Leave it out, or choose that model.",
        )
    if work.audio is not None:
        await check_sound(work.audio, longest)


async def _check_image(image: Path) -> None:
    size = (await anyio.Path(image).stat()).st_size
    if image.suffix not in IMAGE_TYPES or size > MAX_FILE_BYTES:
        raise BadRequest(
            code="image_not_accepted",
            message=f"{TITLE} takes a PNG, JPEG or WebP picture of at most {MAX_FILE_BYTES // 2**20} MB.",
            next_step="Send such a picture.",
        )


async def check_sound(audio: Path, longest: float | None) -> None:
    """Refuse sound that is damaged or too long. Without the tools to measure it, Hedra is left to."""
    with suppress(NotConfigured):
        found = await measured(audio, at_most_seconds=longest or 3600.0)
        if longest is not None and found.seconds > longest:
            raise BadRequest(
                code="audio_too_long",
                message=f"The audio is longer than the {longest:g} seconds that this model takes.",
                next_step="Send shorter audio, shorten the text that it speaks, or choose another model.",
            )
