"""Whether the site is well, and what Prometheus reads: no personal data in either."""

from __future__ import annotations

import shutil
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from bangfu.web.marks import on_its_own
from bangfu.web.measures import exposition
from bangfu.web.sources import site

_LOCAL = frozenset({"127.0.0.1", "::1"})
_BEATS = timedelta(seconds=90)  # a worker gives a sign every ten seconds
_ANCHOR_DAYS = 1
_LEAST_FREE_MB = 1024
_DOWN = 503


@require_safe
@on_its_own
def healthz(request: HttpRequest) -> JsonResponse:  # noqa: ARG001
    """``ok``; ``warn`` where somebody should look (still 200); ``down`` where pages cannot be given (503)."""
    now = timezone.now()
    parts = {**_database(now), **_disk(), **_anchor(timezone.localdate(now))}
    states = {part["state"] for part in parts.values()}
    status = "down" if "down" in states else "warn" if "warn" in states else "ok"
    return JsonResponse({"status": status, **parts}, status=_DOWN if status == "down" else 200)


def _database(now: datetime) -> dict[str, dict[str, Any]]:
    """The database, its changes, the worker of the jobs."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("select app, name from django_migrations")
            waiting = len(_changes() - set(cursor.fetchall()))
            cursor.execute("select max(last_heartbeat) from procrastinate_workers")
            (beat,) = cursor.fetchone() or (None,)
            cursor.execute("select count(*) from procrastinate_jobs where status = 'failed'")
            (failed,) = cursor.fetchone() or (0,)
    except DatabaseError:
        connection.close()
        return {"database": {"state": "down"}}
    seen = beat is not None and now - beat < _BEATS
    return {
        "database": {"state": "ok"},
        "changes": {"state": "down" if waiting else "ok", "waiting": waiting},
        "worker": {
            "state": "ok" if seen else "warn",
            "seen_seconds_ago": None if beat is None else max(int((now - beat).total_seconds()), 0),
        },
        "jobs": {"state": "warn" if failed else "ok", "failed": failed},
    }


@cache
def _changes() -> frozenset[tuple[str, str]]:
    """The changes of the database this program brings."""
    loader = MigrationLoader(None)
    return frozenset((one.app_label, one.name) for one in loader.graph.nodes.values())


def _disk() -> dict[str, dict[str, Any]]:
    free = shutil.disk_usage(site().home).free // 2**20
    return {"disk": {"state": "ok" if free >= _LEAST_FREE_MB else "warn", "free_mb": free}}


def _anchor(today: date) -> dict[str, dict[str, Any]]:
    """How old the last anchor of the trail is."""
    days = [day for path in site().anchors.glob("*.json") if (day := _day(path.stem)) is not None]
    if not days:
        return {"anchor": {"state": "warn", "days_ago": None}}
    age = (today - max(days)).days
    return {"anchor": {"state": "ok" if age <= _ANCHOR_DAYS else "warn", "days_ago": age}}


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(name)
    except ValueError:
        return None


@require_safe
@on_its_own
def metrics(request: HttpRequest) -> HttpResponse:
    """The measures, for this machine alone: not through a proxy, whose requests all come from it.

    Raises:
        Http404: Asked from elsewhere.
    """
    if request.META.get("REMOTE_ADDR") not in _LOCAL or "X-Forwarded-For" in request.headers:
        raise Http404
    return HttpResponse(exposition(), content_type=CONTENT_TYPE_LATEST)
