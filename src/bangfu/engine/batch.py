"""The kernel: a period's interest and subsidy for every loan, columns in, columns out.

Written once in narwhals and run on Polars, DuckDB and Spark, equal to the fen (docs/decisions/0026). It joins and
sums; what a sum means is said by the steps of ``bangfu.rules.interest`` and ``bangfu.rules.subsidy``.

Days are Int64 day numbers, money Int64 fen, rates Int64 in 1e-8. The principal of a loan is at most 100 million
yuan and the product principal × days × rate stays below 2**62; ``bangfu.engine.bounds`` checks it first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw

from bangfu.rules.columns import earlier_of, later_of, with_whole_period_days
from bangfu.rules.interest.rule import LINE_INTEREST, MOVE_DAYS, PIECE_DAYS, PIECE_INTEREST
from bangfu.rules.methods import WHOLE_PERIODS
from bangfu.rules.steps import apply_rule
from bangfu.rules.subsidy.rule import HELD, PAYERS, ROOM, SUBSIDISED_MOVE, line_rule, piece_rule

Frame = nw.LazyFrame[Any]
Settle = Callable[[Frame], Frame]

DETERMINED, UNDETERMINED = 0, 1
NEVER = 47_481  # 2099-12-31, later than any day the reader accepts for a contract

_KEPT = ("loan_id", "household_id", "area_code", "stack_no", "method", "opening_fen", "fixed_fen")
LOAN_COLUMNS = (
    "loan_id", "household_id", "area_code", "contract_on", "disbursed_on", "matures_on", "principal_fen",
    "rate_e8", "method", "stack_no", "ceiling_fen", "subsidised_until", "replaces_id", "has_spans",
)  # fmt: skip


def _as_it_is(frame: Frame) -> Frame:
    return frame


_SIGNED_BEFORE = (nw.col("earlier_on") < nw.col("contract_on")) | (
    (nw.col("earlier_on") == nw.col("contract_on")) & (nw.col("earlier_id") < nw.col("loan_id"))
)
_EARLIER = {
    "loan_id": "earlier_id",
    "contract_on": "earlier_on",
    "ceiling_fen": "earlier_ceiling_fen",
    "replaces_id": "earlier_replaces_id",
}
_OF_ROOM = ("household_id", *_EARLIER)


@dataclass(frozen=True, slots=True)
class Book:
    """What the kernel reads, as lazy narwhals frames of one backend.

    loans: LOAN_COLUMNS, one row a loan. ceiling_fen is the household's subsidised ceiling on the signing day,
        subsidised_until the first day no longer subsidised (NEVER where no term limits it), replaces_id the parent
        of a renewal (null otherwise), has_spans true where the normal time is in ``spans`` instead of
        [disbursed_on, matures_on).
    moves: loan_id, on, delta_fen: movements of principal.
    spans: loan_id, span_from, span_to, rate_e8, stack_no, span_state: the normal time of extended, recalled or
        re-rated loans; span_state is DETERMINED or UNDETERMINED (an extension no clause covers).
    segments: stack_no, segment_from, segment_to, segment_state and of each payer share_percent, points_e8, max_e8.
    payers: The payers the segments have columns for.
    settle: Computes a frame that is read several times; the identity where the engine needs no help.
    """

    loans: Frame
    moves: Frame
    segments: Frame
    spans: Frame | None = None
    limited: bool = False
    payers: Sequence[str] = PAYERS
    settle: Settle = _as_it_is


def _added_up(value: nw.Expr) -> nw.Expr:
    """A sum as Int64: DuckDB widens sums of integers, and columns of two widths do not stand under each other."""
    return value.sum().cast(nw.Int64)


def _running(column: str, household_or_loan: str, *, order_by: str | Sequence[str]) -> nw.Expr:
    """A running sum as Int64, for the same reason."""
    return nw.col(column).cum_sum().over(household_or_loan, order_by=order_by).cast(nw.Int64)


def _zero(*names: str) -> list[nw.Expr]:
    return [nw.col(name).fill_null(0) for name in names]


def pieces(book: Book, loans: Frame, *, start: int, end: int) -> Frame:
    """The loans' normal time inside [start, end), cut where a loan's span or a dated term changes.

    Adds piece_from, piece_to, piece_state, segment_from, and ``alone``: the loan has no other piece.
    """
    spans = loans.filter(~nw.col("has_spans")) if book.spans is not None else loans
    spans = spans.with_columns(
        span_from=nw.col("disbursed_on"),
        span_to=nw.col("matures_on"),
        span_state=nw.lit(DETERMINED, nw.Int64),
    )
    if book.spans is not None:
        special = loans.filter(nw.col("has_spans")).drop("rate_e8", "stack_no")
        special = special.join(book.spans, on="loan_id", how="inner")
        spans = nw.concat([spans, special.select(*spans.collect_schema().names())], how="vertical")
    touching = book.segments.filter(nw.col("segment_to") > start, nw.col("segment_from") < end)
    counted = touching.group_by("stack_no").agg(nw.len().alias("segments_of_stack"))
    touching = touching.select("stack_no", "segment_from", "segment_to", "segment_state")
    touching = touching.join(counted, on="stack_no", how="inner")
    cut = spans.join(touching, on="stack_no", how="inner")
    cut = cut.with_columns(
        piece_from=later_of(later_of(nw.col("span_from"), nw.col("segment_from")), nw.lit(start, nw.Int64)),
        piece_to=earlier_of(earlier_of(nw.col("span_to"), nw.col("segment_to")), nw.lit(end, nw.Int64)),
        piece_state=later_of(nw.col("span_state"), nw.col("segment_state")),
        alone=(nw.col("segments_of_stack") == 1) & ~nw.col("has_spans"),
    )
    return cut.filter(nw.col("piece_to") > nw.col("piece_from")).drop(
        "span_from", "span_to", "span_state", "segment_to", "segment_state", "segments_of_stack", "has_spans",
        "matures_on",
    )  # fmt: skip


def ledger(book: Book, *groups: Frame, until: int) -> Frame:
    """The movements of some groups of loans on days before ``until``, computed once: the only pass over all of them."""
    wanted = nw.concat([group.select("loan_id") for group in groups], how="vertical")
    return book.settle(book.moves.filter(nw.col("on") < until).join(wanted, on="loan_id", how="semi"))


def opening(moves: Frame, *, start: int) -> Frame:
    """Each loan's balance at the start of the period: loan_id, opening_fen."""
    before = moves.filter(nw.col("on") <= start)
    return before.group_by("loan_id").agg(_added_up(nw.col("delta_fen")).alias("opening_fen"))


