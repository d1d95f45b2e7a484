"""The short text that a model reads beside the structured result; both say the same."""

from collections.abc import Sequence

from soundstage_tools.results import (
    Asset,
    DeletedVoice,
    FollowedGeneration,
    Generation,
    GenerationPage,
    Likeness,
    ListedGeneration,
    ProviderReport,
    ProviderSummary,
    Result,
    Voice,
    VoicePage,
)

_MOST_VALUES = 8


def summary(result: Result) -> str:
    """`result` in a few lines."""
    match result:
        case Generation():
            others = result.others if isinstance(result, FollowedGeneration) else None
            return "\n\n".join(_generation(one) for one in (result, *(others or ())))
        case GenerationPage():
            return _listed(result)
        case VoicePage():
            return _voices(result)
        case ProviderReport():
            return "\n".join(_provider(provider) for provider in result.providers)
        case DeletedVoice():
            return f"{result.voice_id}: deleted. {result.next_step}"
        case _:
            return result.model_dump_json(exclude_none=True)


def _generation(generation: Generation) -> str:
    lines = [f"{generation.kind} {generation.generation_id}: {generation.status}"]
    if not generation.finished:
        eta = f", about {generation.eta_seconds:.0f} s left" if generation.eta_seconds is not None else ""
        lines[0] += f", {generation.progress:.0%}{eta}"
    lines[0] += f"; charged: {generation.charged}"
    if generation.joined:
        lines.append("An equal request was already there; nothing new was started.")
    if generation.error:
        lines.append(f"{generation.error.code}: {generation.error.message}")
    if generation.voice_id:
        lines.append(f"voice_id: {generation.voice_id}")
    if generation.likeness:
        lines.append(_likeness(generation.likeness))
    lines += [_asset(asset) for asset in generation.assets]
    lines += [f"Note: {warning}" for warning in generation.warnings]
    lines.append(generation.next_step)
    return "\n".join(line for line in lines if line)


def _likeness(likeness: Likeness) -> str:
    return (
        f"likeness: {likeness.similarity:.2f} (default voice {likeness.default_similarity:.2f}), pitch within"
        f" {likeness.pitch_error_semitones:.1f} semitones, spectrum within {likeness.spectrum_distance_db:.1f} dB;"
        f" {likeness.note}"
    )


def _asset(asset: Asset) -> str:
    length = f", {asset.duration_seconds:.1f} s" if asset.duration_seconds is not None else ""
    return f"{asset.role}: {asset.url or 'its file is gone'} ({asset.mime_type}{length}) asset_id {asset.asset_id}"


def _listed(page: GenerationPage) -> str:
    lines = [_brief(generation) for generation in page.generations] or ["No generation matches."]
    if page.next_cursor:
        lines.append(f'More: cursor "{page.next_cursor}", or narrow by status, kind, provider or search.')
    return "\n".join(lines)


def _brief(generation: ListedGeneration) -> str:
    progress = f" {generation.progress:.0%}" if generation.status in {"queued", "processing"} else ""
    about = f' "{generation.title}"' if generation.title else ""
    made = " ".join(filter(None, [generation.voice_id, *generation.urls]))
    return (
        f"{generation.created_at} {generation.generation_id} {generation.provider} {generation.kind}:"
        f" {generation.status}{progress}; charged: {generation.charged}{about} {made}"
    ).rstrip()


def _voices(page: VoicePage) -> str:
    lines = [f"{len(page.voices)} of {page.total} voices"]
    lines += [_voice(voice) for voice in page.voices]
    lines += [f"Takes: {takes}" for takes in page.takes]
    lines += [f"Note: {warning}" for warning in page.warnings]
    if page.next_cursor:
        lines.append(f'More: cursor "{page.next_cursor}", or narrow by language, gender or search.')
    return "\n".join(lines)


def _voice(voice: Voice) -> str:
    facts = ", ".join([voice.name, voice.language, voice.gender, *(["cloned"] if voice.kind == "cloned" else [])])
    takes = [
        f"; {name} {_some(values)}"
        for name, values in (("engines", voice.engines), ("emotions", voice.emotions))
        if values is not None
    ]
    return f"{voice.voice_id}  {facts}{''.join(takes)}"


def _some(values: Sequence[str]) -> str:
    """The first of some values; the refusal of any other names all."""
    more = [f"{len(values) - _MOST_VALUES} more"] if len(values) > _MOST_VALUES else []
    return ", ".join([*values[:_MOST_VALUES], *more]) or "none"


def _provider(provider: ProviderSummary) -> str:
    lines = [f"{provider.provider}: {_state(provider)} {provider.description} {provider.cost}"]
    if provider.tools:
        has = [f"tools: {', '.join(provider.tools)}", f"voices: {provider.voices}"]
        if provider.default_voice_id:
            has.append(f"default voice: {provider.default_voice_id}")
        if provider.models:
            has.append(f"models: {', '.join(provider.models)}")
        lines.append(f"  {'; '.join(has)}")
    if provider.left:
        lines.append(f"  left: {provider.left}")
    lines += [f"  price: {price}" for price in provider.prices]
    lines += [f"  missing: {missing}" for missing in provider.missing]
    return "\n".join(lines)


def _state(provider: ProviderSummary) -> str:
    if not provider.configured:
        return "not set up."
    return f"set up, but not usable now: {provider.trouble}" if provider.trouble else "ready."
