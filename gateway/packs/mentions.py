"""What items speak of: for each kind, every object and field that is mentioned, with the pointer of the mention."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from gateway.packs.approvals import parts_of
from gateway.packs.calculated import REFERENCES, mentioned

Mention = tuple[str, str, str | None]


def _object_mentions(body: dict[str, Any]) -> Iterator[Mention]:
    own = body["name"]
    yield "/title_field", own, body["title_field"]
    for place, field in enumerate(body["fields"]):
        if field["type"] in REFERENCES:
            yield f"/fields/{place}/options/object", field["options"]["object"], None
        for member, target, path in mentioned(field, own):
            yield f"/fields/{place}/options/{member}", target, path[0]
        for at, choice in enumerate(field.get("options", {}).get("choices", ())):
            yield from _stage_mentions(own, choice.get("stage", {}), f"/fields/{place}/options/choices/{at}/stage")
    for place, name in enumerate(body.get("list_fields", ())):
        yield f"/list_fields/{place}", own, name
    for member in ("form_sections", "duplicate_rules"):
        for outer, group in enumerate(body.get(member, ())):
            for place, name in enumerate(group["fields"]):
                yield f"/{member}/{outer}/fields/{place}", own, name
    yield from _conversion_mentions(own, body.get("conversion") or {}, "/conversion")
    for place, one in enumerate(body.get("conversions", ())):
        yield from _conversion_mentions(own, one, f"/conversions/{place}")
        yield from _criteria_mentions(own, one.get("criteria"), f"/conversions/{place}/criteria")
    yield from _composition_mentions(own, body)
    yield from _consequence_mentions(own, body)


def _stage_mentions(own: str, stage: dict[str, Any], pointer: str) -> Iterator[Mention]:
    for member in ("enter", "exit"):
        yield from _criteria_mentions(own, stage.get(member), f"{pointer}/{member}")
    for place, name in enumerate(stage.get("required", ())):
        yield f"{pointer}/required/{place}", own, name


def _consequence_mentions(own: str, body: dict[str, Any]) -> Iterator[Mention]:
    targets = {field["name"]: field["options"]["object"] for field in body["fields"] if field["type"] == "reference"}
    for place, touch in enumerate(body.get("touches", ())):
        yield f"/touches/{place}/reference", own, touch["reference"]
        yield f"/touches/{place}/from", own, touch["from"]
        if touch["reference"] in targets:
            yield f"/touches/{place}/sets", targets[touch["reference"]], touch["sets"]
    planned = body.get("planned_task") or {}
    for name in ("due", "title"):
        if name in planned:
            yield f"/planned_task/{name}", own, planned[name]
    for place, name in enumerate(planned.get("about", ())):
        yield f"/planned_task/about/{place}", own, name


def _composition_mentions(own: str, body: dict[str, Any]) -> Iterator[Mention]:
    targets = {field["name"]: field["options"]["object"] for field in body["fields"] if field["type"] == "reference"}
    for member, name in (body.get("line_of") or {}).items():
        yield f"/line_of/{member}", own, name
    for place, limit in enumerate(body.get("limits", ())):
        yield f"/limits/{place}/field", own, limit["field"]
        yield f"/limits/{place}/at_most", own, limit["at_most"]
    lock = body.get("lock") or {}
    yield from _criteria_mentions(own, lock.get("criteria"), "/lock/criteria")
    for place, name in enumerate(lock.get("open", ())):
        yield f"/lock/open/{place}", own, name
    for place, fill in enumerate(body.get("fills", ())):
        pointer = f"/fills/{place}"
        there = fill.get("object") or targets.get(fill["reference"])
        if "reference" in fill:
            yield f"{pointer}/reference", own, fill["reference"]
        for name, source in fill["set"].items():
            yield f"{pointer}/set/{name}", own, name
            yield from ((f"{pointer}/set/{name}", there, source) for _ in (there,) if there)
        for name, path in fill.get("match", {}).items():
            yield f"{pointer}/match/{name}", fill["object"], name
            yield f"{pointer}/match/{name}", own, path


def _conversion_mentions(own: str, conversion: dict[str, Any], at: str) -> Iterator[Mention]:
    for place, made in enumerate(conversion.get("creates", ())):
        pointer = f"{at}/creates/{place}"
        yield f"{pointer}/object", made["object"], None
        for target, source in made.get("fields", {}).items():
            yield f"{pointer}/fields/{target}", made["object"], target
            yield f"{pointer}/fields/{target}", own, source
        for member in ("references", "values"):
            for name in made.get(member, {}):
                yield f"{pointer}/{member}/{name}", made["object"], name
        if "source" in made:
            yield f"{pointer}/source", made["object"], made["source"]
        yield from _line_mentions(own, made.get("lines", ()), f"{pointer}/lines")
    for member in ("set", "references"):
        for name in conversion.get(member, {}):
            yield f"{at}/{member}/{name}", own, name


def _line_mentions(own: str, lines: Any, at: str) -> Iterator[Mention]:
    for place, line in enumerate(lines):
        pointer = f"{at}/{place}"
        yield f"{pointer}/object", line["object"], None
        yield f"{pointer}/from", line["from"], None
        for target, source in line["fields"].items():
            yield f"{pointer}/fields/{target}", line["object"], target
            yield f"{pointer}/fields/{target}", line["from"], source
        for member, outer, inner in (("split", "amount", "share"), ("days", "from", "add")):
            if member in line:
                yield f"{pointer}/{member}/into", line["object"], line[member]["into"]
                yield f"{pointer}/{member}/{inner}", line["from"], line[member][inner]
                yield f"{pointer}/{member}/{outer}", own, line[member][outer]


def _rule_mentions(body: dict[str, Any]) -> Iterator[Mention]:
    own = body["object"]
    yield "/object", own, None
    yield from _criteria_mentions(own, body.get("criteria"), "/criteria")
    for place, name in enumerate(body["trigger"].get("fields", ())):
        yield f"/trigger/fields/{place}", own, name
    yield from _action_mentions(own, body["actions"], "/actions")


def _action_mentions(own: str, actions: Any, pointer: str) -> Iterator[Mention]:
    for place, action in enumerate(actions or ()):
        about = action.get("object", own)  # of the record that is created
        for name, value in action.get("values", {}).items():
            yield f"{pointer}/{place}/values/{name}", about, name
            if about != own and isinstance(value, dict) and isinstance(value.get("from"), str):
                yield f"{pointer}/{place}/values/{name}/from", own, value["from"]


def _people_mentions(own: str, people: Any, pointer: str) -> Iterator[Mention]:
    for place, who in enumerate(people or ()):
        if "field" in who:
            yield f"{pointer}/{place}/field", own, who["field"]


def _process_mentions(body: dict[str, Any]) -> Iterator[Mention]:
    own = body["object"]
    yield "/object", own, None
    for pointer, part, value in parts_of(body):
        yield from _OF_PART[part](own, value, pointer)


def _criteria_mentions(own: str, criteria: Any, pointer: str) -> Iterator[Mention]:
    if not isinstance(criteria, dict):
        return
    if "field" in criteria:
        yield f"{pointer}/field", own, criteria["field"]
    if "related" in criteria:
        related, _, reference = criteria["related"].partition(".")
        yield f"{pointer}/related", related, reference
        yield from _criteria_mentions(related, criteria.get("where"), f"{pointer}/where")
    for member in ("all", "any"):
        for place, inner in enumerate(criteria.get(member, ())):
            yield from _criteria_mentions(own, inner, f"{pointer}/{member}/{place}")
    yield from _criteria_mentions(own, criteria.get("not"), f"{pointer}/not")


_OF_PART: dict[str, Callable[[str, Any, str], Iterator[Mention]]] = {
    "people": _people_mentions, "criteria": _criteria_mentions, "actions": _action_mentions}


def _role_mentions(body: dict[str, Any]) -> Iterator[Mention]:
    for name, policy in body["objects"].items():
        if name != "*":
            yield f"/objects/{name}", name, None
            for field in policy.get("fields", {}):
                yield f"/objects/{name}/fields/{field}", name, field


def _dashboard_mentions(body: dict[str, Any]) -> Iterator[Mention]:
    for place, widget in enumerate(body["widgets"]):
        pointer, query = f"/widgets/{place}/query", widget["query"]
        own = query["object"]
        yield f"{pointer}/object", own, query.get("field")
        for member in ("measures", "dimensions"):
            for inner, named in enumerate(query.get(member, ())):
                if "field" in named:
                    yield f"{pointer}/{member}/{inner}/field", own, named["field"]
        yield from _criteria_mentions(own, query.get("criteria"), f"{pointer}/criteria")


def _analysis_mentions(body: dict[str, Any]) -> Iterator[Mention]:
    mapping = body["mapping"]
    own = facts = mapping["object"]
    yield "/mapping/object", own, None
    if "orders" in mapping:
        facts = mapping["orders"]
        yield "/mapping/orders", facts, None
    for name in ("customer", "date", "amount", "stage", "basket", "item"):
        if mapping.get(name) is not None:
            yield f"/mapping/{name}", facts, mapping[name]
    yield from ((f"/mapping/fields/{place}", own, name) for place, name in enumerate(mapping.get("fields", ())))
    yield from _criteria_mentions(facts, mapping.get("criteria"), "/mapping/criteria")


def _layout_mentions(body: dict[str, Any]) -> Iterator[Mention]:
    own = body["object"]
    yield "/object", own, None
    yield from _criteria_mentions(own, body.get("criteria"), "/criteria")
    for outer, section in enumerate(body["sections"]):
        pointer = f"/sections/{outer}"
        yield from _condition_mentions(own, section, pointer)
        for place, placed in enumerate(section["fields"]):
            yield f"{pointer}/fields/{place}/field", own, placed["field"]
            yield from _condition_mentions(own, placed, f"{pointer}/fields/{place}")


def _condition_mentions(own: str, part: dict[str, Any], pointer: str) -> Iterator[Mention]:
    for name in ("visible_when", "required_when"):
        yield from _criteria_mentions(own, part.get(name), f"{pointer}/{name}")


def _view_mentions(body: dict[str, Any]) -> Iterator[Mention]:
    own = body["object"]
    yield "/object", own, None
    yield from _criteria_mentions(own, body.get("criteria"), "/criteria")
    for place, word in enumerate(body.get("sort", ())):
        yield f"/sort/{place}", own, word.removeprefix("-")
    for member in ("columns", "totals"):
        for place, line in enumerate(body.get(member, ())):
            yield f"/{member}/{place}/field", own, line["field"]
    for member in ("group_field", "sum_field", "date_field", "end_field", "color_field"):
        if member in body:
            yield f"/{member}", own, body[member]


def _criteria_of(body: dict[str, Any]) -> Iterator[Mention]:
    yield "/object", body["object"], None
    yield from _criteria_mentions(body["object"], body.get("criteria"), "/criteria")


def _pool_mentions(body: dict[str, Any]) -> Iterator[Mention]:
    own = body["object"]
    yield from _criteria_of(body)
    yield from ((f"/masked/{place}", own, name) for place, name in enumerate(body.get("masked", ())))
    for place, rule in enumerate(body.get("returns", ())):
        if rule.get("field"):
            yield f"/returns/{place}/field", own, rule["field"]
        yield from _criteria_mentions(own, rule.get("unless"), f"/returns/{place}/unless")


def _web_form_mentions(body: dict[str, Any]) -> Iterator[Mention]:
    own = body["object"]
    yield "/object", own, None
    for outer, section in enumerate(body["sections"]):
        for place, placed in enumerate(section["fields"]):
            yield f"/sections/{outer}/fields/{place}/field", own, placed["field"]
    yield from ((f"/values/{name}", own, name) for name in body.get("values", {}))
    yield from ((f"/tracking/{source}", own, name) for source, name in body.get("tracking", {}).items())


def _duplicate_mentions(body: dict[str, Any]) -> Iterator[Mention]:
    yield "/object", body["object"], None
    yield from ((f"/fields/{place}/field", body["object"], one["field"]) for place, one in enumerate(body["fields"]))


def _retention_mentions(body: dict[str, Any]) -> Iterator[Mention]:
    yield from _criteria_of(body)
    yield "/field", body["object"], body["field"]


def _object_only(body: dict[str, Any]) -> Iterator[Mention]:
    yield "/object", body["object"], None


def _no_mentions(_: dict[str, Any]) -> Iterator[Mention]:
    return iter(())


MENTIONS: dict[str, Callable[[dict[str, Any]], Iterator[Mention]]] = {
    "object": _object_mentions, "layout": _layout_mentions, "process": _process_mentions,
    "rule": _rule_mentions, "role": _role_mentions,
    "dashboard": _dashboard_mentions, "analysis": _analysis_mentions,
    "group": _no_mentions, "tag": _no_mentions, "template": _no_mentions,
    "mail_template": _object_only,
    "task_kind": _no_mentions, "pool": _pool_mentions,
    "view": _view_mentions, "segment": _criteria_of, "sharing_rule": _criteria_of, "web_form": _web_form_mentions,
    "duplicate_setup": _duplicate_mentions, "retention_rule": _retention_mentions}
