"""The breaker from the ledger: both edges, replay by date, how a ratio fell, lending while suspended."""

from __future__ import annotations

import json
from datetime import date
from random import Random

import narwhals as nw
import polars as pl
import pytest
from tests.engine.small_facts import JIAOZUO, LUODIAN, event, facts, loan

from bangfu.engine.breaker import breaker_states, evaluation_days, lent_while_suspended
from bangfu.engine.ledger import states
from bangfu.engine.ratio_moves import ratio_moves
from bangfu.policy import load_book
from bangfu.rules.breaker.rule import RULE
from bangfu.rules.classification.rule import FIRST_NON_PERFORMING_CLASS
from bangfu.rules.steps import apply_rule

BOOK = load_book()
ZUNYI = "520302100201"  # a county of Guizhou without a pack of its own


def _many(product: str, contract_on: str, matures_on: str, area: str, loans: int = 100) -> list[dict]:
    """A hundred loans of 50,000: three of them are 3.00 %."""
    return [
        loan(
            f"{product[0]}{number:03d}",
            product=product,
            contract_on=contract_on,
            matures_on=matures_on,
            area_code=area,
            rate="4.00",
        )
        for number in range(loans)
    ]


def _classed(product: str, on: str, bad: int, risk_class: int = 3) -> list[dict]:
    return [
        event(f"{product[0]}{number:03d}", on, "classified", value=str(risk_class), value_class=risk_class)
        for number in range(bad)
    ]


def _state(told: pl.DataFrame, on: str) -> dict:
    return told.filter(pl.col("on") == date.fromisoformat(on)).row(0, named=True)


def test_evaluation_days_are_month_ends_and_the_day_itself() -> None:
    assert evaluation_days(date(2024, 1, 31), date(2024, 3, 5)) == [
        date(2024, 1, 31),
        date(2024, 2, 29),
        date(2024, 3, 5),
    ]
    assert evaluation_days(date(2023, 12, 5), date(2023, 12, 31)) == [date(2023, 12, 31)]
    assert evaluation_days(date(2023, 11, 30), date(2024, 1, 1))[-2:] == [
        date(2023, 12, 31),
        date(2024, 1, 1),
    ]


def test_three_per_cent_exactly_trips_in_guizhou_and_resumption_is_undetermined() -> None:
    given = facts(
        _many("poverty", "2019-01-07", "2022-01-07", ZUNYI),
        [*_classed("poverty", "2020-03-10", 3), *_classed("poverty", "2020-06-10", 1, 1)],
    )
    told = breaker_states(given, BOOK, as_of=date(2020, 7, 15))
    assert _state(told, "2020-02-29")["state"] == "open"
    tripped = _state(told, "2020-03-31")
    assert (tripped["state"], tripped["npl_percent_e8"], tripped["since"]) == (
        "suspended",
        3_000_000,
        date(2020, 3, 31),
    )
    assert tripped["clauses"] == ["GZ2018-2.2"]
    back = _state(told, "2020-07-15")
    assert (back["state"], back["npl_percent_e8"], back["since"]) == (
        "undetermined",
        2_000_000,
        date(2020, 6, 30),
    )


def test_three_per_cent_exactly_does_not_trip_in_luodian_and_a_fen_more_does() -> None:
    loans = _many("transition", "2022-01-10", "2025-01-10", LUODIAN)
    exactly = facts(loans, _classed("transition", "2023-03-10", 3))
    assert set(breaker_states(exactly, BOOK, as_of=date(2023, 12, 31))["state"]) == {"open"}
    repaid = event("t099", "2023-04-10", "repaid", "0.01")
    over = facts(loans, [*_classed("transition", "2023-03-10", 3), repaid])
    told = breaker_states(over, BOOK, as_of=date(2023, 5, 20))
    assert _state(told, "2023-03-31")["state"] == "open"
    assert _state(told, "2023-04-30")["state"] == "suspended"
    assert _state(told, "2023-04-30")["npl_percent_e8"] == 3_000_000


def test_luodian_resumes_at_three_per_cent_exactly() -> None:
    loans = _many("transition", "2022-01-10", "2025-01-10", LUODIAN)
    events = [*_classed("transition", "2023-03-10", 4), *_classed("transition", "2023-06-05", 1, 2)]
    told = breaker_states(facts(loans, events), BOOK, as_of=date(2023, 7, 1))
    assert _state(told, "2023-05-31")["state"] == "suspended"
    again = _state(told, "2023-06-30")
    assert (again["state"], again["since"], again["npl_percent_e8"]) == ("open", date(2023, 6, 30), 3_000_000)
    assert again["npl_reclassified_fen"] == 5_000_000