def inside(book: Book, loans: Frame, moves: Frame, *, start: int, end: int) -> Frame:
    """Movements inside the period, with what each does to the subsidised balance.

    ``loans`` has principal_fen, opening_fen and fixed_fen. Gives loan_id, on, delta_fen, subsidised_delta_fen. Only
    loans subsidised in part need their running balance.
    """
    within = moves.filter(nw.col("on") > start, nw.col("on") < end)
    known = loans.select("loan_id", "opening_fen", "fixed_fen", "principal_fen")
    within = book.settle(within.join(known, on="loan_id", how="inner"))
    in_part = nw.col("fixed_fen") < nw.col("principal_fen")
    whole = within.filter(~in_part).with_columns(subsidised_delta_fen=nw.col("delta_fen"))
    daily = (
        within.filter(in_part)
        .group_by("loan_id", "on", "opening_fen", "fixed_fen")
        .agg(_added_up(nw.col("delta_fen")))
    )
    running = _running("delta_fen", "loan_id", order_by="on")
    daily = daily.with_columns(balance_fen=running + nw.col("opening_fen"))
    shape = ("loan_id", "on", "delta_fen", "subsidised_delta_fen")
    return nw.concat(
        [whole.select(*shape), apply_rule(SUBSIDISED_MOVE, daily).select(*shape)], how="vertical"
    )


def _with_anchored_days(frame: Frame) -> Frame:
    """Add f_from and f_to, the days of whole periods from disbursement; zero where the method counts days."""
    whole = frame.filter(nw.col("method") == WHOLE_PERIODS)
    rest = frame.filter(nw.col("method") != WHOLE_PERIODS)
    whole = with_whole_period_days(whole, "disbursed_on", "piece_from", into="f_from")
    whole = with_whole_period_days(whole, "disbursed_on", "piece_to", into="f_to")
    rest = rest.with_columns(nw.lit(0, nw.Int64).alias("f_from"), nw.lit(0, nw.Int64).alias("f_to"))
    return nw.concat([rest, whole.select(*rest.collect_schema().names())], how="vertical")


