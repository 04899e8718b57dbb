"""Jobs: enqueued in the transaction that wants them, done by a worker as the role ``app`` in the scope of who asked.

A job carries the account with its role and place; when it starts, these are looked up again, and where they are no
longer held the job is refused. A job whose worker was killed is taken up again by the next: every job may run twice.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import DatabaseError, connection, connections
from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

from bangfu.casework.audit_trail import api as trail
from bangfu.casework.database.actor import SHANGHAI, Actor
from bangfu.casework.database.refusals import Refused
from bangfu.casework.database.session import Scope, entered
from bangfu.casework.documents import api as documents
from bangfu.casework.imports import running
from bangfu.casework.imports.reading import ACTS
from bangfu.casework.imports.steps import batch_of, stepped, told_outside
from bangfu.casework.imports.store import swept
from bangfu.casework.payments import api as payments
from bangfu.casework.people import api as people
from bangfu.casework.words import Words

__all__ = ["JobView", "Kind", "enqueue", "job", "jobs", "kinds", "queue_import", "retry", "work_forever"]

log = logging.getLogger("bangfu.casework.jobs")
_QUEUE, _TASK = "bangfu", "bangfu.job"
_STALLED_S = 60
_PAUSE_S = 3
_UPLOADS_LIE = timedelta(days=30)
STATES: Mapping[str, Words] = {
    "todo": Words("排队中", "queued"),
    "doing": Words("正在办理", "running"),
    "succeeded": Words("已完成", "done"),
    "failed": Words("未完成", "failed"),
    "cancelled": Words("已取消", "cancelled"),
    "aborted": Words("已中止", "aborted"),
}
Work = Callable[..., None]


@dataclass(frozen=True)
class Kind:
    """A sort of job.

    Attributes:
        code: Its name.
        words: Its name for people.
        work: Called as ``work(actor=…, **arguments)``; opens its own transactions; may be called twice.
    """

    code: str
    words: Words
    work: Work


@dataclass(frozen=True)
class JobView:
    """One job as the page shows it.

    Attributes:
        id: Its number.
        kind: Its code.
        words: Its name.
        state: todo, doing, succeeded, failed.
        state_words: The state for people.
        who: Whose it is.
        asked_at: When it was enqueued.
        arguments: What it is about; ids alone.
        error: Why it failed, in words; empty where it did not.
    """

    id: int
    kind: str
    words: Words
    state: str
    state_words: Words
    who: str
    account_id: int
    asked_at: datetime
    arguments: Mapping[str, Any]
    error: Words


@dataclass(frozen=True)
class _Register:
    of: dict[str, Kind] = field(default_factory=dict)


_REGISTER = _Register()


def job(code: str, words: Words) -> Callable[[Work], Work]:
    """Register a function as a job: ``@job("import", Words(…))`` above ``def work(*, actor, batch_id)``."""

    def registered(work: Work) -> Work:
        if code in _REGISTER.of:
            raise KeyError(f"the job {code} is registered twice")
        _REGISTER.of[code] = Kind(code, words, work)
        return work

    return registered


def kinds() -> Mapping[str, Kind]:
    """All sorts of jobs by code."""
    return dict(_REGISTER.of)


def enqueue(*, actor: Actor, code: str, arguments: Mapping[str, Any]) -> int:
    """Have something done later, as this actor; undone with the transaction it is called in.

    Args:
        actor: Who asks; the job runs in their role and scope, if they still hold it then.
        code: A registered job.
        arguments: Plain JSON; ids, never personal values.
    """
    if code not in _REGISTER.of:
        raise KeyError(code)
    return app.configure_task(_TASK, queue=_QUEUE).defer(
        code=code,
        arguments=dict(arguments),
        account_id=actor.account_id,
        name=actor.name,
        role=actor.role,
        place=actor.place,
        asked_at=actor.now.isoformat(),
    )


def queue_import(*, actor: Actor, batch_id: object, seen_hash: str) -> None:
    """Confirm an import: it waits for the worker.

    Raises:
        Refused: ``not_in_scope``, ``not_your_role``, ``wrong_stage``, ``content_changed``.
    """
    batch = batch_of(batch_id)
    people.require(actor, ACTS[batch.kind][0])
    if batch.state not in {"read", "failed", "importing", "waiting"}:
        raise Refused("wrong_stage", state=batch.state)
    if running.seen_hash_of(batch) != seen_hash:
        raise Refused("content_changed")
    stepped(batch, "waiting", {"seen_hash": seen_hash, "account": actor.account_id}, at=actor.now)
    trail.record(
        actor=actor, act="import.confirmed", subject=("import", batch.id), scope_area=batch.scope_area,
        institution_id=batch.institution_id, after={"sha256": batch.sha256},
    )  # fmt: skip
    enqueue(actor=actor, code="import", arguments={"batch_id": str(batch.id), "seen_hash": seen_hash})


def jobs(*, actor: Actor, state: str = "", page: int = 1, size: int = 50) -> tuple[tuple[JobView, ...], int]:
    """A page of jobs, newest first, and how many: all of them for administrators, one's own for others."""
    given: list[Any] = [_TASK]
    where = "task_name = %s"
    if not people.may(actor.role, "job.read") and actor.role != "site":
        where += " and (args->>'account_id')::bigint = %s"
        given.append(actor.account_id)
    if state:
        where += " and status::text = %s"
        given.append(state)
    with connection.cursor() as cursor:
        cursor.execute(f"select count(*) from procrastinate_jobs where {where}", given)
        (total,) = cursor.fetchone() or (0,)
        cursor.execute(
            f"select id, status::text, args from procrastinate_jobs where {where} order by id desc limit %s offset %s",
            [*given, size, (page - 1) * size],
        )
        rows = cursor.fetchall()
    return tuple(_view(*row) for row in rows), int(total)


