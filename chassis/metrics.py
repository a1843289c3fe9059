"""Prometheus metrics that every process has; services add their own business counters beside these.

A web role of several processes shares them through prometheus_client's multiprocess folder.
"""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

_FAST = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.04, 0.08, 0.15, 0.3, 0.6, 1.2, 2.5, 5, 10)

REQUESTS = Counter("freehold_http_requests_total", "Requests answered", ["service", "method", "route", "status"])
REQUEST_SECONDS = Histogram(
    "freehold_http_request_seconds", "Time to answer", ["service", "method", "route"], buckets=_FAST)
POOL_IN_USE = Gauge(
    "freehold_database_pool_in_use", "Database connections in use", ["service"], multiprocess_mode="livesum")
POOL_SIZE = Gauge(
    "freehold_database_pool_size", "Database connections the pool may hold", ["service"], multiprocess_mode="livesum")
OUTBOX_DEPTH = Gauge(
    "freehold_outbox_depth", "Committed events not yet at the broker", ["service"], multiprocess_mode="max")
OUTBOX_LAG = Gauge(
    "freehold_outbox_lag_seconds", "Age of the oldest event not yet at the broker", ["service"],
    multiprocess_mode="max")
EVENTS_PUBLISHED = Counter(
    "freehold_events_published_total", "Events confirmed by the broker", ["service", "type"])
EVENTS_HANDLED = Counter("freehold_events_handled_total", "Events whose effect is committed", ["queue"])
CONSUMER_LAG = Gauge(
    "freehold_consumer_lag_seconds", "Age of the last event handled, when it was handled", ["queue"],
    multiprocess_mode="max")
HANDLER_SECONDS = Histogram(
    "freehold_handler_seconds", "Time to handle a batch of events", ["queue"], buckets=_FAST)
RETRIES = Counter("freehold_event_retries_total", "Events put back for a later try", ["queue"])
DEAD_LETTERS = Counter("freehold_dead_letters_total", "Events given up", ["queue"])
DEAD_LETTERS_WAITING = Gauge(
    "freehold_dead_letters_waiting", "Dead letters that wait for a decision", ["service"], multiprocess_mode="max")
JOBS = Counter("freehold_jobs_total", "Long jobs ended", ["service", "kind", "state"])
SCHEDULE_RUNS = Counter("freehold_schedule_runs_total", "Runs of schedules", ["service", "name", "outcome"])
CALLS = Histogram(
    "freehold_call_seconds", "Calls to other services", ["service", "target", "status"], buckets=_FAST)