def test_luodian_watches_each_branch() -> None:
    loans = _many("transition", "2022-01-10", "2025-01-10", LUODIAN)
    for one in loans[:10]:
        one["branch"] = "二分社"
    told = breaker_states(
        facts(loans, _classed("transition", "2023-03-10", 3)), BOOK, as_of=date(2023, 3, 31)
    )
    by_branch = dict(told.filter(pl.col("on") == date(2023, 3, 31)).select("branch", "state").rows())
    assert by_branch == {"一分社": "open", "二分社": "suspended"}


def test_an_extreme_ratio_without_a_figure_is_for_a_person_to_judge() -> None:
    loans = _many("assistance", "2026-03-10", "2028-03-10", LUODIAN)
    told = breaker_states(
        facts(loans, _classed("assistance", "2026-04-10", 90)), BOOK, as_of=date(2026, 6, 15)
    )
    assert set(told["state"]) == {"undetermined"}
    assert told["clauses"][0].to_list() == ["CN2026-4.3"]
    assert told["since"][0] == date(2026, 3, 31)


def test_where_no_document_sets_a_breaker_lending_is_open() -> None:
    loans = _many("transition", "2022-01-10", "2025-01-10", JIAOZUO)
    told = breaker_states(
        facts(loans, _classed("transition", "2022-03-10", 90)), BOOK, as_of=date(2023, 6, 15)
    )
    assert set(told["state"]) == {"open"}
    assert told["clauses"].list.len().to_list() == [0] * told.height


def test_a_fall_by_write_off_and_compensation_is_shown() -> None:
    loans = _many("transition", "2022-01-10", "2025-01-10", LUODIAN)
    events = [
        *_classed("transition", "2023-03-10", 5),
        event("t000", "2023-05-10", "written_off", "50000"),
        event("t001", "2023-05-11", "compensated", "40000"),
        event("t001", "2023-05-11", "written_off", "10000"),
        event("t002", "2023-05-12", "repaid", "20000"),
    ]
    told = breaker_states(facts(loans, events), BOOK, as_of=date(2023, 5, 31))
    fell = _state(told, "2023-05-31")
    assert fell["state"] == "open"
    assert (fell["npl_written_off_fen"], fell["npl_compensated_fen"], fell["npl_repaid_fen"]) == (
        6_000_000,
        4_000_000,
        2_000_000,
    )
    assert fell["npl_fen"] == 13_000_000


def _random_facts(seed: int):
    rng = Random(seed)  # noqa: S311 - made-up facts
    loans, events = [], []
    for number in range(120):
        key, year = f"L{number}", rng.choice((2021, 2022))
        month = rng.randint(4, 12)
        one = loan(key, contract_on=f"{year}-{month:02d}-10", matures_on=f"{year + 1}-{month:02d}-10",
                   area_code=rng.choice((LUODIAN, ZUNYI, JIAOZUO)), branch=rng.choice(("甲", "乙")))  # fmt: skip
        if one["area_code"] == ZUNYI:
            one |= {
                "product": "poverty",
                "contract_on": f"2019-{month:02d}-10",
                "matures_on": f"2020-{month:02d}-10",
            }
        loans.append(one)
        due = date.fromisoformat(one["matures_on"])
        if rng.random() < 0.3:
            events.append(event(key, f"{due.year}-{due.month:02d}-05", "extended",
                                value_on=date(due.year + 1, due.month, 1)))  # fmt: skip
        if rng.random() < 0.1:
            events.append(event(key, f"{due.year}-{due.month:02d}-01", "recalled"))
        for _ in range(rng.randint(0, 2)):
            on = date(due.year, due.month, rng.randint(11, 28))
            events.append(event(key, on.isoformat(), "classified", value_class=rng.randint(1, 5)))
        if rng.random() < 0.7:
            on = date(due.year + rng.randint(0, 1), due.month, rng.randint(10, 28))
            kind = rng.choice(("repaid", "repaid", "written_off", "compensated"))
            events.append(event(key, on.isoformat(), kind, rng.choice(("50000", "20000"))))
    return facts(loans, events)


