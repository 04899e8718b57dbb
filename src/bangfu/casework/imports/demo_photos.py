"""Drawn photographs of a notice on its board, near and from afar, for the demonstration; every one of them made up."""

from __future__ import annotations

import io

from PIL import Image, ImageDraw

__all__ = ["drawn"]

_SIZE = (800, 600)
_QUALITY = 80
_WALLS = ((214, 202, 178), (203, 210, 205), (222, 196, 170))
_PAPER, _INK, _RULE, _SEAL, _FRAME = (
    (250, 249, 244),
    (70, 70, 76),
    (150, 150, 156),
    (190, 44, 40),
    (96, 66, 44),
)
_BACK, _SKY, _GROUND, _ROOF = (120, 140, 132), (196, 214, 230), (150, 140, 122), (92, 84, 82)
_LEAVES, _DOOR = (92, 126, 80), (120, 84, 60)
_ROWS, _STEP, _COLUMNS = 13, 5, (10, 34, 66, 86)
Box = tuple[int, int, int, int]


def drawn(part: str, serial: int = 0) -> bytes:
    """A photograph as JPEG: the sheet with its rows and seal (near), or the wall it hangs on (far).

    Args:
        part: near or far.
        serial: Another number, another wall.
    """
    wall = _WALLS[serial % len(_WALLS)]
    picture = Image.new("RGB", _SIZE, wall)
    draw = ImageDraw.Draw(picture)
    if part == "near":
        _board(draw, (70, 30, 730, 570), sheets=1)
    else:
        _place(draw, wall)
    held = io.BytesIO()
    picture.save(held, "JPEG", quality=_QUALITY)
    return held.getvalue()


def _place(draw: ImageDraw.ImageDraw, wall: tuple[int, int, int]) -> None:
    """A yard: sky, a house with a door and its notice board, a tree."""
    wide, high = _SIZE
    draw.rectangle((0, 0, wide, 470), fill=_SKY)
    draw.rectangle((120, 190, 720, 470), fill=wall)
    draw.polygon(((90, 195), (150, 110), (690, 110), (750, 195)), fill=_ROOF)
    draw.rectangle((0, 470, wide, high), fill=_GROUND)
    draw.rectangle((560, 290, 650, 470), fill=_DOOR)
    draw.rectangle((52, 330, 70, 480), fill=_FRAME)
    draw.ellipse((-20, 180, 140, 360), fill=_LEAVES)
    _board(draw, (190, 250, 470, 400), sheets=3)
    for foot in (205, 445):
        draw.rectangle((foot, 400, foot + 10, 480), fill=_FRAME)


def _board(draw: ImageDraw.ImageDraw, box: Box, *, sheets: int) -> None:
    """A frame with sheets side by side."""
    left, top, right, bottom = box
    rim = (right - left) // 40
    draw.rectangle(box, fill=_FRAME)
    inner = (left + rim, top + rim, right - rim, bottom - rim)
    draw.rectangle(inner, fill=_BACK)
    wide = (inner[2] - inner[0]) // sheets
    for number in range(sheets):
        at = inner[0] + number * wide
        _sheet(draw, (at + rim, inner[1] + rim, at + wide - rim, inner[3] - rim))


def _sheet(draw: ImageDraw.ImageDraw, box: Box) -> None:
    """A paper with a title, a table of bars for words, and a seal; its places in hundredths of it."""
    left, top, right, bottom = box

    def across(part: int) -> int:
        return left + (right - left) * part // 100

    def down(part: int) -> int:
        return top + (bottom - top) * part // 100

    draw.rectangle(box, fill=_PAPER)
    draw.rectangle((across(22), down(5), across(78), down(9)), fill=_INK)
    for row in range(_ROWS + 1):
        y = down(16 + row * _STEP)
        draw.line((across(6), y, across(94), y), fill=_RULE, width=1)
        for column in _COLUMNS if row < _ROWS else ():
            long = 6 + 2 * ((row * 2 + column) % 3)
            bar = (
                across(column),
                down(17 + row * _STEP),
                across(min(column + long, 93)),
                down(19 + row * _STEP),
            )
            draw.rectangle(bar, fill=_INK)
    seal = down(96) - down(84)
    draw.ellipse((across(70), down(84), across(70) + seal, down(96)), outline=_SEAL, width=max(1, seal // 16))
