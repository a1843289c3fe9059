"""The REST surface: one module with a blueprint per noun."""

from services.report.api.analyses import analyses
from services.report.api.dashboards import dashboards
from services.report.api.operations import operations
from services.report.api.questions import questions
from services.report.api.schedules import board_files, schedules

BLUEPRINTS = (questions, dashboards, schedules, board_files, analyses, operations)

__all__ = ["BLUEPRINTS"]
