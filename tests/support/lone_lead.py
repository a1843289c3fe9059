"""The lead of the CRM pack by itself, for a customer service that has no other objects."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_LEAD = Path(__file__).resolve().parents[2] / "packs/crm/objects/lead.json"


def lone_lead() -> dict[str, Any]:
    """Its definition without its group, its links to objects that are not here, and what is counted over those."""
    definition = json.loads(_LEAD.read_text(encoding="utf-8"))
    gone = {one["name"] for one in definition["fields"] if one["type"] in ("reference", "rollup")}
    definition["fields"] = [one for one in definition["fields"] if one["name"] not in gone and not _uses(one, gone)]
    return {name: value for name, value in definition.items() if name not in ("conversion", "form_sections", "group")}


def _uses(field: dict[str, Any], names: set[str]) -> bool:
    return field["type"] == "formula" and any(name in field["options"]["expression"] for name in names)