@pytest.mark.parametrize("seed", range(4))
def test_the_ratio_on_any_day_is_the_sum_of_the_loans_states(seed: int) -> None:
    given = _random_facts(seed)
    for day in (date(2020, 9, 1), date(2022, 8, 10), date(2023, 5, 11), date(2024, 2, 29)):
        stood = states(given, as_of=day)
        moves = ratio_moves(given.loans, given.events, as_of=day)
        bad = stood.filter(pl.col("risk_class") >= FIRST_NON_PERFORMING_CLASS)
        assert moves["balance_delta_fen"].sum() == stood["balance_fen"].sum()
        assert moves["npl_delta_fen"].sum() == bad["balance_fen"].sum()
        assert moves["overdue_delta_fen"].sum() == stood["overdue_fen"].sum()


@pytest.mark.parametrize("seed", range(4))
def test_what_a_day_said_is_replayed_later(seed: int) -> None:
    given = _random_facts(seed)
    whole = breaker_states(given, BOOK, as_of=date(2024, 3, 31)).drop("threshold_e8", "resumes_e8")
    for day in (date(2020, 10, 31), date(2022, 12, 31), date(2023, 6, 30)):
        then = breaker_states(given, BOOK, as_of=day).drop("threshold_e8", "resumes_e8")
        assert then.equals(whole.filter(pl.col("on") <= day))


@pytest.mark.parametrize("seed", range(4))
def test_all_at_once_equals_the_rule_one_evaluation_at_a_time(seed: int) -> None:
    told = breaker_states(_random_facts(seed), BOOK, as_of=date(2024, 3, 31))
    group = ["lender", "branch", "product", "area_code"]
    for rows in told.partition_by(group, maintain_order=True):
        before = "open"
        for row in rows.iter_rows(named=True):
            clauses = row["clauses"]
            guizhou = clauses == ["GZ2018-2.2"]
            case = pl.DataFrame(
                {
                    "balance_fen": [row["balance_fen"]], "npl_fen": [row["npl_fen"]],
                    "overdue_fen": [row["overdue_fen"]], "measure": ["npl"], "threshold_set": [bool(clauses)],
                    "threshold_known": [bool(clauses)], "threshold_e8": [3_000_000 if clauses else 0],
                    "trips": ["at_or_above" if guizhou else "above"],
                    "resumes_known": [bool(clauses) and not guizhou], "resumes_e8": [row["resumes_e8"]],
                    "state_before": [before],
                }
            )  # fmt: skip
            before = apply_rule(RULE, nw.from_native(case)).to_native()["state"].item()
            assert row["state"] == before


def test_lent_while_suspended_is_found_and_repayment_is_not_blocked() -> None:
    loans = _many("transition", "2022-01-10", "2025-01-10", LUODIAN)
    lent = [
        loan("stopped", contract_on="2023-04-03", matures_on="2024-04-03"),
        loan("on-the-day", contract_on="2023-03-31", matures_on="2024-03-31"),
        loan("other-branch", contract_on="2023-04-03", matures_on="2024-04-03", branch="二分社"),
        loan("other-product", contract_on="2023-07-03", matures_on="2024-07-03"),
    ]
    events = [
        *_classed("transition", "2023-03-10", 4),
        event("t050", "2023-04-12", "repaid", "50000"),
        event("t000", "2023-06-20", "repaid", "50000"),
        event("t001", "2023-06-20", "repaid", "50000"),
        event("stopped", "2023-04-03", "disbursed", "20000"),
        event("stopped", "2023-04-03", "disbursed", "20000"),
        event("stopped", "2023-05-03", "disbursed", "10000"),
    ]
    given = facts(loans + lent, events)
    day = date(2023, 8, 1)
    found = lent_while_suspended(given, breaker_states(given, BOOK, as_of=day), as_of=day)
    assert found["id"].to_list() == ["stopped"]
    row = found.row(0, named=True)
    shown = json.loads(row["facts"])
    assert (row["amount_fen"], row["clauses"]) == (5_000_000, ["LD2021-5.5"])
    assert (shown["evaluated_on"], shown["since"], shown["npl_percent"], shown["threshold"]) == (
        "2023-03-31",
        "2023-03-31",
        "3.96",
        "3.00",
    )


def test_a_balance_beyond_the_rules_bound_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bangfu.engine.breaker.MOST_BALANCE_FEN", 9_999_999_999)
    huge = [loan("L", principal="100000000")]
    with pytest.raises(ValueError, match="four trillion"):
        breaker_states(facts(huge, []), BOOK, as_of=date(2022, 6, 30))


def test_no_loans_no_states() -> None:
    assert breaker_states(facts([], []), BOOK, as_of=date(2024, 1, 1)).is_empty()
