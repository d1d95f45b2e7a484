"""What the emulated Hedra offers: models and stock voices."""

from dataclasses import dataclass

from emulators.message import Body

AVATAR = "26f0fc66-152b-40ab-abed-76c43df99bc8"
OMNIA = "ab372b84-432f-44f5-bacc-c2542465f712"
CHARACTER_3 = "d1dd37a3-e39a-4854-a298-6510289f9cf2"
SIDES = {"540p": 540, "720p": 720, "1080p": 1080}
SHAPES = {"1:1": (1, 1), "16:9": (16, 9), "9:16": (9, 16)}


@dataclass(frozen=True)
class Model:
    id: str
    slug: str
    name: str
    max_duration_ms: int | None
    credits_a_second: int
    bounding_box: bool = False

    def shown(self, order: int) -> Body:
        return {
            "id": self.id,
            "slug": self.slug,
            "name": self.name,
            "description": f"{self.name}, driven by audio",
            "type": "video",
            "aspect_ratios": list(SHAPES),
            "resolutions": list(SIDES),
            "durations": ["auto"],
            "requires_start_frame": True,
            "requires_end_frame": False,
            "requires_audio_input": True,
            "max_duration_ms": self.max_duration_ms,
            "custom_resolution": False,
            "price_details": {"credit_cost": self.credits_a_second, "unit_scale": 1, "billing_unit": "second"},
            "pricing": None,
            "premium": True,
            "display_order": order,
        }


MODELS = (
    Model(AVATAR, "together/hedra-avatar", "Hedra Avatar", 600_000, 7),
    Model(OMNIA, "together/hedra-omnia", "Hedra Omnia", 8_000, 15),
    Model(CHARACTER_3, "together/hedra-character-3", "Character-3", None, 6, bounding_box=True),
)


@dataclass(frozen=True)
class StockVoice:
    id: str
    name: str
    description: str
    external_id: str
    labels: dict[str, str]


def _voice(number: int, voice_id: str, name: str, gender: str, accent: str, language: str) -> StockVoice:
    labels = {"gender": gender, "accent": accent, "age": "young", "language": language}
    return StockVoice(voice_id, name, f"{name}, {accent}", f"EXAVITQu4vr4xnSDxM{number:02}", labels)


VOICES = (
    _voice(1, "f412c62f-e94f-41c0-bfc6-97f63289941c", "Example Voice", "female", "american", "English"),
    _voice(2, "0f6d1a52-7a55-4a70-9d2b-6b7a4c1d8e01", "Alastair", "male", "british", "English"),
    _voice(3, "1c9f3b7e-2d44-4f0c-8a6e-9d5e7b2a3f02", "Lucía", "female", "castilian", "Spanish"),
    _voice(4, "2ab8e4d1-5c36-4e8f-b1d7-3f6a9c0b5d03", "春香", "female", "standard", "Japanese"),
)


def frame(resolution: str | None, aspect_ratio: str | None) -> tuple[int, int]:
    """Width and height in pixels, even; the shorter side is what the resolution names."""
    across, down = SHAPES.get(aspect_ratio or "", (9, 16))
    short = SIDES.get(resolution or "", 540)
    scale = short / min(across, down)
    return round(across * scale) // 2 * 2, round(down * scale) // 2 * 2
