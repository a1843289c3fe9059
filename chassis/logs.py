"""Logs: one JSON object a line on standard error, with the request id that runs from click to message.

Secrets do not get here: URLs are logged without query, bodies and headers never.
"""

from __future__ import annotations

import logging
import sys

from pythonjsonlogger.orjson import OrjsonFormatter

from chassis.context import known_cause


class CauseFilter(logging.Filter):
    """Adds the service and the present cause to each record."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def filter(self, record: logging.LogRecord) -> bool:
        cause = known_cause()
        record.service = self._service
        record.request_id = cause.request_id if cause else None
        record.causation_id = cause.causation_id if cause else None
        return True


def configure(service: str, level: str, form: str) -> None:
    """Send the logs of this process to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(CauseFilter(service))
    if form == "json":
        handler.setFormatter(OrjsonFormatter(
            "%(asctime)s %(levelname)s %(name)s %(message)s %(service)s %(request_id)s",
            rename_fields={"asctime": "at", "levelname": "level", "name": "logger"}))
    else:
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)-7s %(service)s %(message)s [%(request_id)s]"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in ("pika", "urllib3", "alembic", "opentelemetry"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
