"""What Hedra's work is likely to cost, in credits, by its published prices."""

from collections.abc import Mapping

from soundstage.providers.hedra.profile import AVATAR, CHARACTER_3, OMNIA, HedraAvatar
from soundstage.providers.port import AvatarWork, SpeechWork, Work

CREDITS_PER_CHARACTER = 15 / 1000
"""Of speech."""
CREDITS_PER_SECOND: Mapping[str, float] = {AVATAR.name: 7.0, OMNIA.name: 15.0, CHARACTER_3.name: 6.0}
"""Of video, by model."""
_LONGEST = {model.name: model.longest_seconds for model in (AVATAR, OMNIA, CHARACTER_3)}


def estimate(work: Work, seconds: float | None) -> float | None:
    """The credits of `work`; None for a clone, and for a video of which it is not known how long it lasts."""
    if isinstance(work, SpeechWork):
        return len(str(work.fields["text"])) * CREDITS_PER_CHARACTER
    if not isinstance(work, AvatarWork) or seconds is None:
        return None
    filmed = min(seconds, _LONGEST[work.model] or seconds)
    if work.fields.get("duration_ms"):
        filmed = min(filmed, HedraAvatar.model_validate(work.fields).duration_ms / 1000)
    spoken = estimate(work.says, None) if work.says else None
    return filmed * CREDITS_PER_SECOND[work.model] + (spoken or 0.0)
