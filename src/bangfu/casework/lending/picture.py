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

    rows = [{"on": on.isoformat(), "wan": _wan(fen)} for on, fen in (*points, (until, points[-1][1]))]
    made: str = vl_convert.vegalite_to_svg(json.dumps(_spec(rows, label)))
    return made


def _wan(fen: int) -> str:
    whole, part = divmod(fen, _FEN_PER_WAN)
    return f"{whole}.{part:06d}"


def _spec(rows: list[dict[str, str]], label: str) -> dict[str, Any]:
    """The picture as Altair would write it down: an area in steps, two quiet axes."""
    import altair as alt  # noqa: PLC0415 - as above

    x = alt.X("on:T").axis(title=None, grid=False, labelFontSize=11, tickCount=6, format="%Y-%m", labelOverlap=True)
    y = alt.Y("wan:Q").axis(title=None, labelFontSize=11, tickCount=4, gridColor="#e3e6ea", domain=False)
    mark = {"line": {"color": "#1d4f91", "strokeWidth": 2}, "color": "#dce7f5", "interpolate": "step-after"}
    chart = (
        alt.Chart(alt.Data(values=[{"on": row["on"], "wan": row["wan"]} for row in rows], format={"parse": {"wan": "number"}}))
        .mark_area(**mark)
        .encode(x=x, y=y)
        .properties(width=_WIDTH, height=_HEIGHT, background="transparent", description=label)
        .configure_view(stroke=None)
    )
    told: dict[str, Any] = chart.to_dict()
    return told
