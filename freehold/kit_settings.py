"""The settings of the program as the deployment kit names them: one table for the chart, Ansible and the reference.

In a values file `settings.all.<name>` holds for every service and `settings.<service>.<name>` for one; both have the
names and types of the tables in `chassis.settings` and `services/*/settings.py`. Secrets are never values: they are
named in `secretSettings.<service>.<name>`. What the kit decides itself (addresses, folders, modes) is in neither.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chassis.settings import CHASSIS_SETTINGS, Setting
from freehold.services import PACKAGES, spec_of

DECIDED = frozenset({
    "mode", "node", "home", "keys_dir", "listen", "admin_listen", "public_url", "database_url", "broker_url",
    "console_dir", "report_font", "forwarded_hops", "read_model_file", "read_model_nodes", "web_server",
    *(f"{service}_url" for service in PACKAGES)})
JSON_TYPES = {str: "string", int: "integer", float: "number", bool: "boolean"}
ANSIBLE_TYPES = {str: "str", int: "int", float: "float", bool: "bool"}


def groups() -> dict[str, tuple[Setting, ...]]:
    """Settings that a values file may hold, by group: `all`, then each service with the common ones and its own."""
    common = _settable(CHASSIS_SETTINGS)
    return {"all": common} | {name: common + _settable(spec_of(name).settings) for name in PACKAGES}


def secrets() -> dict[str, tuple[Setting, ...]]:
    """Settings that come in as files, by service; databases and brokers have places of their own."""
    return {name: found for name in PACKAGES if (found := tuple(
        setting for setting in spec_of(name).settings if setting.secret))}


def json_schema() -> dict[str, Any]:
    """The parts of the chart's values schema that are made from the tables, as `$defs`."""
    return {
        "settings": _object({group: _object({one.name: _value(one) for one in table})
                             for group, table in groups().items()}),
        "secretSettings": _object({service: _object({one.name: {"$ref": "#/$defs/secretRef", "description": one.help}
                                                     for one in table}) for service, table in secrets().items()})}


def argument_options() -> dict[str, Any]:
    """The same as options of an Ansible role's argument specification."""
    return {
        "freehold_settings": _options("Settings of the program, by group", {
            group: _options(_title(group), {one.name: {"type": ANSIBLE_TYPES[one.type], "description": one.help}
                                            for one in table}) for group, table in groups().items()}),
        "freehold_secret_settings": _options("Secret settings of the program, by service", {
            service: _options(_title(service), {one.name: {"type": "str", "description": one.help}
                                                for one in table}) for service, table in secrets().items()})}


def default_text(setting: Setting) -> str:
    """The default as a page shows it."""
    return "" if setting.default in ("", None) or callable(setting.default) else f"`{setting.default}`"


def own_settings(group: str) -> tuple[Setting, ...]:
    """The settings of a group that no other group has."""
    return groups()[group] if group == "all" else _settable(spec_of(group).settings)


def _settable(table: tuple[Setting, ...]) -> tuple[Setting, ...]:
    return tuple(one for one in table if one.name not in DECIDED and not one.secret)


def _object(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "properties": dict(properties)}


def _value(setting: Setting) -> dict[str, Any]:
    return {"type": JSON_TYPES[setting.type], "description": setting.help}


def _options(description: str, options: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "dict", "description": description, "options": dict(options)}


def _title(group: str) -> str:
    return "For every service" if group == "all" else f"For the {group} service"
