"""The rate series: the latest fixing on or before a day, its standing, and what is refused."""

from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from bangfu.policy import PackError, fixing, load_book
from bangfu.policy.fixings import installed
from bangfu.refusals import Refused

# Every change of the LPR (percent), from the news of the day.
CHANGES = """
2019-08-20 4.25 4.85 | 2019-09-20 4.20 4.85 | 2019-11-20 4.15 4.80 | 2020-02-20 4.05 4.75 | 2020-04-20 3.85 4.65
2021-12-20 3.80 4.65 | 2022-01-20 3.70 4.60 | 2022-05-20 3.70 4.45 | 2022-08-22 3.65 4.30 | 2023-06-20 3.55 4.20
2023-08-21 3.45 4.20 | 2024-02-20 3.45 3.95 | 2024-07-22 3.35 3.85 | 2024-10-21 3.10 3.60 | 2025-05-20 3.00 3.50
"""
LPR = [entry.split() for line in CHANGES.strip().splitlines() for entry in line.split("|")]


def e8(percent):
    return int(percent.replace(".", "")) * 10_000


@pytest.mark.parametrize(("day", "one", "five"), LPR)
def test_every_change_of_the_lpr_is_there_from_its_day(day, one, five):
    on = date.fromisoformat(day)
    assert (fixing("LPR_1Y", on).rate_e8, fixing("LPR_5Y", on).rate_e8) == (e8(one), e8(five))
    assert fixing("LPR_1Y", on).fixed_on == on
    assert fixing("LPR_1Y", on).confirmed


def test_nothing_else_changes():
    rows = installed()["LPR"].rows
    found = [
        rows[0].on,
        *(two.on for one, two in pairwise(rows) if one.rates_e8 != two.rates_e8),
    ]
    assert [on.isoformat() for on in found] == [day for day, _, _ in LPR]
    assert len(rows) == 78


def test_the_day_before_a_fixing_has_the_one_before():
    assert fixing("LPR_1Y", date(2021, 12, 19)).rate_e8 == 3_850_000
    assert fixing("LPR_1Y", date(2021, 12, 19)).fixed_on == date(2021, 11, 22)
    assert fixing("LPR_1Y", date(2021, 2, 20)).fixed_on == date(2021, 2, 20)  # a Saturday that was worked


def test_a_day_of_fixing_from_memory_is_marked():
    assert not fixing("LPR_1Y", date(2025, 9, 30)).confirmed
    assert fixing("LPR_1Y", date(2025, 8, 30)).confirmed


@pytest.mark.parametrize("series", ["LPR_1Y", "LPR_5Y"])
def test_45_days_after_the_last_fixing_the_series_is_too_old(series):
    assert fixing(series, date(2026, 3, 6)).fixed_on == date(2026, 1, 20)
    with pytest.raises(Refused) as caught:
        fixing(series, date(2026, 3, 7))
    assert caught.value.refusal.code == "rate_series_too_old"
    assert caught.value.refusal.facts["last_fixing"] == "2026-01-20"


@pytest.mark.parametrize(
    ("day", "one", "five"),
    [
        ("2014-11-22", "5.60", "6.00"),
        ("2015-03-01", "5.35", "5.75"),
        ("2015-05-11", "5.10", "5.50"),
        ("2015-06-28", "4.85", "5.25"),
        ("2015-08-26", "4.60", "5.00"),
        ("2015-10-24", "4.35", "4.75"),
        ("2019-12-31", "4.35", "4.75"),
    ],
)
def test_benchmark_rates(day, one, five):
    on = date.fromisoformat(day)
    assert (fixing("PBOC_1Y", on).rate_e8, fixing("PBOC_1_5Y", on).rate_e8) == (e8(one), e8(five))
    assert fixing("PBOC_1Y", on).confirmed


def test_that_the_benchmark_did_not_change_later_is_from_memory():
    assert not fixing("PBOC_1Y", date(2020, 1, 1)).confirmed


@pytest.mark.parametrize(
    ("series", "day"), [("LPR_1Y", "2019-08-19"), ("PBOC_1Y", "2012-07-05"), ("PBOC_1_5Y", "2014-11-21")]
)
def test_before_the_first_fixing_or_while_tiers_differ_there_is_no_rate(series, day):
    with pytest.raises(Refused) as caught:
        fixing(series, date.fromisoformat(day))
    assert caught.value.refusal.code == "term_not_set"
    assert caught.value.refusal.facts["series"] == series


def test_an_unknown_series_is_an_error_of_the_program():
    with pytest.raises(KeyError):
        fixing("LPR_10Y", date(2022, 1, 1))


MORE = """\
series: LPR
rates: [LPR_1Y, LPR_5Y]
fixings:
  - {on: 2026-02-24, LPR_1Y: "2.90", LPR_5Y: "3.40", standing: confirmed, source: made up}
"""


def test_a_folder_may_bring_new_fixings(tmp_path: Path):
    (tmp_path / "lpr.yaml").write_text(MORE, encoding="utf-8")
    book = load_book([tmp_path])
    assert book.fixing("LPR_1Y", date(2026, 4, 10)).rate_e8 == 2_900_000
    assert book.fixing("LPR_1Y", date(2026, 2, 23)).rate_e8 == 3_000_000
    assert book.fixing("PBOC_1Y", date(2018, 2, 23)).rate_e8 == 4_350_000
    assert load_book().fixing("LPR_5Y", date(2026, 2, 24)).rate_e8 == 3_500_000


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("2.90", "2.90001", 4),
        ("standing: confirmed", "standing: sure", 4),
        ("2026-02-24", "20 Feb", 4),
        ("series: LPR", "series: SHIBOR", 1),
        ("source: made up", "origin: x", 4),
        ("rates:", "columns:", 2),
    ],
)
def test_a_wrong_series_file_is_named_with_its_line(tmp_path: Path, old, new, line):
    (tmp_path / "lpr.yaml").write_text(MORE.replace(old, new), encoding="utf-8")
    with pytest.raises(PackError) as caught:
        load_book([tmp_path])
    assert line in [caught.value.line, *(error.line for error in caught.value.others)]
