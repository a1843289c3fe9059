"""What a careful IT department would refuse is not in the chart: root, loose walls, no limits, secrets in sight."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest

from freehold.devstack.roles import ROLES
from tests.deploy.chart.rendering import SETS, Object, containers, of_kind, pods, rendered

every_set = pytest.mark.parametrize("name", SETS)


@every_set
def test_there_is_a_workload_for_every_role_of_the_product(name: str) -> None:
    running = {**of_kind(name, "Deployment"), **of_kind(name, "StatefulSet")}
    for role in ROLES:
        spec = running[f"crm-{role.name}"]["spec"]["template"]["spec"]
        assert spec["containers"][0]["args"] == [role.service, role.kind]
    expected = {f"crm-{role.name}" for role in ROLES} | {"crm-edge"}
    assert set(running) - {"crm-postgresql", "crm-rabbitmq"} == expected


@every_set
def test_nothing_runs_as_root_or_can_become_it(name: str) -> None:
    for owner, spec in pods(name):
        pod = spec["securityContext"]
        assert pod["runAsNonRoot"], owner
        assert pod["runAsUser"] > 10_000
        assert pod["seccompProfile"] == {"type": "RuntimeDefault"}
        assert spec["automountServiceAccountToken"] is False
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(spec)
        for container in containers(spec):
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "runAsNonRoot": True,
                "capabilities": {"drop": ["ALL"]}}


@every_set
def test_every_container_has_requests_and_limits(name: str) -> None:
    for _, spec in pods(name):
        for container in containers(spec):
            for kind in ("requests", "limits"):
                assert set(container["resources"][kind]) == {"cpu", "memory"}, container["name"]


@every_set
def test_what_serves_has_all_three_probes_and_time_to_end(name: str) -> None:
    for owner, spec in pods(name):
        if owner["kind"] in ("Deployment", "StatefulSet"):
            for container in spec["containers"]:
                assert {"startupProbe", "livenessProbe", "readinessProbe"} <= set(container), container["name"]
            assert spec["terminationGracePeriodSeconds"] >= 30


@every_set
def test_no_secret_is_in_an_object_and_none_is_made(name: str) -> None:
    assert of_kind(name, "Secret") == {}
    for one in of_kind(name, "ConfigMap").values():
        assert [key for key in one["data"] if re.search("PASSWORD$|_KEY$|SECRET|(DATABASE|BROKER)_URL", key)] == []
    for _, spec in pods(name):
        for container in containers(spec):
            for variable in container.get("env", []):
                if re.search("PASSWORD|SECRET|DATABASE_URL|BROKER_URL|_KEY", variable["name"]):
                    assert variable["name"].endswith("_FILE")
                    assert variable["value"].startswith("/run/secrets/")


@every_set
def test_a_process_sees_the_secrets_of_its_own_service_alone(name: str) -> None:
    for owner, spec in pods(name):
        service = owner["spec"].get("template", owner)["metadata"]["labels"].get("freehold.io/service")
        if service:
            named = [volume["secret"]["secretName"] for volume in spec["volumes"] if "secret" in volume]
            others = {f"{prefix}-{other.service}" for other in ROLES for prefix in ("freehold", "own")
                      if other.service != service}
            assert named
            assert not set(named) & others


@every_set
def test_everything_is_denied_and_every_pod_is_held_by_it(name: str) -> None:
    deny = of_kind(name, "NetworkPolicy")["crm-default-deny"]["spec"]
    assert deny["policyTypes"] == ["Ingress", "Egress"]
    assert not {"ingress", "egress"} & set(deny)
    for labels in _pod_labels(name):
        assert deny["podSelector"]["matchLabels"].items() <= labels.items()


@pytest.mark.parametrize(("name", "source", "target", "port", "open"), [
    ("bundled", "edge", "gateway-web", "web", True),
    ("bundled", "customer-worker", "workflow-web", "web", True),
    ("bundled", "customer-worker", "postgresql", "server", True),
    ("bundled", "report-web", "rabbitmq", "server", True),
    ("bundled", "test", "edge", "edge", True),
    ("bundled", "edge", "postgresql", "server", False),
    ("bundled", "edge", "rabbitmq", "server", False),
    ("bundled", "edge", "gateway-web", "admin", False),
    ("bundled", "postgresql", "gateway-web", "web", False),
    ("bundled", "postgresql", "rabbitmq", "server", False),
    ("bundled", "gateway-web", "customer-worker", "admin", False),
    ("bundled", "test", "postgresql", "server", False)])
def test_exactly_what_is_needed_is_open(name: str, source: str, target: str, port: str, open: bool) -> None:
    labels = {one["app.kubernetes.io/component"]: one for one in _pod_labels(name)}
    policies = [one["spec"] for one in of_kind(name, "NetworkPolicy").values()]
    both = all(_allows(policies, way, *ends, port) for way, ends in (
        ("egress", (labels[source], labels[target])), ("ingress", (labels[target], labels[source]))))
    assert both is open


def test_only_the_door_is_open_to_the_world() -> None:
    for name in SETS:
        for policy in of_kind(name, "NetworkPolicy").values():
            for rule in policy["spec"].get("ingress", []):
                if "from" not in rule:
                    assert policy["metadata"]["name"] == "crm-edge"


def test_servers_of_the_company_are_reached_at_their_addresses_alone() -> None:
    rules = of_kind("highly-available", "NetworkPolicy")["crm-servers-out"]["spec"]["egress"]
    assert [(rule["to"], rule["ports"]) for rule in rules] == [
        ([{"ipBlock": {"cidr": "10.20.0.0/24"}}], [{"port": 5432}]),
        ([{"ipBlock": {"cidr": "10.20.1.0/24"}}], [{"port": 5671}])]
    mail = of_kind("highly-available", "NetworkPolicy")["crm-outside-mail"]["spec"]
    assert mail["podSelector"]["matchLabels"]["freehold.io/service"] == "notify"
    assert mail["egress"] == [{"ports": [{"port": 587}], "to": [{"ipBlock": {"cidr": "10.20.2.25/32"}}]}]


@every_set
def test_an_eviction_budget_never_blocks_the_only_pod(name: str) -> None:
    budgets = {one["spec"]["selector"]["matchLabels"]["app.kubernetes.io/component"]
               for one in of_kind(name, "PodDisruptionBudget").values()}
    for one in of_kind(name, "Deployment").values():
        component = one["metadata"]["labels"]["app.kubernetes.io/component"]
        scaled = f"crm-{component}" in of_kind(name, "HorizontalPodAutoscaler")
        assert (component in budgets) is (scaled or one["spec"]["replicas"] > 1), component
        assert ("replicas" in one["spec"]) is not scaled


@every_set
def test_data_outlives_the_release(name: str) -> None:
    for one in of_kind(name, "PersistentVolumeClaim").values():
        assert one["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep"
    for one in of_kind(name, "StatefulSet").values():
        assert "volumeClaimTemplates" not in one["spec"]


def test_pods_that_share_a_disk_of_one_node_share_the_node() -> None:
    for name, together in (("defaults", True), ("highly-available", False)):
        for owner, spec in pods(name):
            disk = owner["spec"].get("template", owner)["metadata"]["labels"].get("freehold.io/disk")
            assert ("affinity" in spec) is (together and disk is not None), owner["metadata"]["name"]


def test_roles_wait_for_their_migrations_which_come_before_an_upgrade() -> None:
    for owner, spec in pods("defaults"):
        if "wait-for-schema" in [one["name"] for one in spec.get("initContainers", [])]:
            service = owner["spec"]["template"]["metadata"]["labels"]["freehold.io/service"]
            assert spec["initContainers"][0]["args"][:3] == ["wait", "schema", service]
    jobs = [one for one in rendered("bundled", upgrade=True) if one["kind"] == "Job"]
    assert [one["metadata"]["annotations"]["helm.sh/hook"] for one in jobs] == ["pre-upgrade"] * 6
    weights = [int(one["metadata"]["annotations"]["helm.sh/hook-weight"]) for one in jobs]
    assert weights[0] == min(weights), "databases come before what is in them"
    assert not any(one["metadata"].get("annotations") for one in of_kind("bundled", "Job").values())


def test_every_image_comes_from_the_companys_registry() -> None:
    images = Counter(container["image"].rpartition("/")[0] for _, spec in pods("air-gapped")
                     for container in containers(spec))
    assert set(images) == {"registry.example.com/crm/freehold"}
    own = {container["image"] for _, spec in pods("digests") for container in containers(spec)}
    registry = "registry.example.com:5000/freehold"
    assert own == {f"{registry}/app@sha256:" + "a" * 64, f"{registry}/edge:9.9.9"}


@every_set
def test_no_variable_of_the_clusters_own_can_be_taken_for_a_setting(name: str) -> None:
    assert all(spec["enableServiceLinks"] is False for _, spec in pods(name))


def _pod_labels(name: str) -> list[dict[str, str]]:
    return [owner["spec"].get("template", owner)["metadata"]["labels"] for owner, _ in pods(name)]


def _allows(policies: list[Object], way: str, pod: dict[str, str], peer: dict[str, str], port: str) -> bool:
    """Whether a policy lets `pod` speak (`egress`) or listen (`ingress`) to `peer` on a named port."""
    side = "to" if way == "egress" else "from"
    return any(_selects(policy["podSelector"], pod) and _names(rule, port)
               and any(_is_peer(one, peer) for one in rule.get(side, [{}]))
               for policy in policies for rule in policy.get(way, []))


def _names(rule: Object, port: str) -> bool:
    return any(one["port"] == port for one in rule["ports"])


def _is_peer(one: Object, peer: dict[str, str]) -> bool:
    return not one or ("podSelector" in one and "namespaceSelector" not in one and _selects(one["podSelector"], peer))


def _selects(selector: dict[str, Any], labels: dict[str, str]) -> bool:
    return selector.get("matchLabels", {}).items() <= labels.items() and all(
        labels.get(one["key"]) in one["values"] for one in selector.get("matchExpressions", []))
