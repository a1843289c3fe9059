"""Export of a list as CSV or XLSX, of any size in bounded memory."""

from services.customer.queries.export.rows import ExportRequest, Sheet, prepare_export
from services.customer.queries.export.writers import FORMATS

__all__ = ["FORMATS", "ExportRequest", "Sheet", "prepare_export"]