def _weighted(cut: Frame, moves: Frame) -> Frame:
    """Sums of movement × days in each piece: loan_id, piece_from, inside_fen_days, inside_subsidised_fen_days."""
    shape = [
        "loan_id",
        "piece_from",
        "piece_to",
        "subsidised_to",
        "f_to",
        "f_subsidised_to",
        "method",
        "disbursed_on",
    ]
    joined = moves.join(cut.select(*shape), on="loan_id", how="inner").filter(
        nw.col("on") < nw.col("piece_to")
    )
    joined = joined.with_columns(borne_from=later_of(nw.col("on"), nw.col("piece_from")))
    joined = with_whole_period_days(joined, "disbursed_on", "borne_from", into="f_on")
    joined = apply_rule(MOVE_DAYS, joined)
    until = joined.with_columns(piece_to=nw.col("subsidised_to"), f_to=nw.col("f_subsidised_to"))
    until = apply_rule(MOVE_DAYS, until.rename({"move_days": "all_days"}))
    left = nw.when(nw.col("move_days") > 0).then(nw.col("move_days")).otherwise(nw.lit(0, nw.Int64))
    return until.group_by("loan_id", "piece_from").agg(
        _added_up(nw.col("delta_fen") * nw.col("all_days")).alias("inside_fen_days"),
        _added_up(nw.col("subsidised_delta_fen") * left).alias("inside_subsidised_fen_days"),
    )


def rooms(book: Book, loans: Frame) -> Frame:
    """The part each of ``loans`` holds of its household's subsidised ceiling, fixed at signing: loan_id, fixed_fen.

    Only households that had a live loan when another was signed need an order; loans not in the answer have their
    whole ceiling. A renewal's parent is not counted beside it (docs/decisions/0034).
    """
    members = crowded(book, loans)
    return _rooms(book, members, ledger(book, members, until=_after_last(members)))


def crowded(book: Book, loans: Frame) -> Frame:
    """Those of ``loans`` that were not their household's first, and every loan signed before them."""
    mine = loans.select(*_OF_ROOM)
    before = book.loans.select("household_id", *(nw.col(old).alias(new) for old, new in _EARLIER.items()))
    pairs = book.settle(mine.join(before, on="household_id", how="inner").filter(_SIGNED_BEFORE))
    earlier = pairs.select("household_id", *(nw.col(new).alias(old) for old, new in _EARLIER.items()))
    return book.settle(
        nw.concat([pairs.select(*_OF_ROOM), earlier.select(*_OF_ROOM)], how="vertical").unique()
    )


def _after_last(loans: Frame) -> int:
    """The day after the last signing, 0 where there is none: later movements do not touch a room."""
    last = loans.select(nw.col("contract_on").max()).collect().item(0, 0)
    return 0 if last is None else int(last) + 1


def _rooms(book: Book, members: Frame, moves: Frame) -> Frame:
    """The rooms of the crowded households' loans, from movements that hold all of theirs up to the last signing."""
    earlier = members.select(
        "household_id",
        nw.col("loan_id").alias("earlier_id"),
        nw.col("contract_on").alias("earlier_on"),
        nw.col("ceiling_fen").alias("earlier_ceiling_fen"),
    )
    pairs = members.join(earlier, on="household_id", how="inner").filter(
        _SIGNED_BEFORE,
        nw.col("replaces_id").is_null() | (nw.col("replaces_id") != nw.col("earlier_id")),
    )
    moved = moves.select(nw.col("loan_id").alias("earlier_id"), "on", "delta_fen")
    live = (
        pairs.join(moved, on="earlier_id", how="inner")
        .filter(nw.col("on") <= nw.col("contract_on"))
        .group_by(
            "household_id", "loan_id", "contract_on", "ceiling_fen", "earlier_id", "earlier_ceiling_fen"
        )
        .agg(_added_up(nw.col("delta_fen")).alias("earlier_balance_fen"))
        .filter(nw.col("earlier_balance_fen") > 0)
    )
    return _rooms_in_order(book, book.settle(live))


