"""`freehold docs`: the reference pages that are made from the program's own tables.

Settings come from the settings tables of chassis and services, events from what the services say they publish and
listen to, and from the schemas in contracts/events, formulas from the table of functions, BPMN from the engine's
vocabulary. Tests fail when a page is not what these functions give.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from chassis.formulas.reference import render_formulas
from chassis.service import ServiceSpec
from chassis.settings import CHASSIS_SETTINGS, Setting
from freehold.services import PACKAGES, spec_of
from services.workflow.model.processes.vocabulary import render_vocabulary

REPOSITORY = Path(__file__).resolve().parents[1]
REFERENCE = REPOSITORY / "docs" / "reference"
CONTRACTS = REPOSITORY / "contracts" / "events"


@click.group()
def docs() -> None:
    """Write the generated reference pages anew."""


@docs.command()
def settings() -> None:
    """Write docs/reference/settings.md."""
    (REFERENCE / "settings.md").write_text(render_settings(), encoding="utf-8")


@docs.command()
def events() -> None:
    """Write docs/reference/events.md."""
    (REFERENCE / "events.md").write_text(render_events(), encoding="utf-8")


@docs.command()
def formulas() -> None:
    """Write docs/reference/formulas.md."""
    (REFERENCE / "formulas.md").write_text(render_formulas(), encoding="utf-8")


@docs.command()
def bpmn() -> None:
    """Write docs/reference/bpmn.md."""
    (REFERENCE / "bpmn.md").write_text(render_vocabulary(), encoding="utf-8")


@docs.command()
def kit() -> None:
    """Write what the deployment kit takes from the settings tables: schema, arguments, reference pages."""
    from freehold.kit_docs import files

    for path, text in files().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def render_settings() -> str:
    """The page of all settings."""
    lines = [
        "# Settings",
        "",
        "Freehold reads its settings from the environment when a process starts. `FREEHOLD_<SERVICE>_<NAME>` is for",
        "one service and beats `FREEHOLD_<NAME>`, which is for all. With `_FILE` appended a variable names a file",
        "that holds the value: that is how passwords come in. This page is made by `make docs`.",
    ]
    lines += ["", "## Every service", "", *_table("FREEHOLD", CHASSIS_SETTINGS)]
    for spec in _specs():
        if spec.settings:
            lines += ["", f"## {spec.name}", "", *_table(f"FREEHOLD_{spec.name.upper()}", spec.settings)]
    return "\n".join(lines) + "\n"


def render_events() -> str:
    """The page of all events."""
    lines = [
        "# Events",
        "",
        "Services tell each other what has happened as CloudEvents 1.0. The schemas in `contracts/events/` bind",
        "whoever publishes and whoever listens; `envelope.json` describes what surrounds the data. This page is made",
        "by `make docs`.",
        "",
        "| event | what | from | heard by |",
        "|---|---|---|---|",
    ]
    lines += [f"| {_link(type)} | {title} | {source} | {listeners} |" for type, title, source, listeners in _events()]
    for type, *_ in _events():
        lines += ["", f"## {type}", "", *_describe(_schema(type))]
    return "\n".join(lines) + "\n"


def _specs() -> list[ServiceSpec]:
    return [spec_of(name) for name in PACKAGES]


def _table(prefix: str, table: tuple[Setting, ...]) -> Iterator[str]:
    yield "| variable | type | default | meaning |"
    yield "|---|---|---|---|"
    for setting in table:
        secret = " *Secret.*" if setting.secret else ""
        variable = f"`{prefix}_{setting.name.upper()}`"
        meaning = setting.help.replace("|", "\\|")
        yield f"| {variable} | {setting.type.__name__} | {_default(setting)} | {meaning}{secret} |"


def _default(setting: Setting) -> str:
    value = setting.default
    if callable(value):
        value = value({"home": "<home>", "service": "<service>"})
    return "" if value in ("", None) else f"`{value}`"


def _events() -> Iterator[tuple[str, str, str, str]]:
    """(type, title, publisher, listeners) of every event."""
    specs = _specs()
    for spec in specs:
        for type in spec.publishes:
            yield type, _schema(type)["title"], spec.name, ", ".join(_listeners(specs, type)) or "nobody yet"


def _listeners(specs: list[ServiceSpec], type: str) -> list[str]:
    if type.startswith("freehold.gateway."):  # the chassis listens for every service
        return ["every service"]
    return [spec.name for spec in specs if any(type in subscription.types for subscription in spec.subscriptions)]


def _schema(type: str) -> dict[str, Any]:
    return json.loads((CONTRACTS / f"{type}.json").read_text(encoding="utf-8"))


def _link(type: str) -> str:
    return f"[`{type}`](#{type.replace('.', '')})"


def _describe(schema: dict[str, Any]) -> Iterator[str]:
    yield schema["description"]
    yield ""
    yield "| member | type | meaning |"
    yield "|---|---|---|"
    yield from _rows(schema["properties"]["data"], "")


def _rows(schema: dict[str, Any], path: str) -> Iterator[str]:
    for name, member in schema.get("properties", {}).items():
        where = f"{path}{name}"
        meaning = member.get("description", "").replace("|", "\\|")
        yield f"| `{where}` | {_type(member)} | {meaning} |"
        inner = member.get("items", member)
        yield from _rows(inner, f"{where}[]." if "items" in member else f"{where}.")


def _type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return schema["$ref"].rpartition("/")[2].replace("_", " ")
    if "enum" in schema:
        return " \\| ".join(f"`{value}`" for value in schema["enum"])
    if "const" in schema:
        return f"`{json.dumps(schema['const'])}`"
    if "items" in schema:
        return f"list of {_type(schema['items'])}"
    kind = schema.get("type", "any")
    return " or ".join(kind) if isinstance(kind, list) else kind
