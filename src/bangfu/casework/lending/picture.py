"""The line of a loan's balance as a picture of about two kilobytes, drawn on the server and kept by its content."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any

__all__ = ["balance_picture"]

Points = tuple[tuple[date, int], ...]
_WIDTH, _HEIGHT = 560, 150
_FEN_PER_WAN = 1_000_000


def balance_picture(points: Sequence[tuple[date, int]], *, until: date, label: str) -> str:
    """An SVG of the balance in ten thousand yuan over the days, as steps.

    Args:
        points: Balance in fen at the end of each day it changed.
        until: The line goes on to this day.
        label: What is shown, read out by screen readers.
    """
    if not points:
        return ""
    return _drawn(tuple(points), max(until, points[-1][0]), label)


@lru_cache(maxsize=512)
def _drawn(points: Points, until: date, label: str) -> str:
    import vl_convert  # noqa: PLC0415 - its start is slow, and few processes draw

    # A second point on the same day would be stacked upon the first.
    last = () if until == points[-1][0] else ((until, points[-1][1]),)
    rows = [{"on": on.isoformat(), "wan": _wan(fen)} for on, fen in (*points, *last)]
    made: str = vl_convert.vegalite_to_svg(json.dumps(_spec(rows, label)))
    return made


def _wan(fen: int) -> str:
    whole, part = divmod(fen, _FEN_PER_WAN)
    return f"{whole}.{part:06d}"


def _spec(rows: list[dict[str, str]], label: str) -> dict[str, Any]:
    """The picture in Vega-Lite: an area in steps, two quiet axes."""
    quiet = {"title": None, "labelFontSize": 11, "domainColor": "#9aa3ad", "tickColor": "#9aa3ad"}
    line = {"color": "#1d4f91", "strokeWidth": 2}
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "description": label,
        "background": "transparent",
        "width": _WIDTH,
        "height": _HEIGHT,
        "config": {"view": {"stroke": None}},
        "data": {"values": rows, "format": {"parse": {"on": "date", "wan": "number"}}},
        "mark": {"type": "area", "line": line, "color": "#dce7f5", "interpolate": "step-after"},
        "encoding": {
            "x": {
                "field": "on",
                "type": "temporal",
                "axis": {**quiet, "grid": False, "format": "%Y-%m", "tickCount": 6},
            },
            "y": {
                "field": "wan",
                "type": "quantitative",
                "axis": {**quiet, "gridColor": "#e3e6ea", "tickCount": 4},
            },
        },
    }
