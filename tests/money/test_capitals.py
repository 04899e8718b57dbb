"""Amounts in capitals: the central bank's own examples, each rule's edges, and reading them back."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bangfu.money.capitals import DIGITS, LARGEST_FEN, NotInCapitals, capitals
from bangfu.money.fen import parse_yuan

CASES = {
    # The examples of the rules themselves.
    "1409.50": "壹仟肆佰零玖元伍角",
    "6007.14": "陆仟零柒元壹角肆分",
    "1680.32": "壹仟陆佰捌拾元零叁角贰分",
    "107000.53": "壹拾万柒仟元零伍角叁分",
    "16409.02": "壹万陆仟肆佰零玖元零贰分",
    "325.04": "叁佰贰拾伍元零肆分",
    # What stands on a loan form.
    "50000": "伍万元整",
    "100000": "壹拾万元整",
    "100005": "壹拾万零伍元整",
    "30000": "叁万元整",
    "45000": "肆万伍仟元整",
    "10500": "壹万零伍佰元整",
    "99999999.99": "玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分",
    # Small.
    "0": "零元整",
    "0.01": "壹分",
    "0.10": "壹角",
    "0.13": "壹角叁分",
    "1": "壹元整",
    "1.01": "壹元零壹分",
    "10": "壹拾元整",
    "10.10": "壹拾元零壹角",
    "11.11": "壹拾壹元壹角壹分",
    "20.05": "贰拾元零伍分",
    "100.01": "壹佰元零壹分",
    "1001": "壹仟零壹元整",
    "1010": "壹仟零壹拾元整",
    # Across the groups of four.
    "10000.01": "壹万元零壹分",
    "10010": "壹万零壹拾元整",
    "1000000": "壹佰万元整",
    "10001000": "壹仟万壹仟元整",
    "20000005": "贰仟万零伍元整",
    "100000000": "壹亿元整",
    "100000001": "壹亿零壹元整",
    "100005000": "壹亿零伍仟元整",
    "100050000": "壹亿零伍万元整",
    "105000000": "壹亿零伍佰万元整",
    "150000000": "壹亿伍仟万元整",
    "10500000005": "壹佰零伍亿零伍元整",
    "1000000000000": "壹万亿元整",
    "1234500000000": "壹万贰仟叁佰肆拾伍亿元整",
}


@pytest.mark.parametrize(("figures", "written"), CASES.items())
def test_known_amounts(figures, written):
    assert capitals(parse_yuan(figures)) == written


@pytest.mark.parametrize(("fen", "name"), [(-1, "amount_negative"), (LARGEST_FEN + 1, "amount_too_large")])
def test_what_has_no_capitals_is_refused_by_name(fen, name):
    with pytest.raises(NotInCapitals, match=name) as refused:
        capitals(fen)
    assert (refused.value.name, refused.value.fen) == (name, fen)


def read(text: str) -> int:
    """Read capitals back, by another way than they were written."""
    whole, _, rest = text.rpartition("元")
    jiao, odd = re.search(r"(.)角", rest), re.search(r"(.)分", rest)
    fen = (DIGITS.index(jiao[1]) * 10 if jiao else 0) + (DIGITS.index(odd[1]) if odd else 0)
    total = section = digit = 0
    for letter in whole:
        if letter in DIGITS:
            digit = DIGITS.index(letter)
        elif letter in "拾佰仟":
            section, digit = section + digit * 10 ** ("拾佰仟".index(letter) + 1), 0
        elif letter == "万":
            total, section, digit = total + (section + digit) * 10**4, 0, 0
        else:  # 亿 multiplies all before it
            total, section, digit = (total + section + digit) * 10**8, 0, 0
    return (total + section + digit) * 100 + fen


AMOUNTS = st.one_of(
    st.integers(0, 10_000_000),
    st.integers(0, LARGEST_FEN),
    # Mostly zeros: where the rules are hard.
    st.lists(st.sampled_from("0000123"), min_size=1, max_size=18).map(lambda digits: int("".join(digits))),
)


@settings(max_examples=400, derandomize=True, deadline=None)
@given(AMOUNTS)
def test_capitals_read_back_as_the_same_amount(fen):
    assert read(capitals(fen)) == fen


@settings(max_examples=400, derandomize=True, deadline=None)
@given(AMOUNTS)
def test_capitals_keep_the_rules(fen):
    text = capitals(fen)
    assert "零零" not in text
    assert not re.search(r"零[仟佰拾万亿角分]", text)
    assert not re.search(r"零元", text) or fen == 0
    assert not re.search(r"(^|[万亿零])拾", text)
    assert text.endswith("整") == (fen % 100 == 0)
    assert "分" not in text or text.endswith("分")


@settings(max_examples=200, derandomize=True, deadline=None)
@given(AMOUNTS, AMOUNTS)
def test_two_amounts_are_never_written_alike(one, other):
    assert (capitals(one) == capitals(other)) == (one == other)
