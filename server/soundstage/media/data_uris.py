"""Files that come inside the call, as `data:` URIs."""

import base64
import binascii
from urllib.parse import unquote_to_bytes

from soundstage_tools.errors import BadRequest

MAX_DATA_URI_BYTES = 10 * 2**20
"""The largest file that a data URI may hold, decoded."""


def decode_data_uri(uri: str) -> bytes:
    """The bytes inside a base64 data URI. The media type that it states is left to be told from the bytes.

    Raises BadRequest for one that is malformed, not in base64, or larger than `MAX_DATA_URI_BYTES`.
    """
    header, comma, payload = uri.partition(",")
    if not comma or not header.lower().endswith(";base64"):
        raise BadRequest(
            code="data_uri_invalid",
            message="The data URI does not have the form data:<type>;base64,<content>.",
            next_step="Encode the file in base64, or give a path or an https URL.",
        )
    if len(payload) > 4 * MAX_DATA_URI_BYTES:
        raise _too_large()
    try:
        content = base64.b64decode(unquote_to_bytes(payload), validate=True)
    except (binascii.Error, ValueError):
        raise BadRequest(
            code="data_uri_invalid",
            message="The content of the data URI is not valid base64; it may be cut off.",
            next_step="Give the whole content, padded with =, or give a path or an https URL.",
        ) from None
    if len(content) > MAX_DATA_URI_BYTES:
        raise _too_large()
    return content


def _too_large() -> BadRequest:
    return BadRequest(
        code="media_too_large",
        message=f"The data URI holds more than {MAX_DATA_URI_BYTES // 2**20} MiB.",
        next_step="Give the path or an https URL of the file instead.",
    )
