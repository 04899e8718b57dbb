"""The breaker over time: its state at each month end and on the day asked for, replayable from the ledger.

The rule's steps decide each evaluation from the state before it; here the same answer is found for all groups and
months at once, by carrying the last decisive evaluation forward (tests replay the rule one evaluation at a time).
A state decided at the end of a day governs the days after it, up to the next evaluation. It blocks disbursement only.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from datetime import date

import narwhals as nw
import polars as pl

from bangfu.engine.area_terms import AreaTerms
from bangfu.engine.findings import findings
from bangfu.engine.ratio_moves import FALLS, ratio_moves
from bangfu.facts import Facts
from bangfu.policy import PolicyBook, TermValue
from bangfu.rules.breaker.rule import MOST_BALANCE_FEN, OPEN, RULE, SUSPENDED, UNDETERMINED

GROUP = ("lender", "branch", "product", "area_code")
COUNTY_DIGITS, TOWNSHIP_DIGITS = 6, 9
TERMS = ("breaker.measure", "breaker.threshold", "breaker.trips", "breaker.resumes", "breaker.resumes_by",
         "breaker.scope", "breaker.area")  # fmt: skip
_PARTS = ("balance", "npl", "overdue")
_FALLEN = tuple(f"npl_{kind}_fen" for kind in FALLS)
_SUMS = (*(f"{part}_fen" for part in _PARTS), *_FALLEN)
_PLACED = ("lender", "branch", "product", "township")
DECEMBER = 12


def evaluation_days(first: date, as_of: date) -> list[date]:
    """The month ends from the first day's month on, and the day asked for as the last."""
    days = []
    year, month = first.year, first.month
    while (last := date(year, month, calendar.monthrange(year, month)[1])) < as_of:
        days.append(last)
        year, month = (year, month + 1) if month < DECEMBER else (year + 1, 1)
    return [*days, as_of]


def breaker_states(
    facts: Facts, book: PolicyBook, *, as_of: date, moves: pl.DataFrame | None = None
) -> pl.DataFrame:
    """The state of each group at each evaluation; ``moves`` where ``ratio_moves`` were found already.

    Returns:
        lender, branch (null where the breaker is the lender's), product, area_code (county, or township where the
        policy says so), on, balance_fen, npl_fen, overdue_fen, npl_percent_e8, overdue_percent_e8, state, since (the
        evaluation at which the state began; null where it never was another), threshold_e8, resumes_e8, clauses, and
        npl_repaid_fen … npl_reclassified_fen: what made the ratio's numerator fall since the evaluation before.

    Raises:
        ValueError: A group's balance is beyond the rule's bound.
    """
    if moves is None:
        moves = ratio_moves(facts.loans, facts.events, as_of=as_of)
    changes = _changes(facts.loans, moves)
    if changes.is_empty():
        return pl.DataFrame(schema=STATES)
    days = evaluation_days(changes["on"].min(), as_of)  # type: ignore[arg-type]
    slots = pl.DataFrame({"slot": range(len(days)), "on": days}, schema={"slot": pl.Int64, "on": pl.Date})
    cells = (
        changes.join_asof(slots.sort("on"), on="on", strategy="forward")
        .group_by("lender", "branch", "product", "township", "slot")
        .agg(pl.col(name).sum() for name in _SUMS)
        .with_columns(pl.col("township").str.slice(0, COUNTY_DIGITS).alias("county"))
    )
    terms = _terms(cells.select("county", "product").unique(), slots, AreaTerms(book))
    parts = [
        _scoped(cells, terms, slots, scope, area)
        for scope, area in terms.select("scope", "area").unique().rows()
    ]
    return pl.concat(parts).sort(*GROUP, "on", nulls_last=False)


