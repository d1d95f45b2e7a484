"""Finds faces and their 468 landmarks: BlazeFace and FaceMesh, run by OpenCV."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from soundstage.providers.local.avatar.arrays import F32, U8, f32, u8

_MODELS = Path(__file__).parent.parent / "models"
_DETECTOR_SIDE = 128
_MESH_SIDE = 192
_MIN_DETECTION = 0.5
_MIN_PRESENCE = 0.5

RIGHT_EYE, LEFT_EYE = (33, 133), (263, 362)
CHEEKS = (234, 454)
FOREHEAD, CHIN, NOSE_TIP = 10, 152, 1
OVAL = (10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
        152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Face:
    """One face: 468 landmarks (x, y, depth) in pixels of the picture, and how sure the mesh is (0 to 1)."""

    landmarks: F32
    score: float

    @property
    def width(self) -> float:
        """Pixels from cheek to cheek."""
        return self._distance(*CHEEKS)

    @property
    def height(self) -> float:
        """Pixels from the hairline to the chin."""
        return self._distance(FOREHEAD, CHIN)

    @property
    def size(self) -> float:
        """The larger of width and height: a profile is narrow but not small."""
        return max(self.width, self.height)

    @property
    def centre(self) -> tuple[float, float]:
        """The middle of the face's outline, in pixels."""
        x, y = self.landmarks[list(OVAL), :2].mean(axis=0)
        return float(x), float(y)

    @property
    def roll(self) -> float:
        """Degrees by which the head leans, clockwise positive, -180 to 180."""
        across = self._eye(LEFT_EYE) - self._eye(RIGHT_EYE)
        return float(np.degrees(np.arctan2(across[1], across[0])))

    @property
    def turn(self) -> float:
        """How far the head is turned sideways: 0 from the front, about 1 in profile."""
        nose, right, left = (self.landmarks[i, :2] for i in (NOSE_TIP, *CHEEKS))
        a, b = float(np.linalg.norm(nose - right)), float(np.linalg.norm(nose - left))
        return abs(a - b) / max(a + b, 1e-6)

    def _distance(self, a: int, b: int) -> float:
        return float(np.linalg.norm(self.landmarks[a, :2] - self.landmarks[b, :2]))

    def _eye(self, corners: tuple[int, int]) -> F32:
        return f32(self.landmarks[list(corners), :2].mean(axis=0))


@dataclass(frozen=True, slots=True)
class _Region:
    """A square on the picture, turned by `angle` radians, that a network looks at."""

    x: float
    y: float
    side: float
    angle: float = 0.0

    def to_picture(self, network_side: int) -> F32:
        """The 2x3 matrix from the network's pixels to the picture's."""
        scale = self.side / network_side
        c, s = np.cos(self.angle) * scale, np.sin(self.angle) * scale
        half = network_side / 2
        return f32([[c, -s, self.x - half * (c - s)], [s, c, self.y - half * (s + c)]])


