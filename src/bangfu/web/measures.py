"""What Prometheus is told.

With several gunicorn workers set ``PROMETHEUS_MULTIPROC_DIR`` to an empty folder before the start: each worker then
counts in a file of its own and ``/metrics`` adds them up. Without it a page shows the one worker that answers.
"""

from __future__ import annotations

import os

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

_SEVERAL = "PROMETHEUS_MULTIPROC_DIR"
_LABELS = ("view", "method", "status")
_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 10)

REQUESTS = Counter("bangfu_requests", "Requests answered", _LABELS)
SECONDS = Histogram("bangfu_request_seconds", "Time to answer", _LABELS, buckets=_SECONDS)


def observed(*, view: str, method: str, status: int, seconds: float) -> None:
    """Count and time one request; statuses by their class (``2xx``)."""
    labels = (view, method, f"{status // 100}xx")
    REQUESTS.labels(*labels).inc()
    SECONDS.labels(*labels).observe(seconds)


def exposition() -> bytes:
    """All measures in Prometheus' text form."""
    if os.environ.get(_SEVERAL):
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)
    return generate_latest()
