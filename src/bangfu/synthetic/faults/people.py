"""Faults about people: insurance, reminders, identities, payees."""

from __future__ import annotations

from bangfu.synthetic import names
from bangfu.synthetic.clock import at
from bangfu.synthetic.faults import scenes
from bangfu.synthetic.identity import wrong_check
from bangfu.synthetic.tile import Claim, Tile

_CLUSTER = 8


def insurance_gap(tile: Tile, _: int) -> None:
    """A borrower who owes and is not insured."""
    loan = scenes.live_loan(tile)
    loan.insured = False
    tile.plant("insurance_gap", loan, "borrower without life insurance while the loan is owed")


def insurance_claim_unpaid(tile: Tile, turn: int) -> None:
    """An insured event that was claimed and never paid, or paid in part."""
    loan = scenes.transition_loan(tile)
    day = loan.disbursed_on + tile.rng.randint(60, 250)
    due, part = 30_000 + 1000 * tile.rng.randint(0, 200), turn % 2
    paid_on, paid = (day + 40, due // 2) if part else (None, 0)
    tile.claims.append(Claim(loan, day, "hospital", day + 10, paid_on, due, paid))
    tile.plant(
        "insurance_claim_unpaid", loan, "half of what is due was paid" if part else "claimed, nothing paid"
    )


def reminder_missed(tile: Tile, _: int) -> None:
    """Nobody told the borrower that the loan falls due."""
    loan = scenes.transition_loan(tile)
    loan.reminded = False
    tile.plant("reminder_missed", loan, "neither of the two reminders was given")


def duplicate_identity(tile: Tile, turn: int) -> None:
    """One ID number in two households that do not borrow; or a loan taken in the name of another household's head."""
    one = scenes.poor(tile)
    if turn % 3 == 2:
        loan = scenes.fresh_loan(tile)
        loan.borrower_id_number = one.members[0].id_number
        tile.plant("duplicate_identity", loan, "the borrower is the head of another household")
        tile.plant("borrower_not_in_household", loan, "the borrower is the head of another household")
        return
    two = scenes.poor(tile)
    two.members[0].id_number = one.members[0].id_number
    for household in (one, two):
        tile.plant_household(
            "duplicate_identity", household, "the heads of two households have one ID number"
        )


def bad_id_number(tile: Tile, turn: int) -> None:
    """A number that fails its check: of a head that does not borrow, or of a borrower nobody knows."""
    if turn % 3 == 2:
        loan = scenes.fresh_loan(tile)
        number, _ = tile.registry.numbers.issue(at(1975, 1, 1) + tile.rng.randrange(3000), male=False)
        loan.borrower_id_number = wrong_check(number)
        tile.plant("bad_id_number", loan, "check digit of the borrower's ID number is wrong")
        tile.plant("borrower_not_in_household", loan, "no member has this ID number")
        return
    household = scenes.poor(tile)
    household.members[0].id_number = wrong_check(household.members[0].id_number)
    tile.plant_household("bad_id_number", household, "check digit of the head's ID number is wrong")


def shared_payee(tile: Tile, turn: int) -> None:
    """Eight households pay what they borrowed to one person's account within a month."""
    day = scenes.day_between(tile, (at(2022, 3, 1), at(2024, 6, 1)))
    account = f"9560{tile.number:03d}{turn:06d}"
    name = names.payee(tile.rng)
    for _ in range(_CLUSTER):
        household = scenes.poor(tile)
        signed = scenes.day_between(tile, (day, day + 25))
        loan = tile.lend(household, "transition", signed, thousands=50, months=12)
        loan.payees = [(account, name, "person", 96)]
        tile.plant("shared_payee_cluster", loan, "eight borrowers paid one account")
