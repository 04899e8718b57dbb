"""Objections from anybody, from a phone, signed or not: each stops its line alone, and is answered under a code."""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
import uuid
from datetime import datetime

from django.db import transaction

from bangfu.casework.audit_trail import api as trail
from bangfu.casework.database.actor import Actor, day_of
from bangfu.casework.database.refusals import Refused
from bangfu.casework.database.session import Scope, widened
from bangfu.casework.notices.models import Notice, NoticeEnd, NoticeLine, NoticeRow, Objection, ObjectionAct
from bangfu.casework.notices.objections import STANDS_WHILE, hold
from bangfu.casework.notices.reading import as_uuid
from bangfu.casework.notices.views import BEFORE, GROUNDS, Answer, PublicNotice, Receipt
from bangfu.casework.people import api as people
from bangfu.casework.personal_data import api as personal_data
from bangfu.casework.subsidies import api as subsidies

__all__ = ["LONGEST_TEXT", "answer_of", "object_to", "of_code", "takes_objections"]

LONGEST_TEXT = 500
_LONGEST_NAME = 32
_AN_HOUR, _A_DAY = 6, 20
_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # none that is read as another
_CODE, _NUMBER = 16, 6  # letters of each
_PHONE = re.compile(r"\+?[0-9]{7,15}")
_PUBLIC = "公众"
_FILED = "filed"
_TOWNSHIP = 9


@transaction.atomic
def object_to(
    *,
    token: object,
    ground: str,
    text: str = "",
    name: str = "",
    phone: str = "",
    now: datetime,
    address: str = "",
) -> Receipt:
    """Object to a row of a notice. Its line is held while its list is on the way to payment; nobody else's is.

    Args:
        token: The row (``PublicRow.token``).
        ground: One of ``GROUNDS``.
        text: In words, up to 500 characters; needed where the ground is another.
        name: Of the objector, where they sign; kept in the vault. With it goes a phone number.
        phone: Likewise.
        now: The moment.
        address: The network address, to count by; not kept.

    Raises:
        Refused: ``rate_limited``, ``not_in_scope``, ``expired`` (withdrawn, or the list is filed), ``bad_field``,
            ``missing_field``, ``too_large``, ``bad_text``.
    """
    public = Actor(0, _PUBLIC, "public", "", Scope(), now)
    told = _said(ground, text)
    signed = _signature(name, phone)
    with widened():
        people.counted_from(purpose="objection", address=address, now=now, an_hour=_AN_HOUR, a_day=_A_DAY)
        row, line_id, notice = _row(token)
        view = subsidies.list_of(notice.list_id, on=public.on, lock=True)
        line = subsidies.current_of([line_id], on=public.on).get(line_id)
        if line is None or view.state == _FILED:
            raise Refused("expired")
        code = "".join(secrets.choice(_LETTERS) for _ in range(_CODE))
        objection = _kept(
            public, notice, line, posted=line_id, ground=ground, text=told, signed=signed, code=code
        )
        where = subsidies.list_of(line.list_id, on=public.on, lock=True)
        if line.status == "open" and where.state in STANDS_WHILE:
            hold(public, line, objection)
        trail.record(
            actor=public, act="objection.received", subject=("objection", objection.pk), scope_area=line.village,
            after={"number": row.number, "ground": ground, "signed": bool(signed)}, basis=("LD2021-6",),
        )  # fmt: skip
    return Receipt(objection.number, _grouped(code), now)


def takes_objections(notice: PublicNotice) -> bool:
    """Whether anybody may still object to a notice: it was not withdrawn, and its list is not filed."""
    if notice.ended:
        return False
    if notice.kind == BEFORE and not notice.clock.over:  # its list cannot have gone on
        return True
    list_id = Notice.objects.values_list("list_id", flat=True).get(pk=notice.id)
    with widened():
        return subsidies.state_of(list_id) != _FILED


