"""The read model: one DuckDB file that this process owns."""

from services.report.store.read_model.catalog import ReadModel
from services.report.store.read_model.errors import ReadModelBusy, TooLarge, TooSlow
from services.report.store.read_model.rows import RecordRow

__all__ = ["ReadModel", "ReadModelBusy", "RecordRow", "TooLarge", "TooSlow"]
