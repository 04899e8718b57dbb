"""The seven kinds of LD2021-7 with their parts: where each lies, who brings it, from which step on it can be there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from bangfu.casework.people.api import ROLES
from bangfu.casework.subsidies.api import ORDER
from bangfu.casework.words import Words

__all__ = ["KINDS", "PARTS", "Kind", "Part", "kind_of"]

At = Literal["county", "township", "list", "village"]
LIST, REVIEW, NOTICE, SUBMISSION, CONFIRMATION, PAYMENT, ANNOUNCEMENT, FILING, _FILED = ORDER


@dataclass(frozen=True)
class Part:
    """A paper of a kind.

    Attributes:
        code: Its name.
        words: Its name for people.
        at: Once for the county, for each township, for each list, or for each village of a list.
        by: The roles that bring it; the first is named to whoever asks.
        since: The step of a list at which it is due; empty for what stands for the whole county.
        ours: Whether the site makes it.
        asked: Whether the archive is incomplete without it.
        yearly: Whether it is due once a year, with the year's last cycle.
    """

    code: str
    words: Words
    at: At
    by: tuple[str, ...]
    since: str = ""
    ours: bool = False
    asked: bool = True
    yearly: bool = False

    @property
    def who(self) -> Words:
        """Who should bring it, in words."""
        return ROLES[self.by[0]].words


@dataclass(frozen=True)
class Kind:
    """One of the seven kinds, by its number in LD2021-7."""

    number: int
    code: str
    words: Words
    parts: tuple[Part, ...]
    clause: str = "LD2021-7"


_LIST_BY, _VILLAGE_BY = ("township", "station"), ("village", "township")
KINDS: tuple[Kind, ...] = (
    Kind(1, "fund_documents", Words("省、州、县资金文件", "fund documents of province, prefecture and county"), (
        Part("fund_document", Words("资金文件", "fund document"), "county", ("finance", "bureau")),
    )),
    Kind(2, "approval", Words("贴息资金批复文件", "approval of the subsidy money"), (
        Part("approval", Words("批复文件", "approval"), "county", ("bureau", "finance")),
    )),
    Kind(3, "work_plan", Words("乡镇工作方案（含领导小组）", "township work plan with its leading group"), (
        Part("work_plan", Words("工作方案", "work plan"), "township", ("township", "station")),
    )),
    Kind(4, "before_notice", Words("报账前公示及图片（镇级）", "notice before payment with photographs, township"), (
        Part("before_notice", Words("公示", "notice"), "list", _LIST_BY, NOTICE, ours=True),
        Part("before_near", Words("公示近景照片", "notice, near photograph"), "list", _LIST_BY, NOTICE),
        Part("before_far", Words("公示远景照片", "notice, far photograph"), "list", _LIST_BY, NOTICE),
    )),
    Kind(5, "after_notice", Words("报账后公告及图片（镇、村两级）",
                                  "announcement after payment with photographs, township and village"), (
        Part("after_notice", Words("公告", "announcement"), "list", _LIST_BY, ANNOUNCEMENT, ours=True),
        Part("after_near", Words("公告近景照片", "announcement, near photograph"), "list", _LIST_BY, ANNOUNCEMENT),
        Part("after_far", Words("公告远景照片", "announcement, far photograph"), "list", _LIST_BY, ANNOUNCEMENT),
        Part("village_after_notice", Words("村级公告", "village announcement"), "village", _VILLAGE_BY, ANNOUNCEMENT,
             ours=True),
        Part("village_after_near", Words("村级公告近景照片", "village announcement, near photograph"), "village",
             _VILLAGE_BY, ANNOUNCEMENT),
        Part("village_after_far", Words("村级公告远景照片", "village announcement, far photograph"), "village",
             _VILLAGE_BY, ANNOUNCEMENT),
    )),
    Kind(6, "payment", Words("签字清册、银行流水、拨款凭证", "signed list, bank statement, transfer slip"), (
        Part("list_paper", Words("贴息清册（系统打印）", "list as printed here"), "list", ("branch_officer",), LIST,
             ours=True, asked=False),
        Part("signed_list", Words("经领导签字盖章的清册", "list, signed and sealed"), "list", ("township",),
             SUBMISSION),
        Part("bank_statement", Words("银行上账流水单", "bank statement"), "list",
             ("branch_officer", "branch_manager", "county_bank", "township"), PAYMENT),
        Part("transfer_slip", Words("拨款凭证", "transfer slip"), "township", ("finance", "township"), PAYMENT),
        Part("control_sheet", Words("发放控制单", "control sheet"), "county", ("finance",), PAYMENT, ours=True,
             asked=False),
        Part("returned_list", Words("失败和退回清单", "payments that came back"), "county", ("finance",), PAYMENT,
             ours=True, asked=False),
    )),
    Kind(7, "yearly_summary", Words("年度总结（自评报告）", "yearly summary"), (
        Part("yearly_summary", Words("年度总结（自评报告）", "yearly summary"), "county", ("bureau",), ours=True,
             yearly=True),
    )),
)  # fmt: skip
PARTS: Mapping[str, Part] = {part.code: part for kind in KINDS for part in kind.parts}
_KIND_OF: Mapping[str, Kind] = {part.code: kind for kind in KINDS for part in kind.parts}


def kind_of(part: str) -> Kind:
    """The kind a part belongs to; KeyError where there is none."""
    return _KIND_OF[part]
