"""Business counters of the report service."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

_SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)

ROWS = Gauge("freehold_read_model_rows", "Records in the read model", ["object"], multiprocess_mode="max")
LAG = Gauge("freehold_read_model_lag_seconds", "Age of the last event taken in, when it was", multiprocess_mode="max")
CHANGES = Counter("freehold_read_model_changes_total", "Changes of records taken in", ["object"])
QUERY_SECONDS = Histogram("freehold_report_query_seconds", "Time of one question", ["kind"], buckets=_SECONDS)
BOARDS_SENT = Counter("freehold_boards_sent_total", "Boards made for a recipient of a schedule", ["outcome"])
REBUILDS = Counter("freehold_read_model_rebuilds_total", "Rebuilds of the read model ended", ["outcome"])
TRAININGS = Counter("freehold_analysis_trainings_total", "Trainings of analyses ended", ["kind", "outcome"])
TRAINING_SECONDS = Histogram("freehold_analysis_training_seconds", "Time of one training", ["kind"],
                             buckets=(0.1, 0.5, 1, 2, 5, 10, 30, 60, 120, 300))
TRAINED_AT = Gauge("freehold_analysis_trained_timestamp_seconds", "When an analysis of the kind was trained last",
                   ["kind"], multiprocess_mode="max")
