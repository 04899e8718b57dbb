"""The policy in plain words: what holds on a day, apart by regime, each sentence with a clause that exists."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from tests.web.face import reader

from bangfu.policy import load_book
from bangfu.web import plain_policy

PLACES = ("522728", "410800", "231226", "000000")


def standings(place: str, on: date) -> dict[str, str]:
    return {one.product: one.standing for one in plain_policy.regimes(load_book(), place=place, on=on)}


@pytest.mark.parametrize(
    ("place", "on", "assistance", "transition", "poverty"),
    [
        ("522728", date(2026, 7, 1), "open", "running", "running"),
        ("522728", date(2026, 1, 15), "ahead", "gap", "running"),
        ("522728", date(2025, 12, 31), "ahead", "open", "running"),
        ("522728", date(2019, 6, 1), "ahead", "ahead", "open"),
        ("410800", date(2022, 5, 1), "ahead", "open", "never"),
        ("000000", date(2026, 2, 24), "open", "running", "never"),
    ],
)
def test_each_regime_stands_as_its_documents_say(place, on, assistance, transition, poverty):
    assert standings(place, on) == {"assistance": assistance, "transition": transition, "poverty": poverty}


def test_a_running_regime_shows_the_terms_of_its_last_signing_day():
    one = plain_policy.regime(load_book(), place="522728", product="transition", on=date(2026, 7, 1))
    assert one.signed_on == date(2025, 12, 31)
    assert one.stack.id == "CN2021+LD2021"


@pytest.mark.parametrize("place", PLACES)
def test_every_sentence_has_clauses_that_exist(place):
    book = load_book()
    for day in [*book.breakpoints(), *(day - timedelta(days=1) for day in book.breakpoints())]:
        for regime in plain_policy.regimes(book, place=place, on=day):
            if regime.stack is None:
                continue
            for topic in plain_policy.topics(regime.stack, on=day):
                for said in topic.said:
                    assert said.words.zh
                    assert said.words.en
                    assert "{" not in said.words.zh + said.words.en
                    assert said.clauses
                    assert [one for one in said.clauses if book.clause(one) is None] == []


@pytest.mark.parametrize(
    ("address", "words"),
    [
        (
            "/policy/?place=522728&day=2026-07-01",
            ["一户最多借10万元", "中央财政按贷款利率的70%贴息，最多2.5个百分点", "CN2026-1.6a"],
        ),
        (
            "/policy/?place=522728&day=2022-07-01",
            ["一户最多借5万元", "县级财政全额贴息", "不良率超过3%", "LD2021-5.5"],
        ),
        ("/policy/?place=410800&day=2024-07-01", ["系统不作推测", "HA2021-2.2c"]),
        (
            "/policy/?place=522728&day=2026-01-15",
            ["这一天在新旧两项政策之间", "CN2021-1.10", "CN2026-5.2", "不能受理"],
        ),
        (
            "/policy/?place=522728&day=2026-07-01&product=transition",
            ["不再发放，只管已签合同", "2025年12月31日"],
        ),
        ("/policy/?place=5227&day=2019-06-01&product=poverty", ["达到3%", "GZ2018-2.2"]),
        ("/policy/?day=yesterday", ["日期写作 2026-03-01"]),
        ("/policy/?place=99", ["没有这个地区代码"]),
    ],
)
def test_a_page_says_what_holds(address, words):
    text = reader().get(address).content.decode()
    assert [one for one in words if one not in text] == []


def test_each_clause_has_a_place_of_its_own():
    text = reader().get("/policy/clauses/").content.decode()
    for pack in load_book().packs.values():
        for key in pack.clauses:
            assert f'id="{pack.id}-{key}"' in text