def _rooms_in_order(book: Book, live: Frame) -> Frame:
    """Fix the rooms in the order of signing: a loan's room needs those of the earlier live ones."""
    later = live.select("household_id", "loan_id", "contract_on", "ceiling_fen").unique()
    place = nw.lit(1, nw.Int64).alias("place")
    later = later.with_columns(place).with_columns(
        _running("place", "household_id", order_by=["contract_on", "loan_id"])
    )
    later = book.settle(later)
    rounds = int(later.select(nw.col("place").max()).collect().item(0, 0) or 0)
    fixed: Frame | None = None
    for number in range(1, rounds + 1):
        turn = later.filter(nw.col("place") == number).select("loan_id")
        pairs = live.join(turn, on="loan_id", how="inner")
        if fixed is None:
            pairs = pairs.with_columns(earlier_fixed_fen=nw.col("earlier_ceiling_fen"))
        else:
            known = fixed.select(
                nw.col("loan_id").alias("earlier_id"), nw.col("fixed_fen").alias("earlier_fixed_fen")
            )
            pairs = pairs.join(known, on="earlier_id", how="left").with_columns(
                earlier_fixed_fen=nw.coalesce("earlier_fixed_fen", "earlier_ceiling_fen")
            )
        held = (
            apply_rule(HELD, pairs)
            .group_by("loan_id", "ceiling_fen")
            .agg(_added_up(nw.col("held_fen")).alias("held_by_earlier_fen"))
        )
        turned = apply_rule(ROOM, held).select("loan_id", "fixed_fen")
        fixed = book.settle(turned if fixed is None else nw.concat([fixed, turned], how="vertical"))
    if fixed is None:
        return later.select("loan_id", nw.col("ceiling_fen").alias("fixed_fen"))
    return fixed


def alive(book: Book, *, start: int, end: int) -> Frame:
    """The loans whose normal time may touch the period."""
    return book.loans.filter(
        nw.col("disbursed_on") < end, (nw.col("matures_on") > start) | nw.col("has_spans")
    )


def _finished(book: Book, cut: Frame, weighed: Frame) -> Frame:
    """Numerators of interest and of each payer for pieces that have their days."""
    if book.payers:
        spoken = [
            f"{payer}_{part}" for payer in book.payers for part in ("share_percent", "points_e8", "max_e8")
        ]
        said = book.segments.select("stack_no", "segment_from", *spoken)
        cut = cut.join(said, on=["stack_no", "segment_from"], how="left")
    cut = cut.join(weighed, on=["loan_id", "piece_from"], how="left").with_columns(
        *_zero("inside_fen_days", "inside_subsidised_fen_days"),
        opening_subsidised_fen=earlier_of(nw.col("fixed_fen"), nw.col("opening_fen")),
    )
    return apply_rule(piece_rule(book.payers), apply_rule(PIECE_INTEREST, cut))


def _with_days(book: Book, cut: Frame) -> Frame:
    """Add piece_days and the days of whole periods; where a term limits the subsidised time, its days too."""
    cut = apply_rule(PIECE_DAYS, _with_anchored_days(cut))
    if not book.limited:
        return cut
    cut = cut.with_columns(
        subsidised_to=later_of(
            earlier_of(nw.col("piece_to"), nw.col("subsidised_until")), nw.col("piece_from")
        )
    )
    return _with_subsidised_days(cut)


def _subsidised_all(book: Book, cut: Frame) -> Frame:
    """Where nothing limits the subsidised time, it is the whole piece."""
    if book.limited:
        return cut
    return cut.with_columns(
        subsidised_to=nw.col("piece_to"), f_subsidised_to=nw.col("f_to"), subsidised_days=nw.col("piece_days")
    )


def _with_subsidised_days(cut: Frame) -> Frame:
    """Add subsidised_days and f_subsidised_to: the piece's days up to the end of the subsidised time."""
    short = nw.col("subsidised_to") < nw.col("piece_to")
    full = cut.filter(~short).with_columns(
        f_subsidised_to=nw.col("f_to"), subsidised_days=nw.col("piece_days")
    )
    less = with_whole_period_days(cut.filter(short), "disbursed_on", "subsidised_to", into="f_subsidised_to")
    less = less.with_columns(
        subsidised_days=nw.when(nw.col("method") == WHOLE_PERIODS)
        .then(later_of(nw.col("f_subsidised_to") - nw.col("f_from"), nw.lit(0, nw.Int64)))
        .otherwise(nw.col("subsidised_to") - nw.col("piece_from"))
    )
    return nw.concat([full, less.select(*full.collect_schema().names())], how="vertical")


def _numerators(book: Book) -> list[str]:
    return ["interest_numerator", *(f"{payer}_numerator" for payer in book.payers)]


