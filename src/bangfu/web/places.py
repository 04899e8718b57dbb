"""The words of the jurisdictions whose documents are installed; a code that is not here is shown as it is."""

from __future__ import annotations

from collections.abc import Mapping

from bangfu.casework.words import Words
from bangfu.policy.places import chain_of

NAMES: Mapping[str, Words] = {
    "000000": Words("全国", "the nation"),
    "230000": Words("黑龙江省", "Heilongjiang province"),
    "410000": Words("河南省", "Henan province"),
    "410800": Words("河南省焦作市", "Jiaozuo city, Henan"),
    "520000": Words("贵州省", "Guizhou province"),
    "522728": Words("贵州省罗甸县", "Luodian county, Guizhou"),
}


def name_of(code: str) -> str:
    """The words of a jurisdiction, else its code."""
    known = NAMES.get(code)
    return code if known is None else str(known)


def nearest_name(code: str) -> str:
    """The words of a place, or of the nearest one above it that has words."""
    for above in reversed(chain_of(code)):
        if above in NAMES:
            return str(NAMES[above])
    return code
