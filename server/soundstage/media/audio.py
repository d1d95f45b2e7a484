"""Whether an audio file is what its first bytes say, and whole as far as its container shows."""

import struct
from mmap import mmap

from soundstage.media.formats import FLAC, M4A, MP3, OGG, WAV, MediaFormat, damaged

_CUT_OFF = "is cut off before its end"
_NO_SOUND = "holds no sound that can be read"
_MAX_BOXES = 100_000
_UNKNOWN_WAV_LENGTH = 0x7FFFF000
"""From here on a length in a WAV header stands for "not known": it was written to a pipe."""

_MPEG1_KBPS = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_MPEG2_KBPS = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_MPEG1_HZ = (44100, 48000, 32000)
_MP3_PADDING_BYTES = 2**16
"""Some writers leave this much between the tag and the first frame."""


def check_audio(data: mmap, media_format: MediaFormat) -> None:
    """Raise BadRequest unless `data` is audio that is whole, as far as its container shows.

    MP3, Ogg, FLAC and WebM do not tell their length up front: of those, the start is checked.
    """
    try:
        if media_format is WAV:
            _check_wav(data)
        elif media_format is M4A:
            _check_mp4(data)
        elif media_format is MP3:
            _check_mp3(data)
        elif media_format is OGG:
            _check_ogg(data)
        elif media_format is FLAC:
            _check_flac(data)
    except (struct.error, IndexError):
        raise damaged("audio", _CUT_OFF) from None


def _check_wav(data: mmap) -> None:
    at, has_format = 12, False
    for _ in range(_MAX_BOXES):
        chunk, length = struct.unpack_from("<4sI", data, at)
        at += 8
        if chunk == b"data":
            if not has_format or at >= len(data):
                raise damaged("audio", _NO_SOUND)
            if 0 < length < _UNKNOWN_WAV_LENGTH and at + length > len(data):
                raise damaged("audio", _CUT_OFF)
            return
        has_format = has_format or chunk == b"fmt "
        at += length + length % 2
    raise damaged("audio", _NO_SOUND)


def _check_mp4(data: mmap) -> None:
    at, boxes = 0, set[bytes]()
    for _ in range(_MAX_BOXES):
        if at + 8 > len(data):
            break
        length, box = struct.unpack_from(">I4s", data, at)
        boxes.add(box)
        if length == 0:
            break
        if length == 1:
            (length,) = struct.unpack_from(">Q", data, at + 8)
        if length < 8:
            raise damaged("audio", _NO_SOUND)
        at += length
        if at > len(data):
            raise damaged("audio", _CUT_OFF)
    if b"moov" not in boxes:
        raise damaged("audio", _CUT_OFF)


def _check_mp3(data: mmap) -> None:
    start = 0
    if data[:3] == b"ID3":
        size = 0
        for digit in data[6:10]:
            size = size << 7 | digit & 0x7F
        start = 10 + size + (10 if data[5] & 0x10 else 0)
        if start >= len(data):
            raise damaged("audio", _CUT_OFF)
    for at in range(start, min(start + _MP3_PADDING_BYTES, len(data) - 4)):
        if data[at] == 0xFF and (length := _mp3_frame_bytes(data[at : at + 4])):
            after = at + length
            if _mp3_frame_bytes(data[after : after + 4]):
                return
    raise damaged("audio", _NO_SOUND)


def _mp3_frame_bytes(header: bytes) -> int:
    """The length of the Layer III frame that starts with these four bytes; 0 where they start none."""
    if len(header) < 4:
        return 0
    version, rate_index, kbps_index = header[1] >> 3 & 3, header[2] >> 2 & 3, header[2] >> 4
    if header[0] != 0xFF or header[1] & 0xE6 != 0xE2 or version == 1 or rate_index == 3 or kbps_index in {0, 15}:
        return 0
    hertz = _MPEG1_HZ[rate_index] >> {3: 0, 2: 1, 0: 2}[version]
    kbps = (_MPEG1_KBPS if version == 3 else _MPEG2_KBPS)[kbps_index]
    return (144 if version == 3 else 72) * kbps * 1000 // hertz + (header[2] >> 1 & 1)


def _check_flac(data: mmap) -> None:
    block, rate_and_channels = struct.unpack_from(">B13xI20x", data, 4)
    if block & 0x7F or not rate_and_channels >> 12:
        raise damaged("audio", _NO_SOUND)


def _check_ogg(data: mmap) -> None:
    packet = 27 + data[26]
    starts = (b"\x01vorbis", b"OpusHead", b"\x7fFLAC", b"Speex   ")
    if not any(data[packet : packet + len(start)] == start for start in starts):
        raise damaged("audio", _NO_SOUND)
