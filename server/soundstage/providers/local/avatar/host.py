"""The drawn host: our own default portrait, made of soft shapes."""

import numpy as np

from soundstage.providers.local.avatar.arrays import F32, U8, f32
from soundstage.providers.local.avatar.drawing import Canvas, Colour, Point, closed, ellipse, line, mirrored

WIDTH, HEIGHT = 1920, 1440
_MIDDLE = 960.0

_WALL, _FLOOR = (214, 228, 226), (158, 190, 190)
_GLOW = (240, 244, 238)
_HAIR, _HAIR_LOW, _HAIR_LIGHT = (72, 46, 40), (44, 27, 26), (122, 80, 62)
_SKIN, _SKIN_LOW = (246, 206, 180), (236, 186, 158)
_SHADE, _BLUSH, _LIGHT = (206, 140, 112), (238, 140, 122), (255, 232, 214)
_NECK, _NECK_LOW = (226, 172, 144), (238, 190, 162)
_JACKET, _JACKET_LOW, _LAPEL = (46, 72, 92), (30, 48, 64), (58, 88, 110)
_SHIRT, _SHIRT_LOW = (250, 246, 238), (226, 222, 214)
_LINE = (58, 36, 34)
_IRIS, _IRIS_LOW, _PUPIL = (86, 62, 44), (148, 108, 70), (26, 18, 16)
_LIP, _LIP_LOW, _SEAM = (202, 96, 92), (216, 116, 108), (142, 56, 56)


def drawn_host() -> U8:
    """The host as (1440, 1920, 3) RGB: a woman from the front, with a closed mouth."""
    canvas = Canvas(WIDTH, HEIGHT, _WALL, _FLOOR)
    canvas.fill(ellipse(_MIDDLE, 600, 620, 560), _GLOW, blur=150, cover=0.75)
    _hair_behind(canvas)
    _body(canvas)
    face = _face(canvas)
    for left in (True, False):
        _eye(canvas, left)
    _nose(canvas, face)
    _mouth(canvas, face)
    _hair_before(canvas)
    return canvas.pixels


def _both(canvas: Canvas, outline: F32, colour: Colour, *, blur: float = 0.0, cover: float = 1.0) -> None:
    for side in (outline, mirrored(outline, _MIDDLE)):
        canvas.fill(side, colour, blur=blur, cover=cover)


def _hair_behind(canvas: Canvas) -> None:
    behind = closed(
        (960, 318), (1120, 350), (1226, 470), (1250, 640), (1262, 800), (1236, 930), (1150, 985), (960, 960),
        (770, 985), (684, 930), (658, 800), (670, 640), (694, 470), (800, 350),
    )  # fmt: skip
    canvas.fill(behind, _HAIR, to=_HAIR_LOW)


def _body(canvas: Canvas) -> None:
    shoulders = closed(
        (960, 1090), (1120, 1112), (1320, 1168), (1440, 1270), (1490, 1460), (1490, 1700), (430, 1700),
        (430, 1460), (480, 1270), (600, 1168), (800, 1112),
    )  # fmt: skip
    canvas.fill(shoulders, _JACKET, to=_JACKET_LOW)
    canvas.fill(closed((838, 1080), (1082, 1080), (1060, 1240), (960, 1470), (860, 1240)), _SHIRT, to=_SHIRT_LOW)
    neck = closed(
        (862, 880), (1058, 880), (1066, 1010), (1094, 1100), (1030, 1160), (960, 1184), (890, 1160), (826, 1100),
        (854, 1010),
    )  # fmt: skip
    canvas.fill(neck, _NECK, to=_NECK_LOW)
    canvas.fill_within(neck, ellipse(_MIDDLE, 905, 150, 92), _SHADE, blur=22, cover=0.75)
    collar = f32([(838, 1070), (812, 1096), (868, 1240), (958, 1196), (884, 1150)])
    _both(canvas, collar, _SHIRT)
    lapel = f32([(806, 1084), (700, 1128), (752, 1250), (720, 1290), (930, 1560), (958, 1560), (862, 1236)])
    _both(canvas, lapel, _LAPEL)
    canvas.stroke(line((812, 1100), (862, 1236), (956, 1540)), (3, 5, 4), _JACKET_LOW, cover=0.7)
    canvas.stroke(
        mirrored(line((812, 1100), (862, 1236), (956, 1540)), _MIDDLE), (3, 5, 4), _JACKET_LOW, cover=0.7
    )


def _face(canvas: Canvas) -> F32:
    ear = closed((752, 660), (728, 650), (716, 690), (726, 750), (748, 780), (768, 760))
    _both(canvas, ear, _SKIN_LOW)
    _both(canvas, closed((748, 680), (734, 690), (738, 735), (752, 752)), _SHADE, blur=4, cover=0.6)
    face = closed(
        (960, 420), (1080, 446), (1156, 540), (1172, 660), (1160, 770), (1118, 866), (1046, 936), (960, 962),
        (874, 936), (802, 866), (760, 770), (748, 660), (764, 540), (840, 446),
    )  # fmt: skip
    canvas.fill(face, _SKIN, to=_SKIN_LOW)
    canvas.fill_within(face, ellipse(_MIDDLE, 470, 300, 70), _SHADE, blur=34, cover=0.45)
    for side in (-1, 1):
        edge = ellipse(_MIDDLE + side * 222, 800, 48, 190)
        canvas.fill_within(face, edge, _SHADE, blur=30, cover=0.42)
        canvas.fill_within(face, ellipse(_MIDDLE + side * 132, 768, 62, 44), _BLUSH, blur=26, cover=0.42)
        canvas.fill_within(face, ellipse(_MIDDLE + side * 112, 716, 60, 22), _LIGHT, blur=16, cover=0.6)
    canvas.fill_within(face, ellipse(_MIDDLE, 905, 46, 20), _LIGHT, blur=16, cover=0.5)
    canvas.fill_within(face, ellipse(_MIDDLE, 560, 110, 40), _LIGHT, blur=30, cover=0.5)
    return face


