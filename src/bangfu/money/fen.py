"""Money as integer fen, and the one rounding."""

from __future__ import annotations

import re

FEN_PER_YUAN = 100
YUAN_PER_WAN = 10_000

_AMOUNT = re.compile(r"([+-]?)(\d+)(?:\.(\d+))?")


def round_half_up(numerator: int, denominator: int) -> int:
    """The one rounding: half a fen goes away from zero.

    Args:
        numerator: The exact total, multiplied out before any division.
        denominator: Positive.

    Raises:
        ValueError: The denominator is not positive.
    """
    if denominator <= 0:
        raise ValueError("a denominator must be positive")
    size = (2 * abs(numerator) + denominator) // (2 * denominator)
    return size if numerator >= 0 else -size


def parse_scaled(text: str, decimals: int) -> int:
    """Read a plain decimal number as an integer with ``decimals`` places; refuse anything finer, never round.

    Thousands separators are accepted in their places. No exponent, no sign words, no spaces inside.

    Raises:
        ValueError: Not a plain number, or finer than ``decimals`` places.
    """
    bare = text.strip()
    if "," in bare:
        if not re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", bare):
            raise ValueError(f"not a number: {text}")
        bare = bare.replace(",", "")
    found = _AMOUNT.fullmatch(bare)
    if found is None or not bare.isascii():
        raise ValueError(f"not a number: {text}")
    sign, whole, part = found.group(1), found.group(2), (found.group(3) or "")
    if part[decimals:].strip("0"):
        raise ValueError(f"more than {decimals} decimals: {text}")
    value = int(whole + part[:decimals].ljust(decimals, "0"))
    return -value if sign == "-" else value


def parse_yuan(text: str) -> int:
    """Fen from yuan in text: ``"1,234.5"`` is 123450."""
    return parse_scaled(text, 2)


def parse_wan(text: str) -> int:
    """Fen from 万元 in text: ``"3.5"`` is 3500000."""
    return parse_scaled(text, 6)


def format_yuan(fen: int, *, grouped: bool = False) -> str:
    """Yuan with two decimals: 123450 is ``"1234.50"``, or ``"1,234.50"`` grouped."""
    whole, part = divmod(abs(fen), FEN_PER_YUAN)
    sign = "-" if fen < 0 else ""
    return f"{sign}{whole:,}.{part:02d}" if grouped else f"{sign}{whole}.{part:02d}"
