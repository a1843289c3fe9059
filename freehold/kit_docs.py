"""What of the deployment kit is made from the program's own tables, so that names cannot drift apart.

The settings in the chart's values schema, the argument specification of the Ansible role, the reference pages of both,
and the chart's copies of rules and dashboards, since a chart can read only what is in its own folder. `freehold docs
kit` writes them; a test fails when a file is not what these functions give.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from freehold.kit_settings import argument_options, default_text, groups, json_schema, own_settings, secrets

REPOSITORY = Path(__file__).resolve().parents[1]
MONITORING = REPOSITORY / "deploy" / "monitoring"
CHART = REPOSITORY / "helm" / "freehold"
SCHEMA = CHART / "values.schema.json"
ROLE = REPOSITORY / "deploy" / "ansible" / "roles" / "freehold"
REFERENCE = REPOSITORY / "docs" / "reference"
HEAD = {"chart": """\
# Values of the Helm chart

Everything that a values file of `helm/freehold` may hold. Unknown names are refused. This page is made by `make docs`
from the chart's schema and its default values.

| value | type | default | meaning |
|---|---|---|---|""", "settings": """\
# Settings in the deployment kit

The chart and Ansible name the program's settings alike: `settings.<group>.<name>` in the chart's values,
`freehold_settings.<group>.<name>` in an inventory. The group `all` holds for every service; every other group may have
the names of `all` too, for that service alone. Unknown names and wrong types are refused before anything changes.
Addresses, folders and modes are decided by the kit. This page is made by `make docs` from the program's own tables.

```yaml
settings:            # freehold_settings: in an inventory
  all: {log_level: WARNING, default_locale: en}
  gateway: {session_idle_minutes: 60}
  customer: {file_quota_mb: 20480, web_workers: 4}
```""", "secrets": """
## Secret settings

In the chart `secretSettings.<service>.<name>` names a Secret and a key in it; in an inventory
`freehold_secret_settings.<service>.<name>` is a value that belongs into a vault.

| service | name | meaning |
|---|---|---|"""}


def files() -> dict[Path, str]:
    """What every generated file should hold."""
    made = {SCHEMA: render_schema(), REFERENCE / "chart.md": render_chart(),
            REFERENCE / "kit-settings.md": render_names()}
    if ROLE.is_dir():
        made[ROLE / "meta" / "argument_specs.yml"] = render_arguments()
    return made | {CHART / "monitoring" / path.relative_to(MONITORING): path.read_text(encoding="utf-8")
                   for path in (*MONITORING.glob("rules/*.yml"), *MONITORING.glob("dashboards/*.json"))}


def render_schema() -> str:
    """The chart's schema, with the settings of today in it."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    schema["$defs"] |= json_schema()
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


def render_arguments() -> str:
    """The argument specification of the Ansible role: what is written by hand, and the settings."""
    base = yaml.safe_load((ROLE / "meta" / "arguments.yml").read_text(encoding="utf-8"))
    base["argument_specs"]["main"]["options"] |= argument_options()
    return "# Made by `make docs` from arguments.yml and the program's settings.\n" + yaml.safe_dump(
        base, allow_unicode=True, sort_keys=False, width=110)


def render_names() -> str:
    """The page of settings as chart and Ansible name them."""
    lines = [HEAD["settings"]]
    for group in groups():
        lines += ["", f"## {group}", "", "| name | type | default | meaning |", "|---|---|---|---|"]
        lines += [f"| `{one.name}` | {one.type.__name__} | {default_text(one)} | {_cell(one.help)} |"
                  for one in own_settings(group)]
    lines += [HEAD["secrets"]]
    lines += [f"| {service} | `{one.name}` | {_cell(one.help)} |"
              for service, table in secrets().items() for one in table]
    return "\n".join(lines) + "\n"


def render_chart() -> str:
    """The page of all values of the chart, but for the program's settings, which have a page of their own."""
    schema = json.loads(render_schema())
    defaults = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
    rows = [f"| `{path}` | {kind} | {_shown(value)} | {_cell(text)} |"
            for path, kind, value, text in _leaves(schema, schema, defaults, "")]
    return "\n".join([HEAD["chart"], *rows]) + "\n"


def _leaves(schema: Mapping[str, Any], node: Mapping[str, Any], value: Any,
            path: str) -> Iterator[tuple[str, str, Any, str]]:
    for name, inner in node["properties"].items():
        below = f"{path}.{name}" if path else name
        found = value.get(name) if isinstance(value, dict) else None
        target = _resolved(schema, inner)
        if below in ("settings", "secretSettings"):
            yield below, "object", found, f"{inner['description']}: see [kit-settings.md](kit-settings.md)"
        elif below != "global" and target.get("properties"):
            yield from _leaves(schema, target, found, below)
        elif below != "global":
            yield below, _kind(target), found, inner.get("description", "")


def _resolved(schema: Mapping[str, Any], node: Mapping[str, Any]) -> Mapping[str, Any]:
    return schema["$defs"][node["$ref"].rpartition("/")[2]] if "$ref" in node else node


def _kind(node: Mapping[str, Any]) -> str:
    kind = node.get("type", "")
    return kind if isinstance(kind, str) else " or ".join(kind)


def _shown(value: Any) -> str:
    return "" if value in ("", None) else f"`{json.dumps(value, ensure_ascii=False)}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
