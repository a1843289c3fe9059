"""Both sides of every event are held to its schema: the example keeps it, and who listens can work the example.

That publishers keep to the schemas is checked in every test that makes a service publish (tests/conftest.py).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from chassis.events.message import message_from_json
from chassis.testkit import contracts
from chassis.testkit.harness import Harness
from freehold.services import PACKAGES, spec_of

EXAMPLES = contracts.FOLDER / "examples"
# In this order each finds what it is about: people, then objects, then records, then what was done with them.
ORDER = sorted(
    contracts.event_types(),
    key=lambda name: (
        ["gateway", "customer", "workflow", "notify", "report"].index(name.split(".")[1]),
        "object" not in name,
        name,
    ),
)


def example(event_type: str) -> str:
    return (EXAMPLES / f"{event_type}.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("event_type", contracts.event_types())
def test_every_event_has_an_example_that_keeps_its_schema(event_type: str) -> None:
    assert contracts.violations(json.loads(example(event_type))) == []


@pytest.mark.parametrize("event_type", contracts.event_types())
def test_a_message_reads_and_writes_without_loss(event_type: str) -> None:
    assert json.loads(message_from_json(example(event_type)).to_json()) == json.loads(example(event_type))


@pytest.mark.parametrize("service", PACKAGES)
def test_a_service_can_work_every_event_it_listens_to(
    service: str, tmp_path: Path, postgres_url: str, request: pytest.FixtureRequest
) -> None:
    harness = Harness(spec_of(service), tmp_path, database_url=postgres_url)
    request.addfinalizer(harness.close)
    for event_type in ORDER:
        harness.deliver(message_from_json(example(event_type)))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda event: event["data"].pop(next(iter(event["data"]))),
        lambda event: event["data"].update(surprise=1),
        lambda event: event.update(source="/freehold/somebody-else"),
        lambda event: event.pop("requestid"),
        lambda event: event.update(id="1"),
    ],
)
@pytest.mark.parametrize("event_type", contracts.event_types())
def test_a_schema_notices_what_is_wrong(event_type: str, spoil: Callable[[dict], object]) -> None:
    event = json.loads(example(event_type))
    spoil(event)
    assert contracts.violations(event) != []
