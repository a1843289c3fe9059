"""Every command that the chart runs is one that the program has, with options that it knows."""

from __future__ import annotations

from importlib import import_module

import click
import pytest

from freehold import cli
from tests.deploy.chart.rendering import SETS, containers, pods


def commands(name: str) -> list[list[str]]:
    """Argument lists of all containers that run the application."""
    found = {tuple(container["args"]) for _, spec in pods(name) for container in containers(spec)
             if "freehold/app" in container["image"]}
    return [list(one) for one in sorted(found)]


@pytest.mark.parametrize("name", SETS)
def test_the_program_knows_every_command_of_the_chart(name: str) -> None:
    assert len(commands(name)) >= 15
    for arguments in commands(name):
        command, rest = _command(arguments)
        context = click.Context(command)
        command.make_parser(context).parse_args(list(rest))


def test_a_command_that_does_not_exist_would_be_found() -> None:
    with pytest.raises(click.UsageError):
        _command(["edge", "nginx-configuration"])
    command, rest = _command(["wait", "schema", "--patience", "3"])
    with pytest.raises(click.UsageError):
        command.make_parser(click.Context(command)).parse_args(rest)


def _command(arguments: list[str]) -> tuple[click.Command, list[str]]:
    command: click.Command = cli.main
    rest = list(arguments)
    while isinstance(command, click.Group):
        name = rest.pop(0)
        inner = command.get_command(click.Context(command), name)
        if inner is None and command is cli.main and name in cli._LAZY:
            module, attribute = cli._LAZY[name]
            inner = getattr(import_module(module), attribute)
        if inner is None:
            raise click.UsageError(f"there is no command {name!r}")
        command = inner
    return command, rest
