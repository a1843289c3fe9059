"""Boards as pictures and as documents: drawn on the server, without a browser."""

from services.report.queries.export.drawing.document import write_pdf
from services.report.queries.export.drawing.picture import write_png

__all__ = ["write_pdf", "write_png"]
