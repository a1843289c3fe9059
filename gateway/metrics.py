"""The gateway's own counters."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

SIGN_INS = Counter("freehold_sign_ins_total", "Attempts to sign in", ["outcome"])
LOCK_OUTS = Counter("freehold_lock_outs_total", "Attempts refused because of earlier failures")
TOKEN_REUSE = Counter("freehold_refresh_token_reuse_total", "Sessions ended because a used refresh token came again")
SESSIONS = Gauge("freehold_sessions_active", "Sessions that may still be renewed", multiprocess_mode="max")
UPSTREAM_FAILURES = Counter(
    "freehold_upstream_failures_total", "Requests that a service did not answer", ["service", "reason"])
RATE_LIMITED = Counter("freehold_rate_limited_total", "Requests refused by a rate limit", ["limit"])
