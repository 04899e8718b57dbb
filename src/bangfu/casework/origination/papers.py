"""The papers of LD2021-2.1, by kind: which are needed, which are there."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from bangfu.casework.words import Words

SIGNED_FORM, ID_CARD, REGISTER, MARRIAGE, CARD, OTHER = (
    "signed_form",
    "id_card",
    "household_register",
    "marriage_paper",
    "bank_card",
    "other_paper",
)
PAPERS: Mapping[str, Words] = {
    SIGNED_FORM: Words("签字的贷款申请审批表", "the signed application form"),
    ID_CARD: Words("身份证", "ID card"),
    REGISTER: Words("户口簿", "household register"),
    MARRIAGE: Words("婚姻状况证明", "marriage papers"),
    CARD: Words("存折或信合卡", "passbook or card"),
    OTHER: Words("其他贷款资料", "other papers"),
}
CLAUSE = "LD2021-2.1"
MARITAL: Mapping[str, Words] = {
    "single": Words("未婚", "single"),
    "married": Words("已婚", "married"),
    "divorced": Words("离异", "divorced"),
    "widowed": Words("丧偶", "widowed"),
}


def needed(marital_status: str) -> tuple[str, ...]:
    """The kinds an application cannot do without; marriage papers of everybody who was ever married."""
    married = (MARRIAGE,) if marital_status not in ("", "single") else ()
    return (SIGNED_FORM, ID_CARD, REGISTER, *married, CARD)


def missing(marital_status: str, there: Collection[str]) -> tuple[str, ...]:
    """The needed kinds that are not there, in the order of the clause."""
    return tuple(kind for kind in needed(marital_status) if kind not in there)