STATES: dict[str, pl.DataType] = {
    "lender": pl.String(), "branch": pl.String(), "product": pl.String(), "area_code": pl.String(),
    "on": pl.Date(), **dict.fromkeys(("balance_fen", "npl_fen", "overdue_fen"), pl.Int64()),
    "npl_percent_e8": pl.Int64(), "overdue_percent_e8": pl.Int64(), "state": pl.String(), "since": pl.Date(),
    "threshold_e8": pl.Int64(), "resumes_e8": pl.Int64(), "clauses": pl.List(pl.String()),
    **dict.fromkeys(_FALLEN, pl.Int64()),
}  # fmt: skip


def _changes(loans: pl.DataFrame, moves: pl.DataFrame) -> pl.DataFrame:
    """The ratio's changes with the loan's lender, branch, product and township, sorted by day."""
    keys = loans.select(
        "loan_id",
        pl.col("lender").fill_null(""),
        pl.col("branch").fill_null(""),
        "product",
        pl.col("area_code").fill_null("").str.slice(0, TOWNSHIP_DIGITS).alias("township"),
    )
    together = pl.concat_str(_PLACED, separator="\n")
    keys = keys.with_columns(together.cast(pl.Categorical).to_physical().alias("cell"))
    sums = [pl.col(f"{part}_delta_fen").sum().alias(f"{part}_fen") for part in _PARTS]
    daily = moves.join(keys.select("loan_id", "cell"), on="loan_id")
    fallen = (
        daily.filter(pl.col("npl_delta_fen") < 0)
        .group_by("cell", "on")
        .agg(
            -pl.col("npl_delta_fen").filter(pl.col("kind") == kind).sum().alias(f"npl_{kind}_fen")
            for kind in FALLS
        )
    )
    whole = daily.group_by("cell", "on").agg(sums).join(fallen, on=["cell", "on"], how="left")
    named = whole.join(keys.unique("cell").select("cell", *_PLACED), on="cell")
    return named.select(*_PLACED, "on", *(pl.col(name).fill_null(0) for name in _SUMS)).sort("on")


def _terms(pairs: pl.DataFrame, slots: pl.DataFrame, policy: AreaTerms) -> pl.DataFrame:
    """What the policy says of the breaker for each county and product at each evaluation, resolved once a band."""
    rows = []
    days = slots["on"].to_list()
    bands = policy.bands(days)
    for county, product in pairs.rows():
        said: dict[int, dict[str, object]] = {}
        for slot, (day, band) in enumerate(zip(days, bands, strict=True)):
            if band not in said:
                said[band] = _row(policy.terms(county, product, day, TERMS))
            rows.append({"county": county, "product": product, "slot": slot, **said[band]})
    return pl.DataFrame(rows, schema=_TERM_COLUMNS)


_TERM_COLUMNS: dict[str, pl.DataType] = {
    "county": pl.String(), "product": pl.String(), "slot": pl.Int64(), "measure": pl.String(),
    "threshold_set": pl.Boolean(), "threshold_known": pl.Boolean(), "threshold_e8": pl.Int64(),
    "trips": pl.String(), "resumes_known": pl.Boolean(), "resumes_e8": pl.Int64(), "scope": pl.String(),
    "area": pl.String(), "clauses": pl.List(pl.String()),
}  # fmt: skip


def _row(said: dict[str, TermValue | None]) -> dict[str, object]:
    threshold, resumes = said["breaker.threshold"], said["breaker.resumes"]
    known = threshold is not None and not threshold.undetermined
    back = resumes is not None and not resumes.undetermined
    return {
        "measure": _code(said["breaker.measure"], "npl"),
        "threshold_set": threshold is not None,
        "threshold_known": known,
        "threshold_e8": threshold.integer if threshold is not None and known else 0,
        "trips": _code(said["breaker.trips"], "above"),
        "resumes_known": back,
        "resumes_e8": resumes.integer if resumes is not None and back else 0,
        "scope": _code(said["breaker.scope"], "lender"),
        "area": _code(said["breaker.area"], "county"),
        "clauses": cited(said.values()),
    }


def _code(term: TermValue | None, otherwise: str) -> str:
    """A code term's value; what the design takes where no document says it (npl, per lender and county)."""
    return otherwise if term is None or term.undetermined else term.code


