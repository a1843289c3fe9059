"""What the service does at intervals."""

from __future__ import annotations

from datetime import timedelta

from chassis.schedules import Schedule
from services.customer.usecases.settle_schema import settle

SCHEDULES = (
    Schedule("customer.settle_schema", timedelta(seconds=30), settle),
)