def retry(*, actor: Actor, job_id: int) -> None:
    """Have a failed job done again, by whom it was asked; the same job, enqueued anew.

    Raises:
        Refused: ``not_in_scope``, ``wrong_stage``.
    """
    found = next(
        (
            one
            for one in _of_id(job_id)
            if one.account_id == actor.account_id or people.may(actor.role, "job.read")
        ),
        None,
    )
    if found is None:
        raise Refused("not_in_scope")
    if found.state != "failed":
        raise Refused("wrong_stage", state=found.state)
    with connection.cursor() as cursor:
        cursor.execute("select args from procrastinate_jobs where id = %s for update", [job_id])
        (args,) = cursor.fetchone() or ({},)
        told = json.loads(args) if isinstance(args, str) else dict(args)
        if told.get("retried"):
            raise Refused("already_decided")
        marked = json.dumps({**told, "retried": True})
        cursor.execute("update procrastinate_jobs set args = %s where id = %s", [marked, job_id])
    told.pop("error", None)
    app.configure_task(_TASK, queue=_QUEUE).defer(**told)
    trail.record(actor=actor, act="job.retried", subject=("job", job_id), after={"kind": found.kind})


def _of_id(job_id: int) -> list[JobView]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select id, status::text, args from procrastinate_jobs where id = %s and task_name = %s",
            [job_id, _TASK],
        )
        return [_view(*row) for row in cursor.fetchall()]


def _view(job_id: int, state: str, args: Any) -> JobView:
    told = json.loads(args) if isinstance(args, str) else args
    kind = _REGISTER.of.get(told["code"])
    error = told.get("error") or ("", "")
    return JobView(
        id=job_id,
        kind=told["code"],
        words=kind.words if kind else Words(told["code"], told["code"]),
        state=state,
        state_words=STATES.get(state, Words(state, state)),
        who=told["name"],
        account_id=told["account_id"],
        asked_at=datetime.fromisoformat(told["asked_at"]),
        arguments=told["arguments"],
        error=Words(*error) if state == "failed" else Words("", ""),
    )


@app.task(name=_TASK, queue=_QUEUE, pass_context=True)
def _do(context: JobContext, /, **told: Any) -> None:
    """Do a job; its failure is kept in words, and said to the worker."""
    try:
        _done(told)
    except Exception as error:
        _said(context.job.id, words_of(error))
        log.exception("a job failed", extra={"kind": told["code"]})
        raise
    finally:
        connections.close_all()


def _done(told: Mapping[str, Any]) -> None:
    kind = _REGISTER.of[told["code"]]
    actor = actor_of(told, now=datetime.now(UTC))
    kind.work(actor=actor, **told["arguments"])


def actor_of(told: Mapping[str, Any], *, now: datetime) -> Actor:
    """Who a job is done for, if they still hold the role they asked in.

    Raises:
        Refused: ``not_your_role``.
    """
    if told["account_id"] == 0:
        return Actor.site(now=now, via="job")
    on = now.astimezone(SHANGHAI).date()
    with entered(Scope(account_id=told["account_id"])):
        person = people.known(account_id=told["account_id"], now=now)
        grants = person.grants if person is not None else ()
        held = next((one for one in grants if (one.role, one.place) == (told["role"], told["place"])), None)
        if person is None or held is None:
            raise Refused("not_your_role", act=told["code"])
        return people.actor_for(
            account_id=told["account_id"], name=person.name, held=held, now=now, on=on, via="job"
        )


