"""Eligibility: the household is on the roster on the application day, in a category that may borrow.

The roster speaks by household. ``wrongly_listed`` takes the place of ``not_on_roster`` where the household
was struck off as wrongly registered (decision 23). What happens to a household after signing changes nothing
here. A null among the columns read means that the facts do not say: nothing is raised, and the decision lists
it.
"""

from __future__ import annotations

import narwhals as nw

from bangfu.rules.steps import Raise, Rule, Step

CATEGORIES = ("borrower.categories",)
BARRED = ("borrower.barred_after", "borrower.categories")
LABOUR = ("borrower.labour_required",)

_off = (~nw.col("listed")).fill_null(value=False)
_struck_off = nw.col("struck_off_wrongly").fill_null(value=False)
_none_by_count = (nw.col("labour_count") == 0).fill_null(value=False)
_none_by_members = (~nw.col("some_member_able")).fill_null(value=False)

RULE = Rule(
    name="eligibility",
    zh="支持对象",
    en="Whether the household may borrow, and whether the borrower belongs to it",
    reads={
        "listed": "bool",
        "listed_in_admitted_category": "bool",
        "struck_off_wrongly": "bool",
        "labour_count": "count",
        "some_member_able": "bool",
        "borrower_labour_required": "bool",
        "borrower_is_member": "bool",
    },
    steps=(
        Step(
            "not_on_roster",
            "bool",
            "申请日不在名单内",
            "Not on the roster on the application day",
            CATEGORIES,
            _off & ~_struck_off,
        ),
        Step(
            "wrongly_listed",
            "bool",
            "已因错评清退",
            "Struck off as wrongly registered, on the application day or before",
            BARRED,
            _off & _struck_off,
        ),
        Step(
            "category_not_admitted",
            "bool",
            "在名单内，但类别不在支持范围",
            "On the roster, in no category that may borrow",
            CATEGORIES,
            (nw.col("listed") & ~nw.col("listed_in_admitted_category")).fill_null(value=False),
        ),
        Step(
            "nobody_able",
            "bool",
            "整户无劳动力：劳动力人数为零，或成员均无劳动能力",
            "Nobody is able to work: the count is nought, or no member is able",
            LABOUR,
            _none_by_count | _none_by_members,
        ),
        Step(
            "no_labour_force",
            "bool",
            "须有劳动能力而整户无劳动力",
            "The policy asks for somebody able to work, and there is nobody",
            LABOUR,
            nw.col("nobody_able") & nw.col("borrower_labour_required").fill_null(value=False),
        ),
        Step(
            "borrower_not_in_household",
            "bool",
            "借款人不是该户成员",
            "The borrower is no member of the household",
            CATEGORIES,
            (~nw.col("borrower_is_member")).fill_null(value=False),
        ),
    ),
    raises=(
        Raise("not_on_roster", "not_on_roster", ("aged_on", "roster"), CATEGORIES),
        Raise("wrongly_listed", "wrongly_listed", ("aged_on", "roster"), BARRED),
        Raise(
            "category_not_admitted", "category_not_admitted", ("aged_on", "roster", "admitted"), CATEGORIES
        ),
        Raise("no_labour_force", "no_labour_force", ("labour_count", "some_member_able"), LABOUR),
        Raise(
            "borrower_not_in_household", "borrower_not_in_household", ("household_id", "borrower"), CATEGORIES
        ),
    ),
)
