"""Admission: which loans and applications the policy admits, each judged on its own day."""

from __future__ import annotations

from bangfu.engine.admission.context import AdmissionContext, admission_context
from bangfu.engine.admission.judge import admission_findings, judged

__all__ = ["AdmissionContext", "admission_context", "admission_findings", "judged"]