def words_of(error: BaseException) -> Words:
    """A failure for people: never a value of a row."""
    if isinstance(error, Refused):
        return error.words
    if isinstance(error, DatabaseError):
        return Words(
            "数据库中断或拒绝，可以重试", "the database was interrupted or refused; it can be retried"
        )
    name = type(error).__name__
    return Words(f"程序出错（{name}），请联系管理员", f"the program failed ({name}); ask the administrator")


def _said(job_id: int | None, words: Words) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "update procrastinate_jobs set args = args || %s::jsonb where id = %s",
            [json.dumps({"error": [words.zh, words.en]}), job_id],
        )


@job("import", Words("导入文件", "import a file"))
def _import(*, actor: Actor, batch_id: str, seen_hash: str) -> None:
    """Import what was confirmed; where it fails, the import says so itself."""
    try:
        with entered(actor.scope):
            running.run(actor=actor, batch_id=batch_id, seen_hash=seen_hash)
    except Exception as error:
        if not (isinstance(error, Refused) and error.code == "already_decided"):
            words = words_of(error)
            with entered(actor.scope):
                told = {"zh": words.zh, "en": words.en, "code": getattr(error, "code", "")}
                told_outside(batch_of(batch_id), "failed", told, actor=actor)
        raise


def work_forever() -> None:
    """The worker: until it is told to stop; where the database goes away, it waits for it and goes on."""
    while True:
        try:
            with app.replace_connector(_door()):
                asyncio.run(_working())
        except (KeyboardInterrupt, SystemExit):
            raise
        except Exception:
            log.exception("the worker stopped")
            connections.close_all()
            time.sleep(_PAUSE_S)
        else:
            return


async def _working() -> None:
    async with app.open_async():
        watch = asyncio.create_task(_watching())
        try:
            await app.run_worker_async(name="bangfu", delete_jobs="never", listen_notify=True)
        finally:
            watch.cancel()


async def _watching() -> None:
    """Now and every minute: jobs of workers that were killed go back into the queue; once a day what a day asks for."""
    done_on: date | None = None
    while True:
        now = datetime.now(UTC)
        await asyncio.to_thread(swept, now - _UPLOADS_LIE)
        today = now.astimezone(SHANGHAI).date()
        if done_on != today and await asyncio.to_thread(_daily, now):
            done_on = today
        await _taken_up(_STALLED_S, now)
        await asyncio.sleep(_STALLED_S)


def _daily(now: datetime) -> bool:
    """Once a day; whether all went well: else in a minute again."""
    return sweep_papers(now) and match_returns(now)


def match_returns(now: datetime) -> bool:
    """Match what lenders passed on, by their ledgers, to what was paid to them; whether it went well."""
    actor = Actor.site(now=now, via="job")
    try:
        with entered(actor.scope):
            found = payments.match_returns(actor=actor)
    except Exception:
        log.exception("what lenders passed on was not matched")
        return False
    finally:
        connections.close_all()
    if found:
        log.info("payments are proved by what lenders passed on", extra={"count": found})
    return True


def sweep_papers(now: datetime) -> bool:
    """Take away what undone transactions left on the disk; whether it went well: else in a minute again."""
    try:
        gone = documents.swept(now=now)
    except Exception:
        log.exception("the papers were not swept")
        return False
    finally:
        connections.close_all()
    if gone:
        log.info("papers without a row were taken away", extra={"count": gone})
    return True


def work_once() -> None:
    """Do what is enqueued, and return. In a thread of its own: the caller may be inside a loop of events already."""
    with app.replace_connector(_door()), ThreadPoolExecutor(1) as apart:
        apart.submit(
            app.run_worker,
            wait=False,
            delete_jobs="never",
            listen_notify=False,
            install_signal_handlers=False,
        ).result()


def _door() -> Any:
    """The worker's own connections, as the role ``app``."""
    return DjangoConnector(alias="default").get_worker_connector()


def take_up(*, seconds: float = _STALLED_S) -> int:
    """Jobs whose worker gave no sign for so long: back into the queue. How many.

    In a thread of its own, as `work_once`: the caller may be inside a loop of events already.
    """

    async def again() -> int:
        async with app.open_async():
            return await _taken_up(seconds, datetime.now(UTC))

    with app.replace_connector(_door()), ThreadPoolExecutor(1) as apart:
        return apart.submit(lambda: asyncio.run(again())).result()


async def _taken_up(seconds: float, now: datetime) -> int:
    stalled = list(await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=seconds))
    for one in stalled:
        await app.job_manager.retry_job(one, retry_at=now)
    await app.job_manager.prune_stalled_workers(seconds)
    return len(stalled)
