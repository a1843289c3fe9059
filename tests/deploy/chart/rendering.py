"""The chart rendered by Helm's own engine, for each set of values once."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import helm_python as helm
import yaml

HELM = Path(__file__).resolve().parents[3] / "helm"
CHART = HELM / "freehold"
NEEDED = {"publicUrl": "https://crm.example.com"}
SERVICES = ("gateway", "customer", "workflow", "notify", "report")
ALL_SETTINGS = {
    "all": {"log_level": "WARNING", "database_pool": 20, "call_timeout_seconds": 2.5, "retry_delays": "1,2"},
    "gateway": {"session_days": 1, "cors_origins": "https://a.example.com,https://b.example.com", "web_workers": 4},
    "customer": {"import_max_bytes": 52428800, "export_max_rows": 1000000, "file_store": "s3"},
    "workflow": {"intent_give_up_hours": 1.5}, "notify": {"smtp_port": 25}, "report": {"read_model_memory": "1GB"}}
SECRET_SETTINGS = {
    "customer": {"file_s3_access_key": {"existingSecret": "s3", "key": "access"},
                 "file_s3_secret_key": {"existingSecret": "s3", "key": "secret"}},
    "notify": {"smtp_password": {"existingSecret": "mail", "key": "password"}}}
SETS: dict[str, dict[str, Any]] = {
    "defaults": NEEDED,
    **{path.stem: yaml.safe_load(path.read_text(encoding="utf-8"))
       for path in sorted((HELM / "examples").glob("*.yaml"))},
    "own-names": NEEDED | {
        "secrets": {name: {"existingSecret": f"own-{name}"} for name in SERVICES},
        "persistence": {name: {"existingClaim": f"claim-{name}"} for name in SERVICES},
        "serviceAccount": {"create": False, "name": "own"}, "edge": {"tls": {"existingSecret": "own-tls"}}},
    "all-settings": NEEDED | {"settings": ALL_SETTINGS, "secretSettings": SECRET_SETTINGS},
    "digests": NEEDED | {"image": {"registry": "registry.example.com:5000", "tag": "9.9.9", "app": {
        "digest": "sha256:" + "a" * 64}}},
    "placed": NEEDED | {"nodeSelector": {"disk": "ssd"}, "priorityClassName": "high", "tolerations": [
        {"key": "crm", "operator": "Exists", "effect": "NoSchedule"}], "podAnnotations": {"team": "crm"}},
    "one-of-each": NEEDED | {"edge": {"replicas": 1}, "roles": {
        f"{name}-web": {"replicas": 1} for name in SERVICES}},
}
Object = dict[str, Any]


@cache
def rendered(name: str, *, upgrade: bool = False) -> tuple[Object, ...]:
    """All objects of one set of values."""
    return tuple(objects(SETS[name], upgrade=upgrade))


def objects(values: dict[str, Any], *, upgrade: bool = False) -> Iterator[Object]:
    """All objects that a release with these values has."""
    with helm.Chart.load(CHART) as chart:
        texts = chart.render(values, name="crm", namespace="sales", is_upgrade=upgrade, revision=2 if upgrade else 1)
    for path, text in texts.items():
        if not path.endswith("NOTES.txt"):
            yield from (one for one in yaml.safe_load_all(text) if one)


def pods(name: str) -> Iterator[tuple[Object, Object]]:
    """(object, specification of its pods) of everything that runs."""
    for one in rendered(name):
        if one["kind"] == "Pod":
            yield one, one["spec"]
        elif "template" in one.get("spec", {}):
            yield one, one["spec"]["template"]["spec"]


def of_kind(name: str, kind: str) -> dict[str, Object]:
    """Objects of a kind by name."""
    return {one["metadata"]["name"]: one for one in rendered(name) if one["kind"] == kind}


def containers(spec: Object) -> list[Object]:
    """Containers of a pod, those that come first as well."""
    return [*spec.get("initContainers", []), *spec["containers"]]
