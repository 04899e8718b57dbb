"""Guarantee and charges: nothing is taken from the borrower, and no cost is put on him.

What shares the bank's risk without burdening the borrower (government guarantee, credit insurance, the using
enterprise's joint guarantee) is exempt where a document says so. Where no clause speaks of fees (CN2026), a
fee is shown as an observation and cites nothing.
"""

from __future__ import annotations

import narwhals as nw

from bangfu.rules.steps import Raise, Rule, Step

NO_GUARANTEE = "none"
BAN = ("guarantee.allowed",)
FEES = ("borrower.may_be_charged_fees",)

_asked = (nw.col("guarantee") != NO_GUARANTEE).fill_null(value=False)
_banned = (~nw.col("guarantee_allowed")).fill_null(value=False)
_charged = (nw.col("fees_fen") > 0).fill_null(value=False)

RULE = Rule(
    name="guarantee",
    zh="担保与收费",
    en="Whether a guarantee or collateral was taken, or the borrower was charged",
    reads={
        "guarantee": "code",
        "guarantee_allowed": "bool",
        "guarantee_exempt": "bool",
        "fees_fen": "fen",
        "borrower_may_be_charged_fees": "bool",
    },
    steps=(
        Step(
            "guarantee_taken",
            "bool",
            "要求担保或抵押（政府性担保、保证保险等依文件除外）",
            "A guarantee or collateral was taken, those that a document exempts apart",
            BAN,
            _asked & _banned & ~nw.col("guarantee_exempt").fill_null(value=False),
        ),
        Step(
            "borrower_charged",
            "bool",
            "向借款人收取费用",
            "A fee was charged on the borrower",
            FEES,
            _charged & (~nw.col("borrower_may_be_charged_fees")).fill_null(value=False),
        ),
        Step(
            "charge_observed",
            "bool",
            "收取了费用，适用文件未作规定",
            "A fee was charged, of which no clause in force speaks",
            (),
            _charged & nw.col("borrower_may_be_charged_fees").is_null(),
        ),
    ),
    raises=(
        Raise("guarantee_taken", "guarantee_taken", ("guarantee",), BAN),
        Raise("borrower_charged", "borrower_charged", ("fees_fen", "first_fee_on"), FEES),
    ),
)
