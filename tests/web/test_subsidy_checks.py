"""The computer's checks of a line in words: what failed, what was not run, and what only has to be known."""

from __future__ import annotations

from types import SimpleNamespace

import pytest


def line(**outcomes):
    """A line whose checks passed, but for these."""
    codes = ("identity", "amount", "right", "overlap")
    return SimpleNamespace(
        checks=[
            {
                "code": code,
                "outcome": outcomes.get(code, "passed"),
                "clauses": ["CN2026-1.6d"],
                "facts": {},
            }
            for code in codes
        ]
    )


@pytest.mark.parametrize(
    ("outcomes", "tones", "words"),
    [
        ({}, ["ok"], "全部相符"),
        ({"overlap": "flagged"}, ["info"], "提示统筹：重叠"),
        ({"overlap": "failed"}, ["bad"], "不符：重叠"),
        (
            {"amount": "failed", "right": "not_run", "overlap": "flagged"},
            ["bad", "wait", "info"],
            "不符：金额；未核：资格；提示统筹：重叠",
        ),
    ],
)
def test_what_is_flagged_is_told_and_has_not_failed(site, outcomes, tones, words):
    from bangfu.casework.subsidies.checking import checks_told
    from bangfu.web.views import subsidy_checks_shown as shown

    told = line(**outcomes)
    marks = shown.marks(told)
    assert [marks.index(f'"chip {tone}') for tone in tones] == sorted(
        marks.index(f'"chip {tone}') for tone in tones
    )
    assert marks.count('class="chip') == len(tones)
    for part in words.split("；"):
        assert part in marks
    assert "；".join(each.zh for _, each in checks_told(told.checks)) == words
    assert checks_told([]) == ()
    state = {"passed": "passed", "failed": "failed", "not_run": "open", "flagged": "warned"}
    assert [one.state for one in shown.checked(told)] == [state[one["outcome"]] for one in told.checks]
