"""Reminders: the borrower is told so many days before maturity, and so many days before it in writing."""

from __future__ import annotations

import narwhals as nw

from bangfu.rules.steps import Raise, Rule, Step

TOLD = ("reminder.days_before", "reminder.written_days_before")

RULE = Rule(
    name="reminder",
    zh="到期提醒",
    en="Whether one reminder before a maturity is due, given in time, or missed",
    reads={
        "matures_on": "day",
        "days_before": "days",
        "known_on": "day",
        "reminded": "bool",
        "reminded_on": "day",
        "balance_fen": "fen",
        "on": "day",
    },
    steps=(
        Step(
            "remind_by",
            "day",
            "最迟提醒日：到期日前规定天数",
            "The last day on which the reminder is in time",
            TOLD,
            nw.col("matures_on") - nw.col("days_before"),
        ),
        Step(
            "wanted",
            "bool",
            "须提醒：该日仍有余额，且到期日在该日之前已知",
            "The loan still stood on that day, and its maturity was known before it",
            TOLD,
            (nw.col("balance_fen") > 0) & (nw.col("known_on") < nw.col("remind_by")),
        ),
        Step(
            "in_time",
            "bool",
            "已按时提醒",
            "Told on that day or before, and after the maturity was known",
            TOLD,
            nw.col("reminded")
            & (nw.col("reminded_on") <= nw.col("remind_by"))
            & (nw.col("reminded_on") >= nw.col("known_on")),
        ),
        Step(
            "missed",
            "bool",
            "提醒缺失",
            "The day is over without it",
            TOLD,
            nw.col("wanted") & ~nw.col("in_time") & (nw.col("on") > nw.col("remind_by")),
        ),
    ),
    raises=(Raise("reminder_missed", "missed", ("matures_on", "remind_by"), TOLD),),
)
