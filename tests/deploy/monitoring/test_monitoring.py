"""Rules and dashboards speak of metrics that the product really has, and each alert is proved and explained."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import urllib3
import yaml
from prometheus_client import REGISTRY

from chassis.testkit.processes import free_port
from freehold.backup.metrics import METRICS
from freehold.services import PACKAGES, spec_of

ROOT = Path(__file__).resolve().parents[3]
MONITORING = ROOT / "deploy" / "monitoring"
RULES = sorted((MONITORING / "rules").glob("*.yml"))
BOARDS = sorted((MONITORING / "dashboards").glob("*.json"))
RUNBOOKS = (ROOT / "docs" / "operations" / "alerts.md", ROOT / "docs" / "operations" / "alerts.zh-CN.md")
ALERTS = {rule["alert"]: rule for path in RULES for group in yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]
          for rule in group["rules"] if "alert" in rule}
OF_BACKUPS = {name for name, _ in METRICS.values()}  # left for node-exporter by commands that no one could scrape
OF_THE_TARGET = {"service", "role", "instance", "job", "le"}
SELECTOR = re.compile(r"\b(freehold_[a-z_]+)(?:\{([^}]*)\})?")


def promtool(*arguments: str, text: bytes = b"") -> str:
    done = subprocess.run(["promtool", *arguments], input=text, capture_output=True, cwd=MONITORING, timeout=120,
                          check=False)
    assert done.returncode == 0, (done.stdout + done.stderr).decode()
    return done.stdout.decode()


def expressions() -> Iterator[tuple[str, str]]:
    """(where, expression) of all rules and panels."""
    for path in RULES:
        for group in yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]:
            yield from ((rule.get("alert") or rule["record"], rule["expr"]) for rule in group["rules"])
    for path in BOARDS:
        board = json.loads(path.read_text(encoding="utf-8"))
        yield from ((f"{path.name}: {panel['title']}", target["expr"])
                    for panel in board["panels"] for target in panel["targets"])


@pytest.fixture(scope="module")
def metrics() -> dict[str, set[str]]:
    """Names and labels of the metrics that the services declare."""
    for name in PACKAGES:
        spec_of(name)
    found: dict[str, set[str]] = {}
    for collector in list(REGISTRY._collector_to_names):
        labels = set(getattr(collector, "_labelnames", ()))
        found |= dict.fromkeys(REGISTRY._collector_to_names[collector], labels)
    return found | {name: set() for name in OF_BACKUPS}


@pytest.fixture(scope="module")
def exposition(tmp_path_factory: pytest.TempPathFactory) -> Iterator[bytes]:
    """What a running product answers at /metrics."""
    admin = f"127.0.0.1:{free_port()}"
    env = {**os.environ, "FREEHOLD_HOME": str(tmp_path_factory.mktemp("product")), "FREEHOLD_ADMIN_LISTEN": admin,
           "FREEHOLD_LISTEN": f"127.0.0.1:{free_port()}"}
    product = subprocess.Popen([sys.executable, "-m", "freehold.cli", "run", "--no-demo"], env=env, cwd=ROOT,
                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield _metrics_of(admin)
    finally:
        product.send_signal(signal.SIGINT)
        product.wait(60)


def test_prometheus_understands_configuration_and_rules() -> None:
    promtool("check", "config", "prometheus.yml")


def test_every_alert_comes_when_it_should_and_only_then() -> None:
    promtool("test", "rules", "tests/alerts.yml")


@pytest.mark.parametrize("alert", ALERTS)
def test_an_alert_is_proved_both_ways_and_explained_in_both_languages(alert: str) -> None:
    courses = yaml.safe_load((MONITORING / "tests" / "alerts.yml").read_text(encoding="utf-8"))["tests"]
    expected = [test["exp_samples"] for one in courses for test in one["promql_expr_test"]
                if f'alertname="{alert}"' in test["expr"]]
    assert sorted(bool(samples) for samples in expected) == [False, True]
    rule = ALERTS[alert]
    assert rule["labels"]["severity"] in ("critical", "warning")
    assert set(rule["annotations"]) == {"summary", "summary_zh", "runbook"}
    assert rule["annotations"]["runbook"] == f"{RUNBOOKS[0].relative_to(ROOT)}#{alert.lower()}"
    for page in RUNBOOKS:
        assert f"\n### {alert}\n" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("page", RUNBOOKS, ids=lambda page: page.name)
def test_no_runbook_speaks_of_an_alert_that_is_gone(page: Path) -> None:
    assert set(re.findall(r"^### (\S+)$", page.read_text(encoding="utf-8"), re.MULTILINE)) == set(ALERTS)


def test_rules_and_dashboards_name_metrics_and_labels_that_exist(metrics: dict[str, set[str]]) -> None:
    unknown = []
    for where, expression in expressions():
        for name, matchers in SELECTOR.findall(expression):
            labels = set(re.findall(r"([a-z_]+)[!=]", matchers)) - OF_THE_TARGET
            if name not in metrics or labels - metrics[name]:
                unknown.append(f"{where}: {name}{sorted(labels)}")
    assert unknown == []


def test_recorded_series_that_are_used_are_recorded() -> None:
    recorded = {where for where, _ in expressions() if where.startswith("freehold:")}
    used = {name for _, expression in expressions() for name in re.findall(r"freehold:[a-z]+:[a-z0-9]+", expression)}
    assert used <= recorded


def test_the_running_product_has_these_metrics_in_a_form_that_prometheus_reads(exposition: bytes) -> None:
    promtool("check", "metrics", text=_without_lint_of_python(exposition))
    exposed = set(re.findall(rb"^# TYPE (freehold_[a-z_]+)", exposition, re.MULTILINE))
    named = {name.encode() for _, expression in expressions() for name, _ in SELECTOR.findall(expression)}
    assert {name for name in named if name not in exposed and name.decode() not in OF_BACKUPS
            and re.sub(rb"_(bucket|count|sum)$", b"", name) not in exposed} == set()


@pytest.mark.parametrize("path", BOARDS, ids=lambda path: path.stem)
def test_a_dashboard_is_whole_and_speaks_both_languages(path: Path) -> None:
    board: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    ids = [panel["id"] for panel in board["panels"]]
    assert len(ids) == len(set(ids)) >= 9
    assert board["uid"] == f"freehold-{path.stem}"
    for panel in board["panels"]:
        assert panel["targets"]
        assert panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24
        assert re.search("[\u4e00-\u9fff]", panel["title"]), panel["title"]


def _metrics_of(admin: str) -> bytes:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        try:
            answer = urllib3.request("GET", f"http://{admin}/metrics", retries=False, timeout=5)
        except urllib3.exceptions.HTTPError:
            time.sleep(0.3)
            continue
        if b"freehold_outbox_depth{" in answer.data:
            return answer.data
        time.sleep(0.3)
    raise AssertionError("no metrics within 90 s")


def _without_lint_of_python(text: bytes) -> bytes:
    """Leave out what Python's own collectors call by names that promtool finds fault with."""
    return b"".join(line for line in text.splitlines(keepends=True) if b"freehold_" in line and b"_created" not in line)
