"""A provider's words, as they may reach a model: short, one line, nothing invisible, and no secret in them."""

import re
import unicodedata
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Collection, Iterator
from urllib.parse import quote

_LONGEST = 200
_READ = 4000
_RUN = 8
_REMOVED = "[removed]"
_TERMINAL_SEQUENCE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f]).*?(?:\x07|\x1b\\|\x9c)"
    r"|\x1b[ -/]*[0-~]",
    re.DOTALL,
)
_UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_BASE64_CHARACTERS_SPOILT = (0, 2, 3)


def quotation(text: str, secrets: Collection[str] = ()) -> str:
    """The words of a provider, at most 200 characters, to be put between double quotes.

    Every secret is removed from them: as it is, in base64 and URL-encoded, and each run of eight characters or
    more of one of these.
    """
    return _shortened(_without(_clean(text[:_READ]), secrets).replace('"', "'"), _LONGEST)


def wrote(title: str, said: str) -> str:
    """A quotation as a further sentence, with the name of whose words it holds; empty where there are none."""
    return f' {title} wrote: "{said}"' if said else ""


def plain(text: str, limit: int = 80) -> str:
    """A name that comes from a provider, at most `limit` characters."""
    return _shortened(_clean(text[:_READ]), limit)


def _clean(text: str) -> str:
    seen = "".join(filter(_is_seen, _TERMINAL_SEQUENCE.sub("", text)))
    return " ".join(seen.split())


def _is_seen(character: str) -> bool:
    category = unicodedata.category(character)
    if category == "Cc":
        return character.isspace()
    hidden = category in {"Cf", "Cs", "Co", "Cn"} or character in _UNSEEN
    return not hidden and not unicodedata.name(character, "").startswith("VARIATION SELECTOR")


def _shortened(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _without(text: str, secrets: Collection[str]) -> str:
    """The text with all that gives a secret away cut out, whatever its case."""
    folded = _folded(text)
    given_away = bytearray(len(text))
    for spelling in {_folded(spelling) for secret in secrets for spelling in _spellings(secret)}:
        length = min(_RUN, len(spelling))
        for start in range(len(spelling) - length + 1):
            part = spelling[start : start + length]
            at = folded.find(part)
            while at >= 0:
                given_away[at : at + length] = b"\1" * length
                at = folded.find(part, at + 1)
    pieces: list[str] = []
    for index, character in enumerate(text):
        if not given_away[index]:
            pieces.append(character)
        elif index == 0 or not given_away[index - 1]:
            pieces.append(_REMOVED)
    return "".join(pieces)


def _folded(text: str) -> str:
    return "".join(character.lower() if character.isascii() else character for character in text)


def _spellings(secret: str) -> Iterator[str]:
    if not secret:
        return
    yield secret
    yield quote(secret, safe="")
    for shift, spoilt in enumerate(_BASE64_CHARACTERS_SPOILT):
        shifted = b"\0" * shift + secret.encode()
        for encode in (b64encode, urlsafe_b64encode):
            yield encode(shifted).decode().rstrip("=")[spoilt:]
