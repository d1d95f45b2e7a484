"""Text to a speech file and its timings: the entry of the engine's child process."""

import unicodedata
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import count
from tempfile import TemporaryFile

from soundstage.extras import install_command
from soundstage.providers.local import clones, voices
from soundstage.providers.local.jobs import EngineError, Outcome, Report, SpeechJob
from soundstage.providers.local.speech.alignment import align
from soundstage.providers.local.speech.cloned import cloned_render
from soundstage.providers.local.speech.encoding import open_encoder
from soundstage.providers.local.speech.hibari_model import HibariModel
from soundstage.providers.local.speech.kokoro_model import KokoroModel, read_style
from soundstage.providers.local.speech.phrases import to_phrases
from soundstage.providers.local.speech.readers import open_reader
from soundstage.providers.local.speech.reading import Reader, ReadWord
from soundstage.providers.local.speech.recording import BLOCK, Recording
from soundstage.providers.local.speech.rendering import Render
from soundstage.providers.local.speech.sentences import bare_word, split_sentences
from soundstage.providers.local.speech.symbols import is_sound, sayable
from soundstage.providers.local.speech.timeline import write_timings
from soundstage.providers.local.text import check_text, plain_text
from soundstage.providers.local.weights import EXTRA

_FASTEST_RENDERED = 1.25
_RENDERED_BEFORE_STRETCHING = 1.2
_UNHEARD = 0.03
_LEAD_IN, _LEAD_OUT = 0.08, 0.2
_SHARE_OF_RENDERING = 0.9
_NAMED = 5
_FEWEST_GUESSED, _MUCH_GUESSED = 3, 0.4
"""Of English with names and terms of a trade the dictionary lacks up to a third, of other languages 40 % and
more."""


class Speaker:
    """Speaks job after job; what a voice needs is loaded at its first job, and stays."""

    def __init__(self) -> None:
        self._hibari = cache(HibariModel)
        self._kokoro = cache(KokoroModel)
        self._style = cache(read_style)
        self._reader = cache(open_reader)

    def speak(self, job: SpeechJob, report: Report) -> Outcome:
        """Write the audio and its timings, at 24 kHz mono (Opus decodes at 48 kHz).

        Raises `EngineError`: what `check_text` and `weights.load` raise, `voice_unknown`, `voice_not_installed`,
        `voice_deleted`, `audio_not_written`. On any error neither file is there.
        """
        language, render = self._voice(job)
        check_text(job.text, language)
        reader = self._reader(language)
        with ExitStack() as undo:
            for path in (job.audio_path, job.timings_path):
                undo.callback(path.unlink, missing_ok=True)
            try:
                outcome = _record(job, reader, render, report)
            except OSError as error:
                raise EngineError(
                    "audio_not_written",
                    f"The audio could not be written: {error.strerror or 'the disk refused it'}.",
                    "Free some disk space or choose another output directory, then ask again.",
                ) from error
            if job.voice_path and not job.voice_path.exists():
                raise _deleted(job.voice)
            undo.pop_all()
        report(1.0)
        return outcome

    def _voice(self, job: SpeechJob) -> tuple[str, Render]:
        """The language of the voice, and what speaks with it."""
        if job.voice_path:
            cloned = clones.read_clone(job.voice_path)
            if cloned is None:
                raise _deleted(job.voice)
            return cloned.language, cloned_render(self._kokoro(), cloned.voicing)
        voice = _require_voice(job.voice)
        if voice.engine == "hibari":
            return voice.language, self._hibari().render
        return voice.language, partial(self._kokoro().render, self._style(voice.name))


def _record(job: SpeechJob, reader: Reader, render: Render, report: Report) -> Outcome:
    with TemporaryFile(dir=job.audio_path.parent) as spool:
        recording = Recording(spool)
        dealt = _speak_text(job, reader, render, recording, report)
        if not recording.timeline.has_sounds:
            raise EngineError(
                "text_unreadable",
                f"The voice {job.voice} can pronounce nothing of this text.",
                "Write it in the spelling of the voice's language.",
            )
        with open_encoder(job.audio_path, job.format) as encoder:
            for place, samples in enumerate(recording.play(job.volume)):
                encoder.write(samples)
                encoded = min(place * BLOCK / recording.length, 1.0)
                report(_SHARE_OF_RENDERING + (1 - _SHARE_OF_RENDERING) * encoded)
        timings = recording.timeline.timings(recording.length)
        write_timings(timings, job.timings_path)
    return Outcome(timings.duration_seconds, dealt.warnings())