def _line_columns(book: Book, cut: Frame) -> Frame:
    """What a piece says of its line: its numerators and days where determined, else its undetermined days."""
    known = nw.col("piece_state") == DETERMINED
    zero, never = nw.lit(0, nw.Int64), nw.lit(NEVER, nw.Int64)
    return cut.select(
        *_KEPT,
        *(nw.when(known).then(nw.col(name)).otherwise(zero).alias(name) for name in _numerators(book)),
        nw.when(known).then(nw.col("piece_from")).otherwise(never).alias("line_from"),
        nw.when(known).then(nw.col("piece_to")).otherwise(zero).alias("line_to"),
        nw.when(known).then(never).otherwise(nw.col("piece_from")).alias("undetermined_from"),
        nw.when(known).then(zero).otherwise(nw.col("piece_to")).alias("undetermined_to"),
        nw.col("piece_state").alias("undetermined_state"),
        nw.when(known).then(zero).otherwise(nw.col("interest_numerator")).alias("undetermined_numerator"),
        nw.when(known & nw.col("payers_exceed_rate"))
        .then(nw.lit(1, nw.Int64))
        .otherwise(zero)
        .alias("exceeding"),
    )


def _summed(book: Book, pieces_of_line: Frame) -> Frame:
    """One row a loan from its several pieces."""
    return pieces_of_line.group_by("loan_id").agg(
        *(_added_up(nw.col(name)) for name in (*_numerators(book), "undetermined_numerator")),
        *(
            nw.col(name).max()
            for name in (*_KEPT[1:], "line_to", "undetermined_to", "undetermined_state", "exceeding")
        ),
        *(nw.col(name).min() for name in ("line_from", "undetermined_from")),
    )


def _with_room(book: Book, loans: Frame, fixed: Frame | None) -> Frame:
    """Add fixed_fen, the subsidised part of each loan; the whole principal where nobody pays."""
    if not book.payers or fixed is None:
        return loans.with_columns(fixed_fen=nw.col("principal_fen"))
    room = nw.coalesce("fixed_fen", "ceiling_fen")
    loans = loans.join(fixed, on="loan_id", how="left")
    return loans.with_columns(fixed_fen=earlier_of(room, nw.col("principal_fen")))


def lines(book: Book, *, start: int, end: int, fixed: Frame | None = None) -> Frame:
    """The period's lines: one row a loan with normal time inside [start, end).

    ``fixed`` (loan_id, fixed_fen: the answer of ``rooms``) spares the households' order where it is known.

    Columns: loan_id, household_id, area_code, stack_no, method, opening_fen, fixed_fen, line_from and line_to (the
    determined days; line_to 0 where there are none), interest_fen, ``<payer>_fen`` for each payer, subsidy_fen,
    borrower_fen, undetermined_from, undetermined_to and undetermined_state (undetermined_to 0 where there are none),
    undetermined_numerator (0 where nothing is owed on those days), interest_numerator (0 where nothing bears interest),
    exceeding (1 where the payers together exceed the rate: a refusal, not a line). A book without payers gives
    interest alone.
    """
    now = book.settle(alive(book, start=start, end=end))
    if book.payers and fixed is None:
        members = crowded(book, now)
        ledger_of_all = ledger(book, now, members, until=max(end, _after_last(members)))
        fixed = _rooms(book, members, ledger_of_all)
    else:
        ledger_of_all = ledger(book, now, until=end)
    now = _with_room(book, now, fixed).join(opening(ledger_of_all, start=start), on="loan_id", how="left")
    now = now.with_columns(*_zero("opening_fen"))
    known = book.settle(now.drop("contract_on", "ceiling_fen", "replaces_id"))
    moves = book.settle(inside(book, known, ledger_of_all, start=start, end=end))
    narrow = known.drop("principal_fen") if book.limited else known.drop("principal_fen", "subsidised_until")
    laid = book.settle(pieces(book, narrow, start=start, end=end))
    del now, ledger_of_all, known, narrow  # what is read no more is let go before the next frame is made
    cut = _subsidised_all(book, book.settle(_with_days(book, laid)))
    del laid
    weighed = book.settle(_weighted(cut, moves))
    single = _line_columns(book, _finished(book, cut.filter(nw.col("alone")), weighed))
    several = _line_columns(book, _finished(book, cut.filter(~nw.col("alone")), weighed))
    several = _summed(book, several).select(*single.collect_schema().names())
    line = nw.concat([single, several], how="vertical")
    return apply_rule(line_rule(book.payers), apply_rule(LINE_INTEREST, line))