def answer_of(*, code: str) -> Answer:
    """What became of an objection, for who holds its code.

    Raises:
        Refused: ``not_in_scope`` where no objection has this code.
    """
    with widened():
        found = of_code(code)
        shown = NoticeRow.objects.select_related("notice").get(
            pk=NoticeLine.objects.get(notice_id=found.notice_id, line_id=found.line_id).token
        )
        acts = list(ObjectionAct.objects.filter(objection=found).order_by("number"))
    answer = Answer(
        found.number, found.at, found.ground, acts[-1].kind if acts else "received", shown.notice.area_name,
        shown.number, shown.masked_name,
    )  # fmt: skip
    if not acts or acts[-1].kind != "decided":
        return answer
    last = acts[-1]
    return Answer(
        answer.number, answer.at, answer.ground, "decided", answer.area_name, answer.row, answer.masked_name,
        last.outcome, last.remedy, last.answer, day_of(last.at),
    )  # fmt: skip


def of_code(code: str) -> Objection:
    """The objection whose code this is; the caller looks past its scope, which is nobody's.

    Raises:
        Refused: ``not_in_scope`` where none has it.
    """
    found = Objection.objects.filter(code_hash=_hashed(code)).first()
    if found is None:
        raise Refused("not_in_scope")
    return found


def _row(token: object) -> tuple[NoticeRow, uuid.UUID, Notice]:
    """The row and the line it stands for; of a notice that still stands."""
    row = NoticeRow.objects.select_related("notice").filter(pk=as_uuid(token)).first()
    if row is None:
        raise Refused("not_in_scope")
    if NoticeEnd.objects.filter(notice=row.notice).exists():
        raise Refused("expired")
    return row, NoticeLine.objects.get(pk=row.pk).line_id, row.notice


def _kept(
    public: Actor,
    notice: Notice,
    line: subsidies.LineView,
    *,
    posted: uuid.UUID,
    ground: str,
    text: str,
    signed: tuple[str, str] | None,
    code: str,
) -> Objection:
    objection_id = uuid.uuid4()
    name_id = phone_id = None
    if signed:
        # The township's, not the village's: whom an objection speaks of may sit in the village.
        same = {
            "table_name": "casework_objection",
            "row_id": str(objection_id),
            "scope_area": line.village[:_TOWNSHIP],
        }
        name_id, phone_id = personal_data.kept(
            [
                personal_data.Plain(field="name", value=signed[0], **same),
                personal_data.Plain(field="phone", value=signed[1], **same),
            ]
        )
    tail = "".join(secrets.choice(_LETTERS) for _ in range(_NUMBER))
    return Objection.objects.create(
        id=objection_id, number=f"YY{public.on:%Y%m%d}{tail}", code_hash=_hashed(code), notice_id=notice.pk,
        line_id=posted, list_id=notice.list_id, loan_id=line.loan_id, ground=ground, text=text,
        signed=bool(signed), name_id=name_id, phone_id=phone_id, at=public.now,
        scope_area=line.village, household_id=line.household_id,
    )  # fmt: skip


def _said(ground: str, text: str) -> str:
    if ground not in GROUNDS:
        raise Refused("bad_field", field="ground")
    told = text.replace("\r\n", "\n").strip()
    if len(told) > LONGEST_TEXT:
        raise Refused("too_large", field="text", most=LONGEST_TEXT)
    if any(unicodedata.category(one) in ("Cc", "Cs", "Co") and one != "\n" for one in told):
        raise Refused("bad_text", field="text")
    if ground == "other" and not told:
        raise Refused("missing_field", field="text")
    return told


def _signature(name: str, phone: str) -> tuple[str, str] | None:
    """Name and number of who signs; None of who does not. One without the other is asked for."""
    who = " ".join(name.split())
    number = unicodedata.normalize("NFKC", "".join(phone.split()).replace("-", ""))
    if not who and not number:
        return None
    if not who:
        raise Refused("missing_field", field="name")
    if not number:
        raise Refused("missing_field", field="phone")
    if len(who) > _LONGEST_NAME or any(unicodedata.category(one).startswith("C") for one in who):
        raise Refused("bad_field", field="name")
    if not _PHONE.fullmatch(number):
        raise Refused("bad_field", field="phone")
    return who, number


def _hashed(code: str) -> bytes:
    plain = "".join(one for one in unicodedata.normalize("NFKC", code).upper() if one.isalnum())
    return hashlib.sha256(plain.encode()).digest()


def _grouped(code: str) -> str:
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))