def cited(terms: Iterable[TermValue | None]) -> list[str]:
    """The clauses of the terms that speak, each once, in order."""
    return list(dict.fromkeys(clause for term in terms if term is not None for clause in term.clauses))


def _scoped(
    cells: pl.DataFrame, terms: pl.DataFrame, slots: pl.DataFrame, scope: str, area: str
) -> pl.DataFrame:
    """The evaluations of the groups of one scope, on the days on which that scope is the policy's."""
    here = terms.filter(pl.col("scope") == scope, pl.col("area") == area)
    branch = pl.col("branch") if scope == "branch" else pl.lit(None, pl.String).alias("branch")
    place = pl.col("township") if area == "township" else pl.col("county")
    moved = (
        cells.join(here.select("county", "product").unique(), on=["county", "product"], how="semi")
        .group_by("lender", branch, "product", "county", place.alias("area_code"), "slot")
        .agg(pl.col(name).sum() for name in _SUMS)
    )
    group = ["lender", "branch", "product", "county", "area_code"]
    opened = moved.group_by(group).agg(pl.col("slot").min().alias("first"))
    grid = opened.join(slots, how="cross").filter(pl.col("slot") >= pl.col("first")).drop("first")
    sums = [pl.col(f"{part}_fen").fill_null(0).cum_sum().over(group) for part in _PARTS]
    ratios = (
        grid.join(moved, on=[*group, "slot"], how="left", nulls_equal=True)
        .sort(*group, "slot")
        .with_columns(*sums, *(pl.col(name).fill_null(0) for name in _FALLEN))
        .join(here, on=["county", "product", "slot"])
    )
    if (ratios["balance_fen"].max() or 0) > MOST_BALANCE_FEN:  # type: ignore[operator]
        raise ValueError("a lender's balance in one place is beyond four trillion yuan")
    return _decided(ratios.sort(*group, "slot"), group).select(*STATES)


def _decided(ratios: pl.DataFrame, group: list[str]) -> pl.DataFrame:
    """Add the steps of the rule, the state and since when it holds."""
    frame = nw.from_native(ratios)
    for step in RULE.steps:
        if step.name != "state":
            frame = frame.with_columns(step.value.alias(step.name))
    decisive = (
        pl.when(pl.col("tripped"))
        .then(pl.lit(SUSPENDED))
        .when(pl.col("threshold_set") & ~pl.col("threshold_known"))
        .then(pl.lit(UNDETERMINED))
        .when(~pl.col("threshold_set") | pl.col("back"))
        .then(pl.lit(OPEN))
    )
    told = frame.to_native().with_columns(decisive.alias("decisive"))
    told = told.with_columns(
        pl.col("decisive").forward_fill().over(group).fill_null(OPEN).alias("last"),
        pl.col("decisive").is_not_null().cum_sum().over(group).alias("_block"),
    ).with_columns(
        (pl.col("decisive").is_null() & ~pl.col("resumes_known"))
        .cum_max()
        .over(*group, "_block")
        .alias("unknown_since")
    )
    state = (
        pl.when((pl.col("last") != OPEN) & pl.col("unknown_since"))
        .then(pl.lit(UNDETERMINED))
        .otherwise("last")
    )
    told = told.with_columns(state.alias("state"))
    changed = (pl.col("state") != pl.col("state").shift(1)).over(group).fill_null(True)
    told = told.with_columns(changed.cum_sum().over(group).alias("_run"))
    since = pl.col("on").first().over(*group, "_run")
    never_another = (pl.col("_run") == 1) & (pl.col("state") == OPEN)
    return told.with_columns(pl.when(never_another).then(None).otherwise(since).alias("since"))


