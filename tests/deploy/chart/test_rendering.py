"""The chart is sound: lint finds nothing, each set of values gives objects that Kubernetes 1.27 to 1.35 knows."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import helm_python as helm
import pytest
from jsonschema import Draft202012Validator
from kubernetes_validate.utils import all_versions, schema_contents
from referencing import Registry, Resource

from chassis.settings import load_settings
from freehold.services import PACKAGES, spec_of
from tests.deploy.chart.rendering import ALL_SETTINGS, CHART, NEEDED, SETS, Object, objects, of_kind, rendered

VERSIONS = [f"1.{minor}" for minor in range(27, 36)]
OF_OTHERS = {"ServiceMonitor", "PrometheusRule"}


@pytest.mark.parametrize("name", SETS)
def test_lint_finds_nothing(name: str) -> None:
    report = helm.lint(CHART, SETS[name], strict=True)
    assert report["errors"] == []
    assert [one["error"] for one in report["messages"] if one["severity"] > 1] == []


@pytest.mark.parametrize("version", VERSIONS)
def test_kubernetes_knows_every_object_and_every_field(version: str) -> None:
    seen = {json.dumps(one, sort_keys=True): one
            for name in SETS for upgrade in (False, True) for one in rendered(name, upgrade=upgrade)}
    faults = [fault for one in seen.values() if one["kind"] not in OF_OTHERS for fault in _faults(one, version)]
    assert faults == []
    assert len(seen) > 100


def test_a_field_that_kubernetes_does_not_know_would_be_found() -> None:
    wrong = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}, "dada": {}}
    assert _faults(wrong, "1.30")


@pytest.mark.parametrize("name", SETS)
def test_no_object_is_there_twice(name: str) -> None:
    for upgrade in (False, True):
        keys = [(one["kind"], one["metadata"]["name"]) for one in rendered(name, upgrade=upgrade)]
        assert len(keys) == len(set(keys))
        assert all(len(name) <= 63 for _, name in keys)


def test_objects_of_operators_come_only_when_they_are_asked_for() -> None:
    found = {name: {one["kind"] for one in rendered(name)} & OF_OTHERS for name in SETS}
    assert found["highly-available"] == OF_OTHERS
    assert {kind for name, kinds in found.items() if name != "highly-available" for kind in kinds} == set()


@pytest.mark.parametrize("wrong", [
    {"publicURL": "https://x"}, {"settings": {"all": {"log_levle": "INFO"}}},
    {"settings": {"gateway": {"session_days": "seven"}}}, {"settings": {"all": {"database_url": "postgresql://…"}}},
    {"secretSettings": {"notify": {"smtp_password": "clear text"}}}, {"roles": {"report-web": {"replicas": 2}}},
    {"persistence": {"accessMode": "ReadOnlyMany"}}, {"image": {"app": {"digest": "latest"}}}], ids=json.dumps)
def test_a_wrong_name_or_value_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(helm.HelmError):
        list(objects(NEEDED | wrong))


def test_the_address_that_people_use_must_be_given() -> None:
    with pytest.raises(helm.HelmError, match="publicUrl"):
        list(objects({}))


def test_the_program_reads_back_every_setting_as_it_was_written() -> None:
    maps = of_kind("all-settings", "ConfigMap")
    for service in PACKAGES:
        env = maps["crm-all"]["data"] | maps[f"crm-{service}"]["data"]
        assert all(isinstance(value, str) for value in env.values())
        settings = load_settings(service, spec_of(service).settings, env)
        for name, value in (ALL_SETTINGS["all"] | ALL_SETTINGS[service]).items():
            assert getattr(settings, name) == value, name
        assert settings.mode == "servers"


def test_the_operator_gets_the_alerts_and_grafana_the_dashboards() -> None:
    groups = [group["name"] for one in rendered("highly-available") if one["kind"] == "PrometheusRule"
              for group in one["spec"]["groups"]]
    assert "freehold-availability" in groups
    assert "freehold-recording" in groups
    boards = of_kind("highly-available", "ConfigMap")["crm-dashboards"]["data"]
    assert {json.loads(text)["uid"] for text in boards.values()} == {
        "freehold-services", "freehold-events", "freehold-business", "freehold-servers"}


def test_a_change_of_settings_starts_the_pods_of_that_service_anew_and_no_others() -> None:
    before, after = (_checksums(values) for values in (NEEDED, NEEDED | {"settings": {"notify": {"smtp_port": 25}}}))
    assert {name for name in before if before[name] != after[name]} == {"crm-notify-web", "crm-notify-worker"}


def test_a_change_of_secrets_starts_everything_anew() -> None:
    before, after = (_checksums(values) for values in (NEEDED, NEEDED | {"secrets": {"revision": "2"}}))
    assert [name for name in before if before[name] == after[name]] == []


def _checksums(values: dict[str, Any]) -> dict[str, Any]:
    return {one["metadata"]["name"]: one["spec"]["template"]["metadata"]["annotations"] for one in objects(values)
            if one["kind"] in ("Deployment", "StatefulSet")}


def _faults(one: Object, version: str) -> list[str]:
    label = f"{one['kind']}/{one['metadata']['name']}"
    return [f"{label}: {fault.json_path}: {fault.message[:200]}"
            for fault in _validator(version, one["apiVersion"], one["kind"]).iter_errors(one)]


@cache
def _validator(version: str, api_version: str, kind: str) -> Draft202012Validator:
    group, _, level = api_version.rpartition("/")
    file = "-".join(part for part in (kind.lower(), group.partition(".")[0], level) if part)
    schema, definitions = _schema(version, file), _schema(version, "_definitions")
    registry = Resource.from_contents(schema) @ (Resource.from_contents(definitions) @ Registry())
    return Draft202012Validator(schema, registry=registry)


@cache
def _schema(version: str, file: str) -> Any:
    exact = next(one for one in all_versions() if one.startswith(f"{version}."))
    return schema_contents(f"kubernetes-json-schema/v{exact}-local-strict/{file}.json", version)
