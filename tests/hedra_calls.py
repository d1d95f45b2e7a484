"""What Hedra's documentation names, and what was ordered there."""

from typing import Any

from emulators.server import Emulator

STOCK_VOICE = "f412c62f-e94f-41c0-bfc6-97f63289941c"
AVATAR = "26f0fc66-152b-40ab-abed-76c43df99bc8"
OMNIA = "ab372b84-432f-44f5-bacc-c2542465f712"
CHARACTER_3 = "d1dd37a3-e39a-4854-a298-6510289f9cf2"
SWIFT = [
    {"at": 0, "status": "processing", "progress": 0.42, "eta_sec": 95},
    {"at": 1, "status": "complete", "progress": 1.0},
]


def ordered(emulator: Emulator, path: str = "/generations") -> list[dict[str, Any]]:
    """The JSON bodies that were sent to `path`."""
    return [entry["json"] for entry in emulator.control.ledger(f"POST {path}")]
