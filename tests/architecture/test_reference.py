"""Documentation that cannot lie: the reference pages are what the program's tables say."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from chassis.formulas.reference import render_formulas
from chassis.testkit import contracts
from freehold import kit_docs
from freehold.docs import REFERENCE, render_events, render_settings
from freehold.services import PACKAGES, spec_of
from services.workflow.model.processes.vocabulary import render_vocabulary

ROOT = Path(__file__).resolve().parents[2]


def test_every_setting_is_documented() -> None:
    assert (REFERENCE / "settings.md").read_text(encoding="utf-8") == render_settings(), "run `make docs`"


def test_every_event_is_documented() -> None:
    assert (REFERENCE / "events.md").read_text(encoding="utf-8") == render_events(), "run `make docs`"


def test_the_page_of_formulas_is_current() -> None:
    assert (REFERENCE / "formulas.md").read_text(encoding="utf-8") == render_formulas(), "run `make docs`"


def test_the_page_of_bpmn_is_current() -> None:
    assert (REFERENCE / "bpmn.md").read_text(encoding="utf-8") == render_vocabulary(), "run `make docs`"


def test_the_deployment_kit_names_the_settings_of_today() -> None:
    for path, text in kit_docs.files().items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name}: run `make docs`"


def test_every_published_event_has_a_schema_and_every_schema_a_publisher() -> None:
    published = [type for name in PACKAGES for type in spec_of(name).publishes]
    assert sorted(published) == contracts.event_types()


@pytest.mark.parametrize("service", PACKAGES)
def test_a_service_publishes_only_in_its_own_name(service: str) -> None:
    assert [type for type in spec_of(service).publishes if not type.startswith(f"freehold.{service}.")] == []


@pytest.mark.parametrize("service", PACKAGES)
def test_a_service_listens_only_to_events_that_exist(service: str) -> None:
    heard = {type for subscription in spec_of(service).subscriptions for type in subscription.types}
    assert heard - set(contracts.event_types()) == set()


@pytest.mark.parametrize("service", PACKAGES)
def test_a_service_reads_only_its_own_queues(service: str) -> None:
    queues = [subscription.queue for subscription in spec_of(service).subscriptions]
    assert [queue for queue in queues if not queue.startswith(f"{service}.")] == []


@pytest.mark.parametrize("event_type", contracts.event_types())
def test_a_schema_is_valid_and_refuses_an_empty_event(event_type: str) -> None:
    contracts.validator(event_type).check_schema(contracts.schema(event_type))
    assert contracts.violations({"type": event_type, "data": {}})


def test_every_dependency_has_a_licence_that_allows_on_premises_sale() -> None:
    script = runpy.run_path(str(ROOT / "scripts" / "licences.py"))
    found = script["parts"]()
    assert script["faults"](part for rows in found.values() for part in rows) == []
    assert script["render"](found) == script["PAGE"].read_text(encoding="utf-8"), "run `make docs`"