def state_before(loans: pl.DataFrame, states: pl.DataFrame, *, on: str) -> pl.DataFrame:
    """The breaker's state that governs each row's day ``on``: the last evaluation before it.

    Args:
        loans: lender, branch, product, area_code and the day.
        states: From ``breaker_states``.
        on: The Date column.

    Returns:
        The rows for which a group has a state by then, with state, since, evaluated_on, npl_percent_e8,
        overdue_percent_e8, threshold_e8 and clauses.
    """
    shown = ("state", "since", "npl_percent_e8", "overdue_percent_e8", "threshold_e8", "clauses")
    told = states.select(*GROUP, pl.col("on").alias("evaluated_on"), *shown).sort("evaluated_on")
    asked = loans.with_columns(pl.col(on).dt.offset_by("-1d").alias("_day")).sort("_day")
    asked = asked.with_columns(pl.col("lender").fill_null(""), pl.col("branch").fill_null(""))
    found = []
    for digits in (COUNTY_DIGITS, TOWNSHIP_DIGITS):
        for by_branch in (True, False):
            these = told.filter(
                pl.col("area_code").str.len_chars() == digits, pl.col("branch").is_not_null() == by_branch
            )
            keys = ["lender", "product", "_area", *(["branch"] if by_branch else [])]
            these = these.rename({"area_code": "_area"})
            theirs = asked.with_columns(pl.col("area_code").str.slice(0, digits).alias("_area"))
            joined = theirs.join_asof(
                these if by_branch else these.drop("branch"),
                left_on="_day",
                right_on="evaluated_on",
                by=keys,
                strategy="backward",
                check_sortedness=False,
            )
            found.append(joined.filter(pl.col("state").is_not_null()).drop("_area", "_day"))
    latest = pl.concat(found)
    order = [name for name in loans.columns if name in ("loan_id", on)]
    return latest.sort("evaluated_on").unique(order, keep="last", maintain_order=True)


def lent_while_suspended(facts: Facts, states: pl.DataFrame, *, as_of: date) -> pl.DataFrame:
    """Findings: money went out while the breaker of its lender, product and place stood suspended."""
    if states.filter(pl.col("state") == SUSPENDED).is_empty():
        return findings(_NOTHING, code="lent_while_suspended", table="loans", subject="loan_id", clauses=())
    stopped = states.filter(pl.col("state") == SUSPENDED)
    loans = facts.loans.select(
        "loan_id", "lender", "branch", "product", "area_code", pl.col("kind").alias("loan_kind")
    ).with_columns(pl.col("lender").fill_null(""), pl.col("branch").fill_null(""))
    of_branches = stopped.drop_nulls("branch").select("lender", "branch", "product")
    of_lenders = stopped.filter(pl.col("branch").is_null()).select("lender", "product")
    loans = pl.concat(
        [
            loans.join(of_lenders, on=["lender", "product"], how="semi"),
            loans.join(of_lenders, on=["lender", "product"], how="anti").join(
                of_branches, on=["lender", "branch", "product"], how="semi"
            ),
        ]
    )
    lent = facts.events.filter(
        pl.col("kind") == "disbursed", pl.col("on") <= as_of, pl.col("on") > stopped["on"].min()
    )
    lent = lent.group_by("loan_id", pl.col("on").alias("disbursed_on")).agg(pl.col("amount_fen").sum())
    told = state_before(lent.join(loans, on="loan_id"), states, on="disbursed_on")
    wrong = (
        told.filter(pl.col("state") == SUSPENDED)
        .sort("disbursed_on")
        .group_by("loan_id", maintain_order=True)
        .agg(pl.exclude("amount_fen").first(), pl.col("amount_fen").sum())
    )
    return findings(
        wrong,
        code="lent_while_suspended",
        table="loans",
        subject="loan_id",
        clauses=pl.col("clauses"),
        facts=(
            "lender",
            "branch",
            "product",
            "loan_kind",
            "disbursed_on",
            "evaluated_on",
            "since",
            "npl_percent_e8",
            "overdue_percent_e8",
            "threshold_e8",
        ),
        amount="amount_fen",
    )


_NOTHING = pl.DataFrame(schema={"loan_id": pl.String})
