"""A list leaves payment when each of its lines is paid, carried over or excluded; a line on its way stays."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from bangfu.casework.database.actor import Actor
from bangfu.casework.database.questions import as_uuid
from bangfu.casework.database.refusals import Refused
from bangfu.casework.people import api as people
from bangfu.casework.subsidies.api import LineView, ListView, content_hash, list_of, move

__all__ = ["PaidOf", "finish", "finish_all", "on_its_way", "paid_of"]

PAYMENT = "payment"
_PAID = """
select s.id, count(*) filter (where open), coalesce(sum(payable_fen) filter (where open), 0)::bigint,
  count(*) filter (where open and outcome = 'paid'),
  coalesce(sum(payable_fen) filter (where open and outcome = 'paid'), 0)::bigint,
  count(*) filter (where open and outcome = 'pending'),
  count(*) filter (where open and outcome in ('failed', 'returned')),
  count(*) filter (where status = 'held'),
  count(*) filter (where open and outcome = 'pending' and unreleased)
from casework_subsidy_list s
left join lateral (
  select l.payable_fen, coalesce(act.kind, 'released') in ('released', 'restored') as open, act.kind as status,
    case when i.id is null then '' else coalesce(r.outcome, 'pending') end as outcome,
    b.id is not null and d.batch_id is null as unreleased
  from casework_subsidy_line l
  left join lateral (select a.kind from casework_line_act a where a.subsidy_list_id = s.id and a.line_id = l.id
    and a.kind <> 'explained' order by a.id desc limit 1) act on true
  left join lateral (select i.id, i.batch_id from casework_payment_item i where i.line_id = l.id
    order by i.attempt desc limit 1) i
    on true
  left join lateral (select r.outcome from casework_payment_result r where r.item_id = i.id order by r.number desc
    limit 1) r on true
  left join casework_payment_batch b on b.id = i.batch_id
  left join casework_payment_export d on d.batch_id = b.id
  where l.subsidy_list_id = s.id and upper_inf(l.recorded) and l.kind <> 'recovery' and l.payable_fen > 0
) line on true
where s.id = any(%s) group by s.id
"""


@dataclass(frozen=True)
class PaidOf:
    """How far a list's payment has come.

    Attributes:
        list_id: The list.
        lines: Lines to be paid: open, of more than nothing; recoveries stand apart.
        fen: Their sum.
        paid: How many are paid.
        paid_fen: Their sum.
        on_the_way: How many are in a batch without a result.
        came_back: How many came back and are due again.
        held: How many are held: to be carried over or excluded before the list goes on.
        unreleased: Of those on their way, how many wait for another person to release their batch.
    """

    list_id: UUID
    lines: int
    fen: int
    paid: int
    paid_fen: int
    on_the_way: int
    came_back: int
    held: int
    unreleased: int = 0

    @property
    def done(self) -> bool:
        """Whether nothing is left to be paid."""
        return self.paid == self.lines and not self.held


def paid_of(*, actor: Actor, list_ids: tuple[UUID, ...]) -> dict[UUID, PaidOf]:
    """How far the payment of lists in scope has come, in one question.

    Raises:
        Refused: ``not_your_role``.
    """
    people.require(actor, "subsidy.read")
    with connection.cursor() as cursor:
        cursor.execute(_PAID, [list(list_ids)])
        return {row[0]: PaidOf(*row) for row in cursor.fetchall()}


def finish(*, actor: Actor, list_id: object, seen_hash: str = "") -> ListView:
    """Move a list on to its announcement: every line of it is paid, carried over or excluded.

    Args:
        actor: Of the county bank or the finance bureau.
        list_id: The list.
        seen_hash: ``content_hash`` of what was read; of the list as it stands where it is left out.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``, ``wrong_stage``, ``not_paid_yet`` (with what is left),
            ``content_changed``.
    """
    people.require(actor, "payment.result")
    view = list_of(list_id, on=actor.on, lock=True)
    told = paid_of(actor=actor, list_ids=(view.id,))[view.id]
    if view.state == PAYMENT and not told.done:
        raise Refused(
            "not_paid_yet", left=told.lines - told.paid, left_fen=told.fen - told.paid_fen, on_the_way=told.on_the_way,
            came_back=told.came_back, held=told.held,
        )  # fmt: skip
    return move(actor=actor, view=view, step=PAYMENT, seen_hash=seen_hash or content_hash(view))


def finish_all(*, actor: Actor, cycle_id: object) -> tuple[ListView, ...]:
    """Move on every list of a cycle in scope that is paid; those that are not stay.

    Raises:
        Refused: ``not_your_role``.
    """
    people.require(actor, "payment.result")
    with connection.cursor() as cursor:
        cursor.execute(
            "select s.id from casework_subsidy_list s join casework_list_stage g on g.subsidy_list_id = s.id"
            " and upper_inf(g.recorded) and g.state = %s where s.cycle_id = %s order by s.township, s.institution_id",
            [PAYMENT, as_uuid(cycle_id)],
        )
        ids = tuple(row[0] for row in cursor.fetchall())
    told = paid_of(actor=actor, list_ids=ids)
    return tuple(finish(actor=actor, list_id=one) for one in ids if told[one].done)


def on_its_way(actor: Actor, view: ListView, line: LineView, kind: str, source: str) -> None:
    """Refuse what would leave a line whose money is on its way or with the household (``paid_once``)."""
    del actor, source
    if view.state != PAYMENT or kind == "explained":
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "select coalesce((select r.outcome from casework_payment_result r where r.item_id = i.id"
            " order by r.number desc limit 1), 'pending') from casework_payment_item i where i.line_id = %s"
            " order by i.attempt desc limit 1",
            [line.id],
        )
        found = cursor.fetchone()
    if found is not None and found[0] in ("pending", "paid"):
        raise Refused("paid_once", line=line.number)
