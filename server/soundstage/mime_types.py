"""The MIME types of the files that Soundstage takes, makes and sends, by the suffix of a name."""

from collections.abc import Mapping

MIME_TYPES: Mapping[str, str] = {
    ".flac": "audio/flac",
    ".gif": "image/gif",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".json": "application/json",
    ".m4a": "audio/mp4",
    ".mp3": "audio/mpeg",
    ".mp4": "video/mp4",
    ".ogg": "audio/ogg",
    ".png": "image/png",
    ".wav": "audio/wav",
    ".webm": "audio/webm",
    ".webp": "image/webp",
}
