"""Whether the process is up, and what Prometheus reads."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from bangfu.web.marks import on_its_own
from bangfu.web.measures import exposition

_LOCAL = frozenset({"127.0.0.1", "::1"})


@require_safe
@on_its_own
def healthz(request: HttpRequest) -> JsonResponse:  # noqa: ARG001
    """The process answers."""
    return JsonResponse({"status": "ok"})


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
