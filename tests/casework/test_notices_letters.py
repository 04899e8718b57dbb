"""The answer to an objection as a letter: to the desk with the masked name, by its code to a number."""

from __future__ import annotations

import re
from functools import partial

from tests.casework.subsidies_made import office
from tests.casework.test_notices_objections import DAY, public

__all__ = ["office", "public"]


def letter(pdf: bytes) -> str:
    """Its text without any white space."""
    from tests.reports.papers_made import pages

    return re.sub(r"\s", "", "".join(pages(pdf)))


def test_the_answer_is_a_letter_to_the_desk_by_masked_name_and_by_code_to_a_number(office, public):
    from bangfu.casework.notices import api as notices

    receipt = public.objects(0, name="赵正直", phone="13800138000")
    found = public.one(receipt)
    desk = partial(office.does, office.person("township", day=DAY), notices.answer_letter)

    def by_code(code=receipt.code):
        with public.asking():
            return notices.answer_letter_of(code=code)

    public.looks(receipt)
    public.refused("wrong_stage", desk, objection_id=found.id)
    public.refused("wrong_stage", by_code)
    decided = public.decides(receipt, "upheld", clause="LD2021-1.6", answer="核实属实，该笔不予贴息")
    mine, theirs = letter(desk(objection_id=found.id)), letter(by_code(receipt.code.lower().replace("-", "")))
    assert "赵**：" in mine
    assert f"异议人（编号{receipt.number}）：" in theirs
    line = decided.line
    for told in (mine, theirs):
        for wanted in ("异议成立", "核实属实，该笔不予贴息", "第1号", "金额不对", "LD2021-1.6"):
            assert wanted in told
        assert "人民政府（盖章）2022年9月30日" in told
        for secret in (
            "赵正直",
            "13800138000",
            line.borrower_name,
            line.loan_id,
            line.household_id,
            receipt.code,
        ):
            assert secret not in told
    public.refused("not_in_scope", by_code, "AAAA-AAAA-AAAA-AAAA")
    other = office.person("township", 2, day=DAY)
    public.refused("not_in_scope", office.does, other, notices.answer_letter, objection_id=found.id)
    bank = office.person("branch_manager", day=DAY)
    public.refused("not_your_role", office.does, bank, notices.answer_letter, objection_id=found.id)


def test_the_bureaus_answer_bears_the_bureaus_seal(office, public):
    from bangfu.casework.notices import api as notices

    receipt = public.objects(0)
    public.looks(receipt)
    public.decides(receipt, "rejected", by=("bureau", 1))
    with public.asking():
        told = letter(notices.answer_letter_of(code=receipt.code))
    assert "县乡村振兴（农业农村）局（盖章）" in told
    assert "异议不成立" not in told
    assert "反映的情况不成立" in told
