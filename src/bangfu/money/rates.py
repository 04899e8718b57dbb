"""Rates as integers in 1e-8: 3.75 % is 3_750_000."""

from __future__ import annotations

from bangfu.money.fen import parse_scaled

E8 = 100_000_000
E8_PER_PERCENT = 1_000_000
E8_PER_SMALLEST_RATE = 100  # a contract rate has at most four decimals of a percent


def parse_percent(text: str) -> int:
    """A rate in 1e-8 from percent in text: ``"3.75"`` or ``"3.75%"`` is 3_750_000.

    Raises:
        ValueError: Not a plain number, or finer than six decimals of a percent.
    """
    return parse_scaled(text.strip().removesuffix("%").removesuffix("％"), 6)


def parse_contract_rate(text: str) -> int:
    """A contract rate, which has at most four decimals of a percent.

    Raises:
        ValueError: Finer than that, or not a number.
    """
    rate_e8 = parse_percent(text)
    if rate_e8 % E8_PER_SMALLEST_RATE:
        raise ValueError(f"more than 4 decimals of a percent: {text}")
    return rate_e8


def format_percent(rate_e8: int, *, least_decimals: int = 2) -> str:
    """Percent without the sign: 3_750_000 is ``"3.75"``, 2_555_000 is ``"2.555"``."""
    whole, part = divmod(abs(rate_e8), E8_PER_PERCENT)
    digits = f"{part:06d}".rstrip("0").ljust(least_decimals, "0")
    return ("-" if rate_e8 < 0 else "") + f"{whole}" + (f".{digits}" if digits else "")
