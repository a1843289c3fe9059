"""The service's own settings."""

from __future__ import annotations

from chassis.settings import Setting

SETTINGS = (
    Setting("storm_runs", int, 30,
            "how often one rule may run on one record within a minute before it is stopped there"),
    Setting("intent_give_up_hours", float, 24.0,
            "how long changes that rules ordered are tried again while the customer service does not answer"),
    Setting("dry_run_days", int, 30, "how many days back a rule may be tried out"),
    Setting("dry_run_max_changes", int, 200_000, "how many changes one dry run looks at before it stops"),
    Setting("dry_run_seconds", int, 300, "how long one dry run works before it stops"),
    Setting("dry_run_keep_days", int, 7, "how long results of dry runs are kept"),
    Setting("run_retention_days", int, 365, "how long runs of rules are kept"),
)
