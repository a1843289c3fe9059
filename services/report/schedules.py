"""What the report service does at intervals."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from chassis.loops import Loop
from chassis.schedules import Schedule
from services.report.metrics import ROWS
from services.report.usecases.analysis.train import score_here, train_due
from services.report.usecases.rebuild import rebuild_when_wanted
from services.report.usecases.sending import forget_files, start_due

if TYPE_CHECKING:
    from chassis.service import Service


def ask_when_wanted(service: Service) -> bool:
    """Ask for a rebuild of this node's read model when it wants one."""
    rebuild_when_wanted(service)
    return False


def count_rows(service: Service) -> bool:
    """Measure how many records this node's read model has."""
    for name, rows in service.parts["read_model"].counts().items():
        ROWS.labels(name).set(rows)
    return False


def score_where_missing(service: Service) -> bool:
    """Have the scores written that this node's read model lacks."""
    score_here(service)
    return False


# What looks after the read model runs on every node; a schedule would run on one of them.
LOOPS = (
    Loop("report.rebuild_when_wanted", ask_when_wanted, every=20.0),
    Loop("report.count_rows", count_rows, every=60.0),
    Loop("report.score_where_missing", score_where_missing, every=30.0),
)
SCHEDULES = (
    Schedule("report.send_boards", timedelta(seconds=20), start_due),
    Schedule("report.train_analyses", timedelta(seconds=30), train_due),
    Schedule("report.forget_files", timedelta(hours=6), forget_files),
)
