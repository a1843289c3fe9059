"""Rows a second that an import takes in through the product: upload, dry run, import, with timeline and events."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from bench.furnish import Furnished
from bench.report_page import Line
from freehold.demo.messy import make_sheet, write_sheet
from tests.support.main_job import ENDED, run_step, upload


def import_rate(house: Furnished, rows: int) -> list[Line]:
    """Time each step of one messy sheet."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "leads.xlsx"
        write_sheet(make_sheet(rows=rows, wrong=rows // 12, seed=3), file)
        marks = [time.perf_counter()]
        made = upload(house.admin, file)
        marks.append(time.perf_counter())
        run_step(house.admin, made["id"], "check", ("checked", *ENDED))
        marks.append(time.perf_counter())
        run_step(house.admin, made["id"], "start", ENDED)
        marks.append(time.perf_counter())
    names = ("upload and reading", "dry run", "import with timeline and events")
    return [Line(f"import of {rows:,} rows: {name}", f"{rows / (end - began):,.0f} rows/s",
                 budget="≥ 5,000 rows/s" if name.startswith("import") else "")
            for name, began, end in zip(names, marks, marks[1:], strict=False)]
