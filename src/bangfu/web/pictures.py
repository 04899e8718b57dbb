"""Small drawings made on the server: squares of a QR code, bars over quarters; without style or script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import segno
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

__all__ = ["Bar", "bars_of", "qr_of"]

_WIDTH, _HEIGHT = 720, 210
_SQUARE = 5  # units of one square of a QR code
_LEFT, _RIGHT, _TOP, _BOTTOM = 40, 8, 10, 24
_BROADEST = 36
_STEPS = (1, 2, 5)
_LINES = 4  # at most so many lines across, above the ground


def qr_of(text: str) -> SafeString:
    """A text as a QR picture: SVG of squares, without a style of its own; whole at whatever size a page gives it."""
    code = segno.make(text, error="m")
    wide, _ = code.symbol_size(scale=_SQUARE)
    drawn: str = code.svg_inline(scale=_SQUARE, dark="#000", light="#fff", omitsize=True)
    sized = drawn.replace("<svg ", f'<svg width="{wide}" height="{wide}" ', 1)
    return mark_safe(sized)  # noqa: S308 - drawn from squares alone


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar.

    Attributes:
        label: Stands below it; empty where there is no room for each.
        value: How high it is; None leaves the place empty.
        most: A thin line goes on to this; None where there is none.
        open: Drawn hollow: it is not over yet.
    """

    label: str
    value: int | None
    most: int | None = None
    open: bool = False


def bars_of(bars: Sequence[Bar]) -> SafeString:
    """Bars side by side in the order given, with quiet lines across and their numbers on the left."""
    step, top = _scale(max([one.most or one.value or 0 for one in bars], default=0))
    wide, high = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM
    ground = _TOP + high

    def up(value: int) -> int:
        return ground - high * value // top

    lines = format_html_join(
        "", '<path d="M{} {}H{}" stroke="#dfe5ea"/><text x="{}" y="{}" text-anchor="end">{}</text>',
        ((_LEFT, up(at), _WIDTH - _RIGHT, _LEFT - 6, up(at) + 4, at) for at in range(0, top + 1, step)),
    )  # fmt: skip
    drawn = SafeString("")
    for place, one in enumerate(bars):
        left, right = _LEFT + wide * place // len(bars), _LEFT + wide * (place + 1) // len(bars)
        middle, broad = (left + right) // 2, min(_BROADEST, max(3, (right - left) * 3 // 5))
        if one.most is not None:
            drawn += format_html('<path d="M{} {}V{}" stroke="#9aa8b5"/>', middle, up(one.most), ground)
        if one.value is not None:
            look = 'fill="#fff" stroke="#c98a1b"' if one.open else 'fill="#4f86c6"'
            drawn += format_html(
                '<rect x="{}" y="{}" width="{}" height="{}" {}/>', middle - broad // 2, up(one.value), broad,
                ground - up(one.value), mark_safe(look),  # noqa: S308 - one of two texts above
            )  # fmt: skip
        if one.label:
            drawn += format_html(
                '<text x="{}" y="{}" text-anchor="middle">{}</text>', middle, _HEIGHT - 8, one.label
            )
    return format_html(
        '<svg viewBox="0 0 {} {}" width="{}" height="{}" font-size="12" fill="#4a5662" aria-hidden="true"'
        ' focusable="false">{}{}<path d="M{} {}H{}" stroke="#9aa3ad"/></svg>',
        _WIDTH, _HEIGHT, _WIDTH, _HEIGHT, lines, drawn, _LEFT, ground, _WIDTH - _RIGHT,
    )  # fmt: skip


def _scale(most: int) -> tuple[int, int]:
    """The step between lines and the topmost one, round numbers."""
    size = 1
    while True:
        for step in _STEPS:
            if step * size * _LINES >= most:
                return step * size, step * size * max(1, -(-most // (step * size)))
        size *= 10
