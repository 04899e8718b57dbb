"""Small drawings made on the server."""

from __future__ import annotations

import importlib
from importlib.util import find_spec

from django.utils.safestring import SafeString, mark_safe

__all__ = ["qr_of"]


def qr_of(text: str) -> SafeString:
    """A text as a QR picture (SVG without a style of its own); empty where the package for it is not installed."""
    if find_spec("segno") is None:
        return SafeString("")
    made = importlib.import_module("segno").make(text, error="m")
    drawn: str = made.svg_inline(scale=5, border=4, dark="#000", light="#fff", omitsize=False, nl=False)
    return mark_safe(drawn)  # noqa: S308 - drawn from squares alone
