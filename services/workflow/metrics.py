"""Business counters of the workflow service."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

RUNS = Counter("freehold_rule_runs_total", "Runs of rules that came to an end", ["outcome"])
TASKS_CREATED = Counter("freehold_tasks_created_total", "Tasks created", ["by"])
TASKS_CLOSED = Counter("freehold_tasks_closed_total", "Tasks completed or cancelled", ["state"])
INSTANCES = Counter("freehold_process_instances_total", "Instances of processes started or ended", ["event"])
INSTANCES_MOVED = Counter(
    "freehold_process_instances_moved_total", "Instances that a move to another version came to", ["outcome"])
DRY_RUNS = Counter("freehold_dry_runs_total", "Dry runs of rules that came to an end", ["outcome"])
DRY_RUN_CHANGES = Counter("freehold_dry_run_changes_total", "Changes that dry runs looked at")
INTENTS_WAITING = Gauge(
    "freehold_intents_waiting", "Record changes that rules ordered and that are not done yet",
    multiprocess_mode="max")
INTENT_LAG = Gauge(
    "freehold_intent_lag_seconds", "Age of the oldest record change that is not done yet", multiprocess_mode="max")
