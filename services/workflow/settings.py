"""The service's own settings."""

from __future__ import annotations

from chassis.settings import Setting

SETTINGS = (
    Setting("storm_runs", int, 30,
            "how often one rule may run on one record within a minute before it is stopped there"),
    Setting("intent_give_up_hours", float, 24.0,
            "how long changes that rules ordered are tried again while the customer service does not answer"),
    Setting("run_retention_days", int, 365, "how long runs of rules are kept"),
)