def _speak_text(job: SpeechJob, reader: Reader, render: Render, recording: Recording, report: Report) -> "_Dealt":
    """Record the text, and tell what became of its words."""
    rendered = job.speed if job.speed <= _FASTEST_RENDERED else _RENDERED_BEFORE_STRETCHING
    pitch = 2 ** (job.pitch / 12)
    pause = _LEAD_IN * job.speed
    numbers, dealt, read = count(), _Dealt(), 0
    for sentence in split_sentences(job.text):
        said = reader([plain_text(word) for word in sentence.words])
        symbols = [sayable(one.symbols) for one in said]
        last = len(sentence.words) - 1
        words = [
            (next(numbers), bare_word(word, ends_sentence=place == last))
            for place, word in enumerate(sentence.words)
        ]
        dealt.note(sentence.words, said, symbols)
        for phrase in to_phrases(symbols, sentence.pause):
            if any(map(is_sound, phrase.symbols)):
                rendering = render(phrase.symbols, rendered, pitch)
                recording.add_silence(pause / job.speed)
                rate = job.speed / rendering.rate
                rate = rate if abs(rate - 1) > _UNHEARD else 1.0
                recording.add_phrase(rendering.samples, align(phrase, rendering), words, rate)
                pause = phrase.pause
        read += sum(map(len, sentence.words)) + len(sentence.words)
        report(min(read / len(job.text), 1.0) * _SHARE_OF_RENDERING)
    recording.add_silence(_LEAD_OUT)
    return dealt


@dataclass(slots=True)
class _Dealt:
    """What became of the words of a text: those that are `unspoken`, those `guessed`, and how many of
    two letters and more were `read`."""

    unspoken: list[str] = field(default_factory=list[str])
    guessed: list[str] = field(default_factory=list[str])
    read: int = 0

    def note(self, words: Sequence[str], said: Sequence[ReadWord], symbols: Sequence[str]) -> None:
        """Take in the words of a sentence, what was read of them, and what of that can be said."""
        self.unspoken += [word for word, heard in zip(words, symbols, strict=True) if _is_lost(word, heard)]
        self.guessed += [
            bare_word(word, ends_sentence=True) for word, one in zip(words, said, strict=True) if one.guessed
        ]
        self.read += sum(sum(map(str.isalpha, word)) > 1 for word in words)

    def warnings(self) -> tuple[str, ...]:
        """What the user should know of it."""
        found = [f"Not spoken: {_some(self.unspoken)}."] if self.unspoken else []
        if len(self.guessed) >= _FEWEST_GUESSED and len(self.guessed) >= _MUCH_GUESSED * self.read:
            found.append(
                f"{len(self.guessed)} of {self.read} words are not in the dictionary of this voice, which speaks "
                f"English: {_some(self.guessed)}. They were said as if they were English. If the text is in "
                "another language, take a voice of that language from list_voices."
            )
        return tuple(found)


def _is_lost(word: str, symbols: str) -> bool:
    meant = any(char.isalnum() or unicodedata.category(char) == "So" for char in word)
    return meant and not any(map(is_sound, symbols))


def _some(words: Sequence[str]) -> str:
    more = f" and {len(words) - _NAMED} more" if len(words) > _NAMED else ""
    return ", ".join(dict.fromkeys(words[:_NAMED])) + more


def _require_voice(name: str) -> voices.LocalVoice:
    voice = voices.find_voice(name)
    if voice is None:
        names = ", ".join(voice.name for voice in voices.available_voices())
        raise EngineError("voice_unknown", f"There is no local voice named {name!r}.", f"Choose one of: {names}.")
    if missing := voices.missing_packages(voice):
        raise EngineError(
            "voice_not_installed",
            f"The voice {name} needs what is not installed: {', '.join(missing)}.",
            f"Install it with: {install_command(EXTRA)}",
        )
    return voice


def _deleted(name: str) -> EngineError:
    return EngineError(
        "voice_deleted",
        f"The cloned voice {name} was deleted before the speech was done, so nothing was kept of it.",
        "Take another voice_id from list_voices.",
    )