def _eye(canvas: Canvas, left: bool) -> None:
    def side(outline: F32) -> F32:
        return outline if left else mirrored(outline, _MIDDLE)

    socket = side(ellipse(862, 634, 62, 34))
    canvas.fill(socket, _SHADE, blur=16, cover=0.32)
    upper: tuple[Point, ...] = ((820, 660), (834, 640), (860, 629), (888, 638), (912, 663))
    lower: tuple[Point, ...] = ((912, 663), (890, 676), (861, 680), (836, 675), (820, 660))
    white = side(f32(np.vstack([line(*upper), line(*lower)])))
    canvas.fill(white, (252, 250, 247))
    x = 862 if left else 2 * _MIDDLE - 862
    canvas.fill_within(white, ellipse(x, 655, 26, 27), _IRIS, cover=1.0)
    canvas.fill_within(white, ellipse(x, 666, 18, 14), _IRIS_LOW, blur=6, cover=0.9)
    canvas.fill_within(white, ellipse(x, 655, 12, 12.5), _PUPIL)
    canvas.fill_within(white, side(ellipse(862, 634, 52, 9)), (150, 130, 124), blur=5, cover=0.55)
    canvas.fill(ellipse(x + 8, 647, 5.5, 5.5), (255, 255, 255))
    canvas.fill(ellipse(x - 7, 666, 3, 3), (255, 255, 255), cover=0.7)
    canvas.stroke(side(line((813, 656), (821, 655), *upper[1:])), (2, 6, 8, 7, 3), _LINE)
    canvas.stroke(side(line(*lower)), (1, 2, 3, 2), _SHADE, cover=0.7)
    brow = line((788, 588), (816, 564), (858, 553), (898, 560), (918, 571))
    canvas.stroke(side(brow), (4, 13, 17, 16, 10), _HAIR_LOW, cover=0.88)


def _nose(canvas: Canvas, face: F32) -> None:
    canvas.fill_within(face, ellipse(_MIDDLE, 694, 15, 66), _LIGHT, blur=9, cover=0.7)
    canvas.fill_within(face, ellipse(_MIDDLE + 26, 706, 9, 60), _SHADE, blur=11, cover=0.35)
    canvas.fill_within(face, ellipse(_MIDDLE, 782, 36, 13), _SHADE, blur=9, cover=0.55)
    for side in (-1, 1):
        nostril = closed(*((_MIDDLE + side * x, y) for x, y in ((8, 772), (20, 766), (27, 771), (18, 777))))
        canvas.fill(nostril, (150, 84, 70), blur=2, cover=0.85)
        wing = line((_MIDDLE + side * 32, 744), (_MIDDLE + side * 41, 760), (_MIDDLE + side * 33, 776))
        canvas.stroke(wing, (1, 4, 2), _SHADE, cover=0.8)
    canvas.fill_within(face, ellipse(_MIDDLE, 752, 13, 9), (255, 240, 228), blur=5, cover=0.8)


def _mouth(canvas: Canvas, face: F32) -> None:
    canvas.fill_within(face, ellipse(_MIDDLE, 886, 52, 12), _SHADE, blur=9, cover=0.5)
    seam = line((876, 830), (906, 842), (936, 848), (960, 850), (984, 848), (1014, 842), (1044, 830))
    top = line((876, 830), (914, 826), (944, 821), (960, 826), (976, 821), (1006, 826), (1044, 830))
    bottom = line((876, 830), (906, 856), (936, 871), (960, 874), (984, 871), (1014, 856), (1044, 830))
    canvas.fill(f32(np.vstack([top, seam[::-1]])), _LIP)
    canvas.fill(f32(np.vstack([seam, bottom[::-1]])), _LIP_LOW)
    canvas.fill(ellipse(_MIDDLE, 860, 30, 4.5), (244, 172, 160), blur=4, cover=0.8)
    canvas.stroke(seam, (2, 4, 5, 4, 2), _SEAM)
    for side in (-1, 1):
        canvas.fill(ellipse(_MIDDLE + side * 88, 830, 7, 6), _SHADE, blur=4, cover=0.8)


def _hair_before(canvas: Canvas) -> None:
    fringe = closed(
        (904, 372), (1040, 352), (1160, 410), (1222, 520), (1230, 660), (1216, 740), (1186, 640), (1160, 556),
        (1096, 486), (1006, 452), (900, 500), (812, 560), (770, 640), (742, 740), (704, 700), (690, 560),
        (734, 440), (806, 382),
    )  # fmt: skip
    canvas.fill(fringe, _HAIR, to=_HAIR_LOW)
    lock = closed((1196, 560), (1236, 640), (1258, 790), (1236, 930), (1180, 960), (1196, 860), (1206, 740))
    _both(canvas, lock, _HAIR)
    strands = (
        ((880, 384), (780, 430), (718, 560), (706, 700)),
        ((930, 380), (850, 430), (780, 510), (752, 600)),
        ((960, 372), (1080, 400), (1160, 480), (1202, 600)),
        ((960, 392), (1060, 424), (1130, 486), (1176, 570)),
    )
    for strand in strands:
        canvas.stroke(line(*strand), (2, 12, 9, 2), _HAIR_LIGHT, cover=0.35)
