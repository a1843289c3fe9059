"""What stands on boards may travel in packs."""

from __future__ import annotations

import json
from pathlib import Path

from services.report.api.schemas import BUCKETS, COMPARISONS, KINDS, OPS

SCHEMA = json.loads((Path(__file__).parents[3] / "contracts" / "pack" / "dashboard.json").read_text())["$defs"]


def test_the_schema_of_packs_knows_every_widget_and_measure_of_the_reports() -> None:
    assert set(SCHEMA["widget"]["properties"]["kind"]["enum"]) == set(KINDS)
    assert set(SCHEMA["measure"]["properties"]["op"]["enum"]) == set(OPS)
    assert set(SCHEMA["measure"]["properties"]["compare"]["enum"]) == set(COMPARISONS)
    assert set(SCHEMA["dimension"]["properties"]["bucket"]["enum"]) == set(BUCKETS)
