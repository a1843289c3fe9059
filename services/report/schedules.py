"""What the report service does at intervals."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from chassis.schedules import Schedule
from services.report.metrics import ROWS
from services.report.usecases.analysis.train import train_due
from services.report.usecases.rebuild import rebuild_when_wanted
from services.report.usecases.sending import forget_files, start_due

if TYPE_CHECKING:
    from chassis.service import Service


def count_rows(service: Service) -> None:
    """Measure how many records the read model has."""
    for name, rows in service.parts["read_model"].counts().items():
        ROWS.labels(name).set(rows)


SCHEDULES = (
    Schedule("report.rebuild_when_wanted", timedelta(seconds=20), rebuild_when_wanted),
    Schedule("report.count_rows", timedelta(seconds=60), count_rows),
    Schedule("report.send_boards", timedelta(seconds=20), start_due),
    Schedule("report.train_analyses", timedelta(seconds=30), train_due),
    Schedule("report.forget_files", timedelta(hours=6), forget_files),
)
