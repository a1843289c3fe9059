"""Which kind of server the tests get."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from chassis.testkit import servers
from chassis.testkit.containers import ContainerPostgres, ContainerRabbit, engine_has_images


class FakeEngine:
    """A container engine that knows some images; `None` stands for one that does not answer."""

    def __init__(self, *images: str | None) -> None:
        self.images = images
        self.asked: list[str] = []

    def __call__(self, argv: Sequence[str]) -> int:
        self.asked.append(" ".join(argv))
        return 0 if argv[-1] in self.images else 1


def test_containers_are_chosen_when_both_images_were_built_here() -> None:
    assert engine_has_images(FakeEngine("freehold/postgres", "freehold/rabbitmq"))


@pytest.mark.parametrize("images", [(), ("freehold/postgres",), ("freehold/rabbitmq",), ("postgres", "rabbitmq")])
def test_containers_are_not_chosen_when_an_image_is_missing(images: tuple[str, ...]) -> None:
    assert not engine_has_images(FakeEngine(*images))


def test_the_question_pulls_nothing() -> None:
    engine = FakeEngine("freehold/postgres", "freehold/rabbitmq")
    engine_has_images(engine)
    assert engine.asked == ["docker image inspect freehold/postgres", "docker image inspect freehold/rabbitmq"]


def test_without_an_engine_the_servers_are_private_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert not engine_has_images()


def test_a_caller_may_decide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "engine_has_images", lambda: True)
    monkeypatch.setattr(servers, "PrivatePostgres", lambda fsync: "private postgres")
    monkeypatch.setattr(servers, "PrivateRabbit", lambda: "private rabbit")
    assert servers.postgres_server(in_container=False) == "private postgres"
    assert servers.rabbit_server(in_container=False) == "private rabbit"


def test_both_kinds_offer_the_same_methods() -> None:
    for private, container in ((servers.PrivatePostgres, ContainerPostgres), (servers.PrivateRabbit, ContainerRabbit)):
        kept_data = {"log", "pid", "launch", "wait", "is_running"}
        offered = {name for name in dir(private) if not name.startswith("_")} - kept_data
        assert offered <= set(dir(container))
