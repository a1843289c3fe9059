"""What the report service publishes: nothing but what the audit log is to know."""

from __future__ import annotations

AUDIT_RECORDED = "freehold.report.audit.recorded.v1"  # by chassis.auditing
PUBLISHES: tuple[str, ...] = (AUDIT_RECORDED,)