class FaceFinder:
    """The two networks, loaded once."""

    def __init__(self) -> None:
        self._detector = cv2.dnn.readNetFromTFLite(str(_MODELS / "face_detection_short_range.tflite"))
        self._mesh = cv2.dnn.readNetFromTFLite(str(_MODELS / "face_landmark.tflite"))
        self._anchors = _anchors()

    def find(self, rgb: U8) -> list[Face]:
        """The faces in a picture, largest first."""
        pyramid = _pyramid(rgb)
        faces: list[Face] = []
        for region in self._candidates(pyramid):
            face = self._fit(pyramid, region)
            if face is not None and not any(_same(face, other) for other in faces):
                faces.append(face)
        return sorted(faces, key=lambda face: -face.size)

    def track(self, rgb: U8, face: Face) -> Face | None:
        """The same face in a later frame, or None when the mesh no longer sees one there."""
        return self._landmarks(_pyramid(rgb), _region_of(face))

    def _candidates(self, pyramid: list[U8]) -> list[_Region]:
        height, width = pyramid[0].shape[:2]
        short = min(width, height)
        found: list[tuple[float, _Region]] = []
        for side in (max(width, height), short, short / 2, short / 3, short / 5, short / 8):
            # The detector is made for faces that fill a good part of its view: look closer only for small ones.
            if found or side < min(_DETECTOR_SIDE, short):
                break
            tiles = [_Region(x, y, side) for y in _centres(height, side) for x in _centres(width, side)]
            found = [hit for tile in tiles for hit in self._detect(pyramid, tile)]
        best = sorted(found, key=lambda hit: -hit[0])
        regions: list[_Region] = []
        for _, region in best:
            if all(np.hypot(region.x - r.x, region.y - r.y) > 0.3 * max(region.side, r.side) for r in regions):
                regions.append(region)
        return regions[:12]

    def _detect(self, pyramid: list[U8], tile: _Region) -> list[tuple[float, _Region]]:
        matrix = tile.to_picture(_DETECTOR_SIDE)
        blob = _look(pyramid, matrix, _DETECTOR_SIDE) * 2.0 - 1.0
        scores = 1.0 / (1.0 + np.exp(-_run(self._detector, blob, "classificators").clip(-80, 80)))
        good = np.flatnonzero(scores > _MIN_DETECTION)
        if not good.size:
            return []
        raw = _run(self._detector, blob, "regressors").reshape(-1, 16)[good]
        points = raw.reshape(len(good), 8, 2) + self._anchors[good][:, None] * _DETECTOR_SIDE
        centres = points[:, 0] @ matrix[:, :2].T + matrix[:, 2]
        across = (points[:, 3] - points[:, 2]) @ matrix[:, :2].T
        sides = 1.5 * np.abs(raw[:, 2:4]).max(axis=1) * tile.side / _DETECTOR_SIDE
        angles = np.arctan2(across[:, 1], across[:, 0])
        return [
            (float(score), _Region(float(x), float(y), float(side), float(angle)))
            for score, (x, y), side, angle in zip(scores[good], centres, sides, angles, strict=True)
        ]

    def _fit(self, pyramid: list[U8], region: _Region) -> Face | None:
        # The second look starts from the first one's landmarks: upright and centred, it is far more exact.
        first = self._landmarks(pyramid, region, least=0.2)
        return None if first is None else self._landmarks(pyramid, _region_of(first))

    def _landmarks(self, pyramid: list[U8], region: _Region, least: float = _MIN_PRESENCE) -> Face | None:
        if region.side < 8:
            return None
        matrix = region.to_picture(_MESH_SIDE)
        blob = _look(pyramid, matrix, _MESH_SIDE)
        logit = float(_run(self._mesh, blob, "conv2d_31")[0])
        score = 1.0 / (1.0 + float(np.exp(-np.clip(logit, -80.0, 80.0))))
        if score < least:
            return None
        points = _run(self._mesh, blob, "conv2d_21").reshape(-1, 3)
        flat = points[:, :2] @ matrix[:, :2].T + matrix[:, 2]
        depth = points[:, 2:] * (region.side / _MESH_SIDE)
        return Face(f32(np.hstack([flat, depth])), score)


def _centres(length: int, side: float) -> list[float]:
    """Where tiles that overlap by half lie along a length."""
    count = max(1, int(np.ceil((length - side) / (side / 2))) + 1)
    return [side / 2 + (length - side) * i / max(count - 1, 1) for i in range(count)]


def _run(net: cv2.dnn.Net, blob: F32, output: str) -> F32:
    # One output a pass: OpenCV 5's engine refuses two, OpenCV 4's gives them in its own order.
    net.setInput(blob)
    return f32(net.forward(output)).reshape(-1)


def _look(pyramid: list[U8], matrix: F32, side: int) -> F32:
    """The region as a network's input: (1, 3, side, side), 0 to 1, black beyond the picture."""
    scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    level = int(np.clip(np.floor(np.log2(max(scale, 1.0))), 0, len(pyramid) - 1))
    shrink = 0.5**level
    # Pixel centres sit at halves, so a shrunken level is a scaling about the corner, not about pixel (0, 0).
    shrunk = matrix * shrink
    shrunk[:, 2] += 0.5 * (shrunk[:, 0] + shrunk[:, 1]) - 0.5
    crop = cv2.warpAffine(pyramid[level], shrunk, (side, side), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
    return f32(np.moveaxis(u8(crop).astype(np.float32) / 255.0, 2, 0)[None])


def _pyramid(rgb: U8) -> list[U8]:
    levels = [rgb]
    while min(levels[-1].shape[:2]) >= 2 * _DETECTOR_SIDE:
        height, width = levels[-1].shape[:2]
        levels.append(u8(cv2.resize(levels[-1], (width // 2, height // 2), interpolation=cv2.INTER_AREA)))
    return levels


def _region_of(face: Face) -> _Region:
    angle = np.radians(face.roll)
    c, s = float(np.cos(angle)), float(np.sin(angle))
    upright = face.landmarks[:, :2] @ f32([[c, -s], [s, c]])
    low, high = upright.min(axis=0), upright.max(axis=0)
    x, y = (low + high) / 2 @ f32([[c, s], [-s, c]])
    return _Region(float(x), float(y), float((high - low).max()) * 1.5, float(angle))


def _same(a: Face, b: Face) -> bool:
    (ax, ay), (bx, by) = a.centre, b.centre
    return float(np.hypot(ax - bx, ay - by)) < 0.4 * max(a.size, b.size)


def _anchors() -> F32:
    grids: list[F32] = []
    for cells, repeats in ((16, 2), (8, 6)):
        y, x = np.divmod(np.arange(cells * cells), cells)
        grids.append(f32(np.repeat(np.stack([x + 0.5, y + 0.5], axis=1) / cells, repeats, axis=0)))
    return f32(np.vstack(grids))
