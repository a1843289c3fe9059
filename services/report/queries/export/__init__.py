"""Answers as files: a board as a workbook, a widget as a workbook or CSV."""

from services.report.queries.export.tables import Table, table_of
from services.report.queries.export.writers import Cover, write_csv, write_xlsx

__all__ = ["Cover", "Table", "table_of", "write_csv", "write_xlsx"]
