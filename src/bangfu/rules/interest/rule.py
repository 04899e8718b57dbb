"""Normal interest, exact to the fen.

银发〔2005〕129号 converts monthly = annual ÷ 12 and daily = annual ÷ 360. The balance–days product is linear in the
movements of principal, so a piece of time [piece_from, piece_to) bears its opening balance for all its days and each
movement inside for the days after it. One division and one rounding, half up, on the line's total (design §6).
"""

from __future__ import annotations

import narwhals as nw

from bangfu.rules.columns import later_of, round_half_up, small_quotient
from bangfu.rules.methods import (
    BANK_YEAR_DAYS,
    CALENDAR_YEAR_DAYS,
    DAILY_365,
    E6,
    E8_PER_E6,
    METHODS,
    WHOLE_PERIODS,
)
from bangfu.rules.steps import Rule, Step

CODES = {"method": METHODS}  # how cases.yaml names them
METHOD = nw.col("method")

PIECE_DAYS = Rule(
    name="piece_days",
    zh="计息天数",
    en="Days a piece of time counts: actual days, or 30 a whole month from disbursement and the odd days",
    reads={"method": "code", "piece_from": "day", "piece_to": "day", "f_from": "days", "f_to": "days"},
    steps=(
        Step(
            "piece_days",
            "days",
            "计息天数：算头不算尾；逐笔按期则整月按30天、零头按实际天数",
            "First day in, last day out; by whole periods 30 for a month and the odd days as they are",
            ("HLJ2019-2.2",),
            nw.when(METHOD == WHOLE_PERIODS)
            .then(nw.col("f_to") - nw.col("f_from"))
            .otherwise(nw.col("piece_to") - nw.col("piece_from")),
        ),
    ),
)

MOVE_DAYS = Rule(
    name="move_days",
    zh="变动计息天数",
    en="Days a movement inside a piece counts: from its day, or the piece's first, to the piece's end",
    reads={
        "method": "code",
        "piece_from": "day",
        "piece_to": "day",
        "on": "day",
        "f_on": "days",
        "f_to": "days",
    },
    steps=(
        Step(
            "move_days",
            "days",
            "本金变动日（或期初）至期末的计息天数",
            "What the movement adds is borne from its day to the piece's end",
            ("HLJ2019-2.2",),
            nw.when(METHOD == WHOLE_PERIODS)
            .then(nw.col("f_to") - nw.col("f_on"))
            .otherwise(nw.col("piece_to") - later_of(nw.col("on"), nw.col("piece_from"))),
        ),
    ),
)

PIECE_INTEREST = Rule(
    name="piece_interest",
    zh="分段利息积数",
    en="The interest numerator of a piece: balance × days × annual rate",
    reads={"opening_fen": "fen", "piece_days": "days", "inside_fen_days": "fen_days", "rate_e8": "e8"},
    steps=(
        Step(
            "balance_fen_days",
            "fen_days",
            "积数：期初余额×天数，加期内每笔变动×其后天数",
            "Opening balance for all days, each movement inside for the days after it",
            ("HLJ2019-2.2",),
            nw.col("opening_fen") * nw.col("piece_days") + nw.col("inside_fen_days"),
        ),
        Step(
            "interest_numerator",
            "fen_days",
            "利息分子：积数×年利率（以百万分之一计）",
            "Multiplied first, divided once; the rate in millionths",
            ("HLJ2019-2.2",),
            nw.col("balance_fen_days") * small_quotient(nw.col("rate_e8"), E8_PER_E6),
        ),
    ),
)

LINE_INTEREST = Rule(
    name="line_interest",
    zh="应计利息",
    en="The line's interest: the pieces' numerators over the year, rounded half up once",
    reads={"interest_numerator": "fen_days", "method": "code"},
    steps=(
        Step(
            "year_denominator",
            "count",
            "分母：360天×100万（利率以百万分之一计；仅审计对照用365天）",
            "A year of 360 days, in millionths; 365 only to audit a bank that counted so",
            ("HLJ2019-2.2",),
            nw.when(METHOD == DAILY_365)
            .then(nw.lit(CALENDAR_YEAR_DAYS * E6, nw.Int64))
            .otherwise(nw.lit(BANK_YEAR_DAYS * E6, nw.Int64)),
        ),
        Step(
            "interest_fen",
            "fen",
            "利息：合计后一次四舍五入到分",
            "Rounded half up, once, on the total",
            ("HLJ2019-2.2",),
            round_half_up(nw.col("interest_numerator"), nw.col("year_denominator")),
        ),
    ),
)
