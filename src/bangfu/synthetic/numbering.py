"""Gives loans, households and people the numbers a county would, by day and by place: no number tells a fault."""

from __future__ import annotations

from bangfu.synthetic.tile import Tile


def number(tile: Tile) -> None:
    """Put the tile's people and loans in order and number them anew."""
    prefix = f"{tile.number:02d}"
    households = tile.registry.households
    households.sort(key=lambda home: (home.area_code, home.members[0].born))
    people = 0
    for place, home in enumerate(households, start=1):
        home.household_id = f"H{prefix}{place:06d}"
        for member in home.members:
            people += 1
            member.member_id = f"M{prefix}{people:06d}"
    tile.loans.sort(key=lambda loan: (loan.contract_on, loan.household.household_id, loan.loan_id))
    for place, loan in enumerate(tile.loans, start=1):
        loan.loan_id = f"L{prefix}{place:06d}"
    tile.ordinary.sort(key=lambda loan: (loan.contract_on, loan.household.household_id))
    for place, loan in enumerate(tile.ordinary, start=1):
        loan.loan_id = f"T{prefix}{place:06d}"
