"""The REST surface: one module with a blueprint per noun."""

from services.report.api.dashboards import dashboards
from services.report.api.operations import operations
from services.report.api.questions import questions

BLUEPRINTS = (questions, dashboards, operations)

__all__ = ["BLUEPRINTS"]
