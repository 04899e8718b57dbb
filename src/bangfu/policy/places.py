"""Places: GB/T 2260 codes, extended to townships (9 digits) and villages (12 digits)."""

from __future__ import annotations

NATION = "000000"
DIGITS = 6
LENGTHS = (2, 4, 6, 9, 12)

# The provinces, autonomous regions and municipalities of the mainland: addressees of the national notices.
PROVINCES = frozenset(
    (
        *("11", "12", "13", "14", "15"),
        *("21", "22", "23"),
        *("31", "32", "33", "34", "35", "36", "37"),
        *("41", "42", "43", "44", "45", "46"),
        *("50", "51", "52", "53", "54"),
        *("61", "62", "63", "64", "65"),
    )
)


def is_jurisdiction(code: str) -> bool:
    """Whether six digits can name the nation, a province, a city or a county."""
    if code == NATION:
        return True
    if len(code) != DIGITS or not (code.isascii() and code.isdigit()) or code[:2] not in PROVINCES:
        return False
    return code[2:4] != "00" or code[4:] == "00"


def chain_of(place: str) -> tuple[str, ...]:
    """The jurisdictions over a place, the nation first: 522728 is ("000000", "520000", "522700", "522728").

    Raises:
        ValueError: Not 2, 4, 6, 9 or 12 digits, or of no province.
    """
    if len(place) not in LENGTHS or not (place.isascii() and place.isdigit()):
        raise ValueError("a place has 2, 4, 6, 9 or 12 digits")
    county = place[:DIGITS].ljust(DIGITS, "0")
    if not is_jurisdiction(county):
        raise ValueError("no such province, city or county")
    chain = [NATION, county[:2].ljust(DIGITS, "0"), county[:4].ljust(DIGITS, "0"), county]
    return tuple(dict.fromkeys(chain))
