"""ID numbers of people who do not exist, with the check digit of GB 11643.

Each carries the county's code, a birth date and a sequence number out of a block of twelve that belongs to the tile
(984 to 995 for the first), so that no two tiles can meet and a reader sees at a glance that the numbers are made up.
"""

from __future__ import annotations

from functools import cache

from bangfu.money.days import from_day_number

COUNTY = "522728"

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_BLOCK = 12
_TOP = 984
MOST_TILES = _TOP // _BLOCK + 1


def check_character(seventeen: str) -> str:
    """The eighteenth character that GB 11643 gives to the first seventeen digits."""
    return _CHECKS[
        sum(int(digit) * weight for digit, weight in zip(seventeen, _WEIGHTS, strict=True)) % len(_CHECKS)
    ]


@cache
def _stem(day: int) -> tuple[str, int]:
    """The first fourteen digits of those born on a day, and their weighted sum."""
    digits = f"{COUNTY}{from_day_number(day):%Y%m%d}"
    return digits, sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=False))


@cache
def _sequence(number: int) -> tuple[str, int]:
    """The three digits of a sequence number, and their weighted sum."""
    digits = f"{number:03d}"
    return digits, sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS[-3:], strict=True))


def wrong_check(id_number: str) -> str:
    """The same number with another last digit, so that it fails its check."""
    right = check_character(id_number[:17])
    return id_number[:17] + ("5" if right != "5" else "7")


class Numbers:
    """Hands out ID numbers, each once."""

    def __init__(self, tile: int) -> None:
        if not 0 <= tile < MOST_TILES:
            raise ValueError(f"a county has at most {MOST_TILES} tiles")
        self._first = _TOP - _BLOCK * tile
        self._used: dict[int, int] = {}

    def issue(self, born: int, *, male: bool) -> tuple[str, int]:
        """A new ID number and the birth day it holds: the day asked for, or the next one with a number left.

        Args:
            born: Day number.
            male: Sequence numbers of men are odd.
        """
        used = self._used
        key = born * 2 + male
        while used.get(key, 0) * 2 >= _BLOCK:
            key += 2
        place = used.get(key, 0)
        used[key] = place + 1
        day = key // 2
        stem, first = _stem(day)
        sequence, last = _sequence(self._first + 2 * place + male)
        return stem + sequence + _CHECKS[(first + last) % len(_CHECKS)], day
