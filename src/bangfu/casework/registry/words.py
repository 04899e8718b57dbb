"""The words of the rosters' codes, in both languages: what requests and exports say."""

from __future__ import annotations

from collections.abc import Mapping

from bangfu.casework.words import Words

CATEGORIES: Mapping[str, Words] = {
    "poor": Words("建档立卡贫困户", "registered poor household"),
    "out_of_poverty": Words("脱贫户", "household out of poverty"),
    "margin": Words("边缘易致贫户", "household on the margin"),
    "monitored": Words("监测户", "monitored household"),
    "assisted": Words("帮扶对象", "assisted household"),
}
LEFT_REASONS: Mapping[str, Words] = {
    "graduated": Words("稳定脱贫退出", "out of poverty for good"),
    "wrongly_listed": Words("错评清退", "wrongly listed"),
    "bad_faith": Words("失信清退", "bad faith"),
    "no_longer_at_risk": Words("风险消除", "no longer at risk"),
    "moved": Words("迁出", "moved away"),
    "deceased": Words("整户死亡", "deceased"),
}
RELATIONS: Mapping[str, Words] = {
    "head": Words("户主", "head"),
    "spouse": Words("配偶", "spouse"),
    "child": Words("子女", "child"),
    "parent": Words("父母", "parent"),
    "other": Words("其他", "other"),
}


def word(of: Mapping[str, Words], code: str) -> Words:
    """The words of a code; the code itself where it has none."""
    return of.get(code) or Words(code, code)
