"""Columns are read as single cells would be: against the plain readers of money, digit by digit."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bangfu.facts import cells, identity
from bangfu.facts.sheets import cell_text
from bangfu.facts.write import percent_text, yuan_text
from bangfu.money.fen import format_yuan, parse_scaled
from bangfu.money.rates import E8_PER_SMALLEST_RATE, format_percent, parse_percent

LIMIT = 10_000_000_000


def codes_of(read: cells.Cells) -> list[str | None]:
    return [None] * len(read.values) if read.codes is None else read.codes.to_list()


NUMBERS = st.one_of(
    st.from_regex(r"\A[+-]?[0-9]{1,14}(\.[0-9]{0,8})?\Z"),
    st.from_regex(r"\A[0-9]{1,3}(,[0-9]{3}){0,3}(\.[0-9]{1,3})?\Z"),
    st.text("0123456789.,+-eE% 　五万", max_size=12),
    st.text(max_size=8),
)


def plain_fen(text: str, decimals: int) -> int | None:
    try:
        fen = parse_scaled(text, decimals)
    except ValueError:
        return None
    return fen if 0 <= fen <= LIMIT else None


@given(texts=st.lists(NUMBERS, min_size=1, max_size=20), decimals=st.sampled_from([0, 2, 6]))
def test_money_is_read_as_the_plain_reader_does(texts, decimals):
    folded = cells.folded(pl.Series(texts, dtype=pl.String))
    read = cells.read_money(folded, decimals=decimals, limit_fen=LIMIT)
    for text, fen, code in zip(folded, read.values, codes_of(read), strict=True):
        wanted = None if text is None else plain_fen(text.removesuffix("."), decimals)
        assert fen == wanted, text
        assert (code is None) == (wanted is not None or text is None), text


@given(texts=st.lists(NUMBERS, min_size=1, max_size=20))
def test_rates_are_read_as_the_plain_reader_does(texts):
    folded = cells.folded(pl.Series(texts, dtype=pl.String))
    read = cells.read_rate(folded, numeric=None, loan_rate=True, most_percent=36)
    for text, rate in zip(folded, read.values, strict=True):
        if rate is not None:
            assert rate == parse_percent(text.removesuffix("%").removesuffix("."))
            assert rate % E8_PER_SMALLEST_RATE == 0
            assert 0 <= rate <= 36_000_000


@given(fen=st.lists(st.integers(0, LIMIT), min_size=1), rate=st.integers(360_001, 36_000_000))
def test_what_is_written_is_read(fen, rate):
    frame = pl.DataFrame({"fen": fen}).select(yuan_text(pl.col("fen")).alias("text"), "fen")
    assert frame["text"].to_list() == [format_yuan(one) for one in fen]
    assert cells.read_money(frame["text"], decimals=2, limit_fen=LIMIT).values.to_list() == fen
    text = pl.select(percent_text(pl.lit(rate, pl.Int64))).item()
    assert text == format_percent(rate)
    assert (
        cells.read_rate(pl.Series([text]), numeric=None, loan_rate=False, most_percent=36).values[0] == rate
    )


@given(st.integers(0, 10**13))
def test_numeric_cells_keep_every_fen(fen):
    """Up to a hundred thousand million yuan, a spreadsheet's number is the decimal that was typed."""
    typed = float(f"{fen // 100}.{fen % 100:02d}")
    assert parse_scaled(cell_text(typed), 2) == fen


@given(
    day=st.dates(date(1900, 1, 1), date(2100, 12, 31)),
    clock=st.sampled_from(["", " 00:00:00", " 8:30", "T23:59:59.5"]),
)
def test_days_in_every_spelling(day, clock):
    spellings = [
        day.isoformat() + clock,
        f"{day.year}/{day.month}/{day.day}{clock}",
        f"{day.year}.{day.month:02d}.{day.day}",
        f"{day.year}年{day.month}月{day.day}日",
        day.strftime("%Y%m%d"),
    ]
    read = cells.read_date(pl.Series(spellings))
    assert read.values.to_list() == [day] * 5
    assert read.codes is None


@given(
    st.lists(
        st.one_of(
            st.from_regex(r"\A[0-9]{1,5}[-/.年][0-9]{1,3}[-/.月][0-9]{1,3}日?\Z"), st.text(max_size=12)
        ),
        min_size=1,
    )
)
def test_what_is_no_day_is_refused(texts):
    folded = cells.folded(pl.Series(texts, dtype=pl.String))
    read = cells.read_date(folded)
    for text, day, code in zip(folded, read.values, codes_of(read), strict=True):
        assert (day is not None) == (text is not None and code is None)


@pytest.mark.parametrize(
    "text",
    [
        "2021-02-29",
        "2021/13/1",
        "2021-3",
        "20210231",
        "2021-3-5 25",
        "5/3/2021",
        "2021-3-5Z",
        "+2021-03-05",
        "二〇二一年",
    ],
)
def test_no_such_day(text):
    assert codes_of(cells.read_date(pl.Series([text]))) == ["bad_date"]


@given(
    st.dates(date(1900, 1, 1), date(2020, 1, 1)), st.integers(0, 999), st.sampled_from(["522728", "110105"])
)
def test_id_numbers_columnar_and_plain_agree(born, sequence, place):
    first = f"{place}{born:%Y%m%d}{sequence:03d}"
    right = first + identity.check_digit_of(first)
    wrong = first + ("0" if right[-1] != "0" else "1")
    old = f"{place}{born:%y%m%d}{sequence:03d}"
    column = pl.DataFrame({"id": [right, wrong, old, right[:-1], None]})
    ok = column.select(identity.check_digit_ok_expr(pl.col("id"))).to_series().to_list()
    assert ok == [True, False, True, False, None]
    assert [identity.check_digit_ok(one) for one in (right, wrong, old, right[:-1])] == ok[:4]
    days = column.select(identity.birth_date_expr(pl.col("id"))).to_series().to_list()
    assert days[:2] == [born, born]
    assert [identity.birth_date_of(one) for one in (right, wrong, old, right[:-1])] == days[:4]
    assert identity.sex_of(right) == ("male" if sequence % 2 else "female") == identity.sex_of(old)


def test_the_printed_sample_of_the_standard():
    assert identity.check_digit_ok("11010519491231002X")
    assert identity.birth_date_of("11010519491231002X") == date(1949, 12, 31)
    assert identity.sex_of("11010519491231002X") == "female"
    assert identity.mask("11010519491231002X") == "1101************2X"
    assert identity.fold_id(" １１０１０５ １９４９１２３１００２ｘ") == "11010519491231002X"
    assert identity.birth_date_of("11010519490230002X") is None
    assert identity.sex_of("1") is None
    assert identity.mask("12") == "**"
    with pytest.raises(ValueError, match="seventeen"):
        identity.check_digit_of("1")


@given(st.lists(st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=6), min_size=1, max_size=6))
def test_folding_a_column_folds_each_text(texts):
    folded = cells.folded(pl.Series(texts, dtype=pl.String))
    wanted = [cells.fold_text(text).replace("−", "-") or None for text in texts]
    if any(not text.isascii() or " " in text for text in texts):
        assert [text for text in folded] == wanted  # noqa: C416


def test_days_far_out_are_named():
    read = cells.read_date(pl.Series(["1899-12-31", "2101-01-01", "0001-01-01", "9999-12-31"]))
    assert codes_of(read) == ["date_out_of_range"] * 4
    assert date(1900, 1, 1) - timedelta(days=1) == date(1899, 12, 31)
